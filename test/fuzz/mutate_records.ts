import { encodeRecord, flag } from '../../src/dbn/index.ts';
import { pick } from '../helpers/seeded.ts';
import { below, changeCount } from './mutate.ts';
import type { Random } from './target.ts';

const recordBytes = 56;
/** Bytes of the fields of an MBO record. */
const at = {
  publisher: 2,
  instrument: 4,
  tsEvent: 8,
  orderId: 16,
  price: 24,
  size: 32,
  flags: 36,
  action: 38,
  side: 39,
  tsRecv: 40,
} as const;

const tickInt = 250_000_000n;
const int64Max = 2n ** 63n - 1n;
const uint64Max = 2n ** 64n - 1n;
const prices = [0n, 1n, -1n, tickInt, -tickInt, int64Max, int64Max - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n];
const sizes = [0, 1, 2, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1];
const ids = [0n, 1n, 1n << 32n, 2n ** 63n, uint64Max];
const steps = [0n, 1n, -1n, 100_000_000n, -100_000_000n, 3_600_000_000_000n, -3_600_000_000_000n, 86_400_000_000_000n];
const allFlags = [0, ...Object.values(flag), flag.last | flag.tob, flag.snapshot | flag.last, 255];

const mostRecords = 1500;

/** The records of a stream, each a view. */
export function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += (bytes[start] ?? 0) * 4) {
    if (bytes[start] === 0) break;
    records.push(bytes.subarray(start, start + bytes[start]! * 4));
  }
  return records;
}

/** Records after a few changes to the fields of MBO records and to their order; copies. All of them can be decoded. */
export function mutateRecords(random: Random, records: readonly Uint8Array[]): Uint8Array[] {
  const made = records.map((record) => record.slice());
  for (let left = changeCount(random) * 2; left > 0 && made.length > 0; left--) change(random, made);
  return made.slice(0, mostRecords);
}

function change(random: Random, records: Uint8Array[]): void {
  const index = below(random, records.length);
  const other = below(random, records.length);
  const how = random();
  if (how < 0.7) setField(random, records[index]!, records[other]!);
  else if (how < 0.75) records[index] = records[other]!.slice();
  else if (how < 0.8) records.splice(index, 1);
  else if (how < 0.9) {
    const run = records.slice(other, other + 1 + below(random, 20));
    records.splice(index, 0, ...run.map((record) => record.slice()));
  } else if (how < 0.95) shiftTimes(random, records.slice(index));
  else records.splice(index, 0, otherRecord(random));
}

function setField(random: Random, record: Uint8Array, other: Uint8Array): void {
  if (record.length !== recordBytes || other.length !== recordBytes) return;
  const view = new DataView(record.buffer, record.byteOffset, recordBytes);
  const from = new DataView(other.buffer, other.byteOffset, recordBytes);
  switch (pick(random, Object.keys(at) as (keyof typeof at)[])) {
    case 'publisher':
      view.setUint16(at.publisher, pick(random, random() < 0.2 ? [0, 2, 65535] : [1]), true);
      break;
    case 'instrument':
      view.setUint32(at.instrument, pick(random, [0, 7, 8, 2 ** 32 - 1]), true);
      break;
    case 'tsEvent':
    case 'tsRecv': {
      const place = random() < 0.5 ? at.tsEvent : at.tsRecv;
      const near = BigInt.asUintN(64, from.getBigUint64(place, true) + pick(random, steps));
      view.setBigUint64(place, pick(random, [near, near, near, 0n, uint64Max, uint64Max - 1n, 2n ** 63n]), true);
      break;
    }
    case 'orderId':
      view.setBigUint64(at.orderId, random() < 0.8 ? from.getBigUint64(at.orderId, true) : pick(random, ids), true);
      break;
    case 'price': {
      const near = from.getBigInt64(at.price, true) + BigInt(below(random, 41) - 20) * pick(random, [1n, tickInt]);
      view.setBigInt64(at.price, BigInt.asIntN(64, random() < 0.7 ? near : pick(random, prices)), true);
      break;
    }
    case 'size':
      view.setUint32(at.size, random() < 0.4 ? from.getUint32(at.size, true) : pick(random, sizes), true);
      break;
    case 'flags':
      view.setUint8(at.flags, random() < 0.8 ? pick(random, allFlags) : below(random, 256));
      break;
    case 'action':
      view.setUint8(at.action, random() < 0.9 ? pick(random, [...'ACMRTFN']).charCodeAt(0) : below(random, 256));
      break;
    case 'side':
      view.setUint8(at.side, random() < 0.9 ? pick(random, [...'ABN']).charCodeAt(0) : below(random, 256));
      break;
  }
}

/** Moves the times of records. */
function shiftTimes(random: Random, records: readonly Uint8Array[]): void {
  const by = pick(random, steps);
  for (const record of records.filter(({ length }) => length === recordBytes)) {
    const view = new DataView(record.buffer, record.byteOffset, recordBytes);
    for (const place of [at.tsEvent, at.tsRecv])
      view.setBigUint64(place, BigInt.asUintN(64, view.getBigUint64(place, true) + by), true);
  }
}

/** A record of another type: a mapping of a live recording, or one that is of no interest. */
function otherRecord(random: Random): Uint8Array {
  const header = { publisherId: 1, instrumentId: pick(random, [7, 8]), tsEvent: 1_770_388_200_000_000_000n };
  if (random() < 0.2) return encodeRecord({ layout: 'unknown', rtype: 0x77, bytes: unknownBytes, ...header });
  return encodeRecord({
    layout: 'symbolMappingV2',
    rtype: 22,
    ...header,
    stypeIn: 1,
    stypeInSymbol: 'MNQH6',
    stypeOut: 0,
    stypeOutSymbol: pick(random, ['MNQH6', '8', '', 'ESH6']),
    startTs: 0n,
    endTs: pick(random, [0n, uint64Max]),
  });
}

const unknownBytes = Uint8Array.from({ length: 32 }, (_, i) => [8, 0x77, 1, 0, 7][i] ?? 0);
