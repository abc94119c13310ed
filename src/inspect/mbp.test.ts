import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { sessionFiles, sharedPath } from '../../test/helpers/shared.ts';
import { content } from '../../test/interop/dbn_corpus.ts';
import { decodeDbn, flag, type RecordBatch, type RecordNamed, RecordReader } from '../dbn/index.ts';
import { MbpBuilder } from './mbp.ts';

type Mbo = RecordNamed<'mbo'>;
type Mbp = RecordNamed<'mbp10'> | RecordNamed<'mbp1'>;

interface Order {
  side: string;
  price: bigint;
  size: number;
}

const undefinedPrice = 2n ** 63n - 1n;

/** The shown levels, counted from all orders each time. */
function levelsOf(orders: ReadonlyMap<bigint, Order>, depth: number): Mbp['levels'] {
  const side = (name: string) => {
    const byPrice = new Map<bigint, { size: number; count: number }>();
    for (const order of orders.values()) {
      if (order.side !== name) continue;
      const level = byPrice.get(order.price) ?? { size: 0, count: 0 };
      byPrice.set(order.price, { size: level.size + order.size, count: level.count + 1 });
    }
    return [...byPrice].sort(([a], [b]) => (a < b === (name === 'A') ? -1 : 1));
  };
  const [bids, asks] = [side('B'), side('A')];
  return Array.from({ length: depth }, (_, level) => {
    const [bid, ask] = [bids[level], asks[level]];
    return {
      bidPx: bid?.[0] ?? undefinedPrice,
      askPx: ask?.[0] ?? undefinedPrice,
      bidSz: bid?.[1].size ?? 0,
      askSz: ask?.[1].size ?? 0,
      bidCt: bid?.[1].count ?? 0,
      askCt: ask?.[1].count ?? 0,
    };
  });
}

function applyTo(orders: Map<bigint, Order>, { action, orderId, side, price, size }: Mbo): void {
  const order = orders.get(orderId);
  if (action === 'R') orders.clear();
  else if (action === 'C' && order !== undefined) {
    if (size >= order.size) orders.delete(orderId);
    else order.size -= size;
  } else if (action === 'A' || action === 'M') {
    if (order !== undefined && action === 'M') Object.assign(order, { side, price, size });
    else orders.set(orderId, { side, price, size });
  }
}

/** For each depth, the records that should come out, as (sequence, ts_recv, flags, levels), by the obvious way. */
function expected(records: readonly Mbo[], depths: readonly number[]): unknown[][] {
  const orders = new Map<bigint, Order>();
  const out: unknown[][] = depths.map(() => []);
  const shown = depths.map((depth) => JSON.stringify(levelsOf(orders, depth), bigintText));
  const close = (last: Mbo): void => {
    const deepest = levelsOf(orders, Math.max(...depths));
    for (const [i, depth] of depths.entries()) {
      const levels = deepest.slice(0, depth);
      const text = JSON.stringify(levels, bigintText);
      if (text !== shown[i]) out[i]!.push([last.sequence, last.tsRecv, last.flags, levels]);
      shown[i] = text;
    }
  };
  let open: Mbo | null = null;
  for (const record of records) {
    if (open !== null && (record.flags & flag.snapshot) === 0) close(open);
    open = null;
    applyTo(orders, record);
    if ((record.flags & flag.last) !== 0) close(record);
    else if ((record.flags & flag.snapshot) !== 0) open = record;
  }
  if (open !== null) close(open);
  return out;
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** What the builder makes of records. */
function built(batches: readonly RecordBatch[], depth: 1 | 10): Mbp[] {
  const builder = new MbpBuilder(depth);
  const reader = new RecordReader();
  const made: Mbp[] = [];
  const take = (): void => {
    const batch = builder.take();
    for (let i = 0; batch !== null && i < batch.count; i++) made.push(reader.read(batch, i) as Mbp);
  };
  for (const batch of batches) for (let index = 0; index < batch.count; take()) index = builder.apply(batch, index);
  builder.finish();
  take();
  return made;
}

test('mbp records equal those of a book that is counted anew for each event', () => {
  const limits: Record<string, number> = { esh4: 9100, esm4: 13_796, synthetic: 2300 };
  let total = 0;
  for (const path of sessionFiles.map((name) => sharedPath('data', name))) {
    const limit = limits[basename(path).split('-')[0]!]!;
    const records: Mbo[] = [];
    const batches: RecordBatch[] = [];
    const reader = new RecordReader();
    for (const batch of decodeDbn(content(readFileSync(path))).batches) {
      const count = Math.min(batch.count, limit - records.length);
      const bytes = batch.bytes.slice();
      batches.push({ ...batch, count, bytes, words: new Uint32Array(bytes.buffer) });
      for (let i = 0; i < count; i++) records.push(reader.read(batch, i) as Mbo);
    }
    const depths = [1, 10] as const;
    for (const [i, wanted] of expected(records, depths).entries()) {
      const made = built(batches, depths[i]!);
      const got = made.map(({ sequence, tsRecv, flags, levels }) => [sequence, tsRecv, flags, levels]);
      equal(got.length, wanted.length);
      for (const [n, record] of got.entries())
        deepEqual(record, wanted[n], `${basename(path)}, ${depths[i]} levels, ${n}`);
      for (const { depth } of made) ok(depth < depths[i]!);
      total += got.length;
    }
  }
  ok(total > 400, `${total} records`);
});
