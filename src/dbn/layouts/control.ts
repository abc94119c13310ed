import { rtype } from '../codes.ts';
import type { LayoutSpec } from './spec.ts';

/** The live gateway's error message, version 1. */
export const errorV1 = {
  name: 'errorV1',
  version: 1,
  rtypes: [rtype.error],
  recordBytes: 80,
  rows: [['err', 'cstr', 16, 64]],
} as const satisfies LayoutSpec;

/** The live gateway's error message, versions 2 and 3. */
export const errorV2 = {
  name: 'errorV2',
  version: 2,
  rtypes: [rtype.error],
  recordBytes: 320,
  rows: [
    ['err', 'cstr', 16, 302],
    ['code', 'u8', 318],
    ['is_last', 'u8', 319],
  ],
} as const satisfies LayoutSpec;

/** A live stream's symbol mapping, version 1. */
export const symbolMappingV1 = {
  name: 'symbolMappingV1',
  version: 1,
  rtypes: [rtype.symbolMapping],
  recordBytes: 80,
  rows: [
    ['stype_in_symbol', 'cstr', 16, 22],
    ['stype_out_symbol', 'cstr', 38, 22],
    ['start_ts', 'timestamp', 64],
    ['end_ts', 'timestamp', 72],
  ],
} as const satisfies LayoutSpec;

/** A live stream's symbol mapping, versions 2 and 3. */
export const symbolMappingV2 = {
  name: 'symbolMappingV2',
  version: 2,
  rtypes: [rtype.symbolMapping],
  recordBytes: 176,
  rows: [
    ['stype_in', 'u8', 16],
    ['stype_in_symbol', 'cstr', 17, 71],
    ['stype_out', 'u8', 88],
    ['stype_out_symbol', 'cstr', 89, 71],
    ['start_ts', 'timestamp', 160],
    ['end_ts', 'timestamp', 168],
  ],
} as const satisfies LayoutSpec;

/** The live gateway's message or heartbeat, version 1. */
export const systemV1 = {
  name: 'systemV1',
  version: 1,
  rtypes: [rtype.system],
  recordBytes: 80,
  rows: [['msg', 'cstr', 16, 64]],
} as const satisfies LayoutSpec;

/** The live gateway's message or heartbeat, versions 2 and 3. */
export const systemV2 = {
  name: 'systemV2',
  version: 2,
  rtypes: [rtype.system],
  recordBytes: 320,
  rows: [
    ['msg', 'cstr', 16, 303],
    ['code', 'u8', 319],
  ],
} as const satisfies LayoutSpec;
