import { zstdCompressSync } from 'node:zlib';
import {
  type DbnVersion,
  encodeMetadata,
  type Field,
  type Layout,
  layouts,
  type Metadata,
  symbolCstrLenV1,
} from '../../src/dbn/index.ts';
import { seeded } from '../helpers/seeded.ts';
import { smallMetadata } from '../helpers/small_session.ts';
import { join } from './mutate.ts';
import type { Random } from './target.ts';

const recordsOfLayout = 3;

/** A stream of every version with records of every layout that it has, and one of each with `ts_out`. */
export function dbnStreams(): Uint8Array[] {
  const random = seeded(20260206);
  return ([1, 2, 3] as const).flatMap((version) =>
    [false, true].map((tsOut) => {
      const metadata = metadataOf(version, tsOut);
      const records = layoutsOf(version).flatMap((layout) =>
        Array.from({ length: recordsOfLayout }, () => recordOf(layout, random, tsOut)),
      );
      return join([encodeMetadata(metadata), ...records]);
    }),
  );
}

/** Streams of one schema each, of which nothing but the records differs. */
export function mboStreams(): Uint8Array[] {
  const random = seeded(7);
  return ([1, 2, 3] as const).map((version) =>
    join([
      encodeMetadata({ ...metadataOf(version, false), schema: 'mbo' }),
      ...Array.from({ length: 40 }, () => recordOf(layouts.mbo, random, false)),
    ]),
  );
}

/** A stream of version 1 as the legacy DBZ file of the same records. */
export function dbzOf(stream: Uint8Array, metadataBytes: number, recordCount: number): Uint8Array {
  // Behind the prefix and the fixed fields both formats have the same lists.
  const lists = zstdCompressSync(stream.subarray(8 + 100, metadataBytes));
  const head = new Uint8Array(8 + 96);
  const view = new DataView(head.buffer);
  head.set([0x51, 0x2a, 0x4d, 0x18]);
  view.setUint32(4, 96 + lists.length, true);
  head.set([0x44, 0x42, 0x5a, 1], 8);
  // Dataset, schema, start, end and limit stand as in DBN.
  head.set(stream.subarray(8, 8 + 16 + 2 + 24), 12);
  view.setBigUint64(54, BigInt(recordCount), true);
  // stype_in and stype_out follow the compression.
  head.set(stream.subarray(58, 60), 63);
  return join([head, lists, zstdCompressSync(stream.subarray(metadataBytes))]);
}

function metadataOf(version: DbnVersion, tsOut: boolean): Metadata {
  return {
    ...smallMetadata,
    version,
    schema: null,
    tsOut,
    ...(version === 1 ? { symbolCstrLen: symbolCstrLenV1 } : {}),
    symbols: ['MNQH6', 'ESH6'],
    partial: ['ESH6'],
    notFound: ['NONE'],
    mappings: [
      ...smallMetadata.mappings,
      { rawSymbol: 'ESH6', intervals: [{ startDate: 20260206, endDate: 20260208, symbol: '42' }] },
    ],
  };
}

/** The layout that each record type has in a version: the newest that is not newer. */
function layoutsOf(version: DbnVersion): Layout[] {
  return Object.values(layouts).filter(
    (layout) =>
      layout.version <= version &&
      !Object.values(layouts).some(
        (other) => other.version <= version && other.version > layout.version && other.rtypes[0] === layout.rtypes[0],
      ),
  );
}

/** A record whose fields hold small numbers, letters, times of the session and prices of its market. */
function recordOf(layout: Layout, random: Random, tsOut: boolean): Uint8Array {
  const bytes = new Uint8Array(layout.recordBytes + (tsOut ? 8 : 0));
  const view = new DataView(bytes.buffer);
  for (const field of [...layout.fields, ...layout.levels.flat()]) writeField(view, field, random);
  bytes[0] = bytes.length / 4;
  bytes[1] = layout.rtypes[0]!;
  view.setUint16(2, 1, true);
  view.setUint32(4, random() < 0.5 ? 7 : 42, true);
  if (tsOut) view.setBigUint64(layout.recordBytes, timeNs(random), true);
  return bytes;
}

function writeField(view: DataView, { type, offset, bytes }: Field, random: Random): void {
  const small = Math.floor(random() * 100);
  if (type === 'timestamp') view.setBigUint64(offset, timeNs(random), true);
  else if (type === 'price') view.setBigInt64(offset, BigInt(25_000 + small) * 250_000_000n, true);
  else if (type === 'char') view.setUint8(offset, 'ABCFMNRTY'.charCodeAt(Math.floor(random() * 9)));
  else if (type === 'cstr') {
    const text = new TextEncoder().encode('MNQH6'.slice(0, Math.min(5, bytes - 1)));
    new Uint8Array(view.buffer).set(text, offset);
  } else if (bytes === 1) view.setUint8(offset, small);
  else if (bytes === 2) view.setUint16(offset, small, true);
  else if (bytes === 4) view.setUint32(offset, small, true);
  else view.setBigUint64(offset, BigInt(small), true);
}

const timeNs = (random: Random): bigint => 1_770_388_200_000_000_000n + BigInt(Math.floor(random() * 6e11));
