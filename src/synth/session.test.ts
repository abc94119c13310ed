import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { eventsOf, NaiveMarket, type PlainRecord, plainRecords } from '../../test/helpers/naive_market.ts';
import { resolveInstrument } from '../dbn/index.ts';
import { type ProfileName, profileNames, SyntheticSession, type SyntheticSessionOptions } from './index.ts';

/** 2026-02-06 09:29:30 in New York. */
const startNs = 1_770_388_170_000_000_000n;

function options(profile: ProfileName, changes: Partial<SyntheticSessionOptions> = {}): SyntheticSessionOptions {
  const date = { date: 20260206, nextDate: 20260207, startNs, durationS: 60, openS: 30 };
  return { seed: 1, profile, symbol: 'MNQH6', ...date, recordsPerS: 400, ...changes };
}

function* chunksOf(session: SyntheticSession): Generator<Uint8Array> {
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) yield chunk;
}

function hashOf(changes: SyntheticSessionOptions): string {
  const hash = createHash('sha256');
  for (const chunk of chunksOf(new SyntheticSession(changes))) hash.update(chunk);
  return hash.digest('hex').slice(0, 16);
}

test('a seed gives its bytes, on every machine', () => {
  // Pinned: change them only with the model, and say so in the commit.
  const pinned = {
    calm: '96ed9ea5f222f4e1',
    busy: 'b99e0984556132d6',
    open: '3d8d5de83c534bca',
    null: '52883d23947e8f0c',
    edge: 'd1b7c9f9dfc6a585',
  };
  deepEqual(Object.fromEntries(profileNames.map((profile) => [profile, hashOf(options(profile))])), pinned);
  equal(new Set([1, 2, 2 ** 40 + 1].map((seed) => hashOf(options('busy', { seed, durationS: 2 })))).size, 3);
});

test('the metadata names the instrument of every record', () => {
  const session = new SyntheticSession(options('calm', { durationS: 1 }));
  const { metadata } = plainRecords(chunksOf(session), startNs);
  deepEqual(metadata, session.metadata);
  equal(metadata.version, 3);
  ok(resolveInstrument(metadata, 'MNQH6', '2026-02-06')! > 0);
  equal(metadata.end! - metadata.start, 1_000_000_000n);
});

test('a session opens with a snapshot as the exchange sends it', () => {
  const { records } = plainRecords(chunksOf(new SyntheticSession(options('busy', { durationS: 1 }))), startNs);
  const live = records.findIndex((record) => (record.flags & 32) === 0);
  const [clear, ...adds] = records.slice(0, live) as [PlainRecord, ...PlainRecord[]];
  equal(`${clear.action}${clear.side} ${clear.size} ${clear.flags}`, 'RN 0 40');
  ok(adds.length > 1000);
  deepEqual(new Set(adds.map((add) => add.tsRecvNs)), new Set([0]));
  deepEqual(
    [...new Set(adds.slice(0, -1).map((add) => `${add.action}${add.flags}`)), adds.at(-1)!.flags],
    ['A40', 168],
  );
  adds.slice(1).forEach((add, i) => {
    const before = adds[i]!;
    ok(add.tsNs < 0 && add.tsNs >= clear.tsNs, 'an order was placed before the session');
    if (add.side !== before.side) {
      equal(`${before.side}${add.side}`, 'BA', 'bids come first');
      return;
    }
    ok(add.side === 'B' ? add.price <= before.price : add.price >= before.price, 'the best price comes first');
    if (add.price === before.price) ok(add.orderId > before.orderId && add.tsNs >= before.tsNs, 'queues are in order');
  });
});

test('every record fits the book, prices and queues are honoured, and nothing is crossed at the end of an event', () => {
  for (const profile of profileNames) {
    const { records } = plainRecords(chunksOf(new SyntheticSession(options(profile, { seed: 11 }))), startNs);
    const market = new NaiveMarket();
    let before: PlainRecord | null = null;
    for (const event of eventsOf(records)) {
      if (event[0]!.action === 'T') checkExecution(event, market);
      const fills = new Map<number, number>();
      for (const record of event) {
        if (record.action === 'F') fills.set(record.orderId, (fills.get(record.orderId) ?? 0) + record.size);
        market.apply(record, (fills.get(record.orderId) ?? 0) >= (market.orders.get(record.orderId)?.size ?? Infinity));
        if ((record.flags & 32) !== 0) continue;
        equal(record.flags, record === event.at(-1) ? 128 : 0);
        ok(record.tsRecvNs > record.tsNs && record.tsNs === event[0]!.tsNs);
        if (before !== null) {
          ok(record.tsNs >= before.tsNs && record.tsRecvNs >= before.tsRecvNs && record.sequence >= before.sequence);
        }
        before = record;
      }
      ok(market.bestOf('B') < market.bestOf('A'), 'the book is not crossed');
    }
    ok(records.length > 10_000, `${profile} has ${records.length} records`);
  }
});

/** T with its Fs, in the queue's order, price by price; then what they did to the book, one sequence later. */
function checkExecution(event: readonly PlainRecord[], market: NaiveMarket): void {
  const updates = event.filter((record) => 'ACM'.includes(record.action));
  const prints = event.slice(0, event.length - updates.length);
  ok(prints.every((record) => 'TF'.includes(record.action) && record.sequence === event[0]!.sequence));
  ok(updates.every((record) => record.sequence === event[0]!.sequence + 1));
  const { side: taker, orderId: takerId } = event[0]!;
  const sides = updates.map((record) => record.side).join('');
  ok(/^B*A*$/.test(sides), `bids change before asks, got ${sides}`);
  let trade = event[0]!;
  let left = 0;
  let turn = 0;
  for (const record of prints) {
    if (record.action === 'T') {
      equal(left, 0, 'the fills before add up');
      equal(record.price, turn === 0 ? market.bestOf(taker === 'B' ? 'A' : 'B') : record.price);
      trade = record;
      left = record.size;
      turn = 0;
    } else if (record.orderId !== takerId) {
      const resting = market.queue(record.side, record.price)[turn++];
      equal(record.orderId, resting?.id, 'orders are filled in turn');
      equal(`${record.price}`, `${trade.price}`);
      left -= record.size;
    }
    const known = market.orders.get(record.orderId);
    if (record.action === 'F') ok(updates.some((update) => update.orderId === record.orderId && known !== undefined));
  }
  equal(left, 0, 'fills add up to the trade');
}

test('the shapes of executions that the exchange sends are all there', () => {
  const session = new SyntheticSession(options('busy', { durationS: 120, recordsPerS: 1200 }));
  const { records } = plainRecords(chunksOf(session), startNs);
  const shapes = new Set<string>();
  const market = new NaiveMarket();
  for (const event of eventsOf(records)) {
    shapes.add(event.map((record) => record.action).join(''));
    const taker = event[0]!;
    for (const record of event) {
      const shown = market.orders.get(record.orderId)?.size ?? 0;
      if (record.action === 'F' && record.size > shown) shapes.add('iceberg');
      if (record.action === 'F' && record.orderId === taker.orderId && record.side === taker.side)
        shapes.add('own fill');
      market.apply(record);
    }
  }
  for (const shape of [
    'A',
    'C',
    'M',
    'TFC',
    'TFM',
    'TFFCC',
    'TFFCM',
    'TFTFCC',
    'TFAC',
    'TFCA',
    'TFFACC',
    'iceberg',
    'own fill',
  ]) {
    ok(shapes.has(shape), `${shape} is missing among ${[...shapes].slice(0, 60)}`);
  }
});
