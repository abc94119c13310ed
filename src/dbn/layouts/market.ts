import { rtype } from '../codes.ts';
import type { FieldRow, LayoutSpec } from './spec.ts';

const pairRows = [
  ['bid_px', 'price', 0],
  ['ask_px', 'price', 8],
  ['bid_sz', 'u32', 16],
  ['ask_sz', 'u32', 20],
  ['bid_ct', 'u32', 24],
  ['ask_ct', 'u32', 28],
] as const satisfies readonly FieldRow[];

const consolidatedPairRows = [
  ['bid_px', 'price', 0],
  ['ask_px', 'price', 8],
  ['bid_sz', 'u32', 16],
  ['ask_sz', 'u32', 20],
  ['bid_pb', 'u16', 24],
  ['ask_pb', 'u16', 28],
] as const satisfies readonly FieldRow[];

/** Market by order: one event in the life of one order. */
export const mbo = {
  name: 'mbo',
  version: 1,
  rtypes: [rtype.mbo],
  recordBytes: 56,
  rows: [
    ['ts_recv', 'timestamp', 40],
    ['action', 'char', 38],
    ['side', 'char', 39],
    ['price', 'price', 24],
    ['size', 'u32', 32],
    ['channel_id', 'u8', 37],
    ['order_id', 'u64', 16],
    ['flags', 'u8', 36],
    ['ts_in_delta', 'i32', 48],
    ['sequence', 'u32', 52],
  ],
} as const satisfies LayoutSpec;

/** A trade. */
export const trades = {
  name: 'trades',
  version: 1,
  rtypes: [rtype.mbp0],
  recordBytes: 48,
  rows: [
    ['ts_recv', 'timestamp', 32],
    ['action', 'char', 28],
    ['side', 'char', 29],
    ['depth', 'u8', 31],
    ['price', 'price', 16],
    ['size', 'u32', 24],
    ['flags', 'u8', 30],
    ['ts_in_delta', 'i32', 40],
    ['sequence', 'u32', 44],
  ],
} as const satisfies LayoutSpec;

/** A change of the best price levels (mbp-1), or a trade with them (tbbo). */
export const mbp1 = {
  name: 'mbp1',
  version: 1,
  rtypes: [rtype.mbp1],
  recordBytes: 80,
  rows: [
    ['ts_recv', 'timestamp', 32],
    ['action', 'char', 28],
    ['side', 'char', 29],
    ['depth', 'u8', 31],
    ['price', 'price', 16],
    ['size', 'u32', 24],
    ['flags', 'u8', 30],
    ['ts_in_delta', 'i32', 40],
    ['sequence', 'u32', 44],
  ],
  levels: { offset: 48, bytes: 32, count: 1, rows: pairRows },
} as const satisfies LayoutSpec;

/** A change of the ten best price levels of each side. */
export const mbp10 = {
  name: 'mbp10',
  version: 1,
  rtypes: [rtype.mbp10],
  recordBytes: 368,
  rows: [
    ['ts_recv', 'timestamp', 32],
    ['action', 'char', 28],
    ['side', 'char', 29],
    ['depth', 'u8', 31],
    ['price', 'price', 16],
    ['size', 'u32', 24],
    ['flags', 'u8', 30],
    ['ts_in_delta', 'i32', 40],
    ['sequence', 'u32', 44],
  ],
  levels: { offset: 48, bytes: 32, count: 10, rows: pairRows },
} as const satisfies LayoutSpec;

/** The best price levels at the end of a second or minute, and the last trade. */
export const bbo = {
  name: 'bbo',
  version: 1,
  rtypes: [rtype.bbo1s, rtype.bbo1m],
  recordBytes: 80,
  rows: [
    ['ts_recv', 'timestamp', 32],
    ['side', 'char', 29],
    ['price', 'price', 16],
    ['size', 'u32', 24],
    ['flags', 'u8', 30],
    ['sequence', 'u32', 44],
  ],
  levels: { offset: 48, bytes: 32, count: 1, rows: pairRows },
} as const satisfies LayoutSpec;

/** A change of the consolidated best price levels of several venues (cmbp-1), or a trade with them (tcbbo). */
export const cmbp1 = {
  name: 'cmbp1',
  version: 1,
  rtypes: [rtype.cmbp1, rtype.tcbbo],
  recordBytes: 80,
  rows: [
    ['ts_recv', 'timestamp', 32],
    ['action', 'char', 28],
    ['side', 'char', 29],
    ['price', 'price', 16],
    ['size', 'u32', 24],
    ['flags', 'u8', 30],
    ['ts_in_delta', 'i32', 40],
  ],
  levels: { offset: 48, bytes: 32, count: 1, rows: consolidatedPairRows },
} as const satisfies LayoutSpec;

/** The consolidated best price levels at the end of a second or minute, and the last trade. */
export const cbbo = {
  name: 'cbbo',
  version: 1,
  rtypes: [rtype.cbbo1s, rtype.cbbo1m],
  recordBytes: 80,
  rows: [
    ['ts_recv', 'timestamp', 32],
    ['side', 'char', 29],
    ['price', 'price', 16],
    ['size', 'u32', 24],
    ['flags', 'u8', 30],
  ],
  levels: { offset: 48, bytes: 32, count: 1, rows: consolidatedPairRows },
} as const satisfies LayoutSpec;

/** Open, high, low, close and volume of an interval that starts at `ts_event`. */
export const ohlcv = {
  name: 'ohlcv',
  version: 1,
  rtypes: [rtype.ohlcv1s, rtype.ohlcv1m, rtype.ohlcv1h, rtype.ohlcv1d, rtype.ohlcvEod, rtype.ohlcvDeprecated],
  recordBytes: 56,
  rows: [
    ['open', 'price', 16],
    ['high', 'price', 24],
    ['low', 'price', 32],
    ['close', 'price', 40],
    ['volume', 'u64', 48],
  ],
} as const satisfies LayoutSpec;
