import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { eventsOf, NaiveMarket, type PlainRecord, plainRecords } from '../../test/helpers/naive_market.ts';
import {
  type BehaviourName,
  behaviourNames,
  SyntheticSession,
  type SyntheticSessionOptions,
  type TruthEvent,
  truthLine,
} from './index.ts';

/** 2026-02-06 09:29:30 in New York. */
const startNs = 1_770_388_170_000_000_000n;

function options(behaviours: readonly BehaviourName[], durationS: number): SyntheticSessionOptions {
  const date = { date: 20260206, nextDate: 20260207, startNs, durationS, openS: 30, recordsPerS: 200 };
  return { seed: 1, profile: 'calm', symbol: 'MNQH6', ...date, behaviours };
}

interface Made {
  readonly session: SyntheticSession;
  readonly records: readonly PlainRecord[];
  readonly truth: readonly TruthEvent[];
  readonly hash: string;
}

function made(changes: SyntheticSessionOptions): Made {
  const session = new SyntheticSession(changes);
  const hash = createHash('sha256');
  const truth: TruthEvent[] = [];
  function* chunks(): Generator<Uint8Array> {
    for (let chunk = session.next(); chunk !== null; chunk = session.next()) {
      hash.update(chunk);
      truth.push(...session.takeTruth());
      yield chunk;
    }
  }
  const { records } = plainRecords(chunks(), startNs);
  return { session, records, truth, hash: hash.digest('hex').slice(0, 16) };
}

const whole = made({ ...options(behaviourNames, 400), seed: 5, truth: true });

test('a seed gives its bytes, which behaviours change and the truth does not', () => {
  const short = options(behaviourNames, 20);
  // Pinned: change it only with the model, and say so in the commit.
  equal(made(short).hash, '04ffdec1b77bb5f2');
  equal(made({ ...short, truth: true }).hash, made(short).hash);
  const plain = made(options([], 20));
  equal(made({ ...options([], 20), truth: true }).hash, plain.hash);
  // A defence is rarer than the others.
  const often = behaviourNames.filter((name) => name !== 'defences');
  equal(new Set([plain.hash, ...often.map((name) => made(options([name], 20)).hash)]).size, 5);
});

test('every record fits the book, aggressors and stops are filled in turn, and nothing is crossed at the end of an event', () => {
  const market = new NaiveMarket();
  let stops = 0;
  let selfMatches = 0;
  for (const event of eventsOf(whole.records)) {
    const filled = new Map<number, number>();
    const takers = new Set(event.flatMap(({ action, orderId }) => (action === 'T' ? [orderId] : [])));
    if (takers.size > 1) {
      stops++;
      // Each aggressor has a packet of its own, and the changes of the book have the last one.
      equal(new Set(event.map(({ sequence }) => sequence)).size, takers.size + 1);
    }
    let left = 0;
    for (const record of event) {
      const { action, orderId, size } = record;
      if (action === 'T') {
        equal(left, 0, 'the fills before add up');
        left = size;
      } else if (action === 'F') {
        filled.set(orderId, (filled.get(orderId) ?? 0) + size);
        if (!takers.has(orderId)) left -= size;
      } else if (action === 'C' && takers.size > 0 && !filled.has(orderId)) selfMatches++;
      market.apply(record, (filled.get(orderId) ?? 0) >= (market.orders.get(orderId)?.size ?? Infinity));
    }
    equal(left, 0, 'fills add up to the trade');
    ok(market.bestOf('B') < market.bestOf('A'), 'the book is not crossed');
  }
  ok(stops > 20 && selfMatches > 5, `${stops} events with stops, ${selfMatches} self-matches`);
});

test('the truth has every kind and lookalike, each with orders and sequences of the records at its time', () => {
  const { levelZeroPriceInt, tickPriceInt } = whole.session.truthScale;
  const bySequence = Map.groupBy(whole.records, ({ sequence }) => sequence);
  let lastNs = 0;
  for (const event of whole.truth) {
    const said = truthLine(event, whole.session.truthScale);
    ok(event.tsNs >= lastNs && event.startNs <= event.tsNs, said);
    lastNs = event.tsNs;
    const named = event.sequences.flatMap((sequence) => bySequence.get(sequence) ?? []);
    ok(event.sequences.every((sequence) => bySequence.has(sequence)) && event.size >= 0, said);
    if (event.kind !== 'absorption') {
      for (const id of event.orderIds)
        ok(
          named.some(({ orderId }) => orderId === id),
          said,
        );
    }
    ok(
      named.every(({ tsNs }) => tsNs >= event.startNs && tsNs <= event.tsNs),
      said,
    );
    ok(
      whole.records.some(({ price }) => price === levelZeroPriceInt + event.level * tickPriceInt),
      said,
    );
  }
  const names = new Set(
    whole.truth.map(({ kind, lookalike }) => (lookalike === null ? kind : `${kind}: ${lookalike}`)),
  );
  deepEqual([...names].sort(), [
    'absorption',
    'absorption: not_defended',
    'absorption: one_trade',
    'exhausted_level',
    'exhausted_level: pulled',
    'exhausted_level: young',
    'fast_pull',
    'fast_pull: executed',
    'fast_pull: self_match',
    'fast_pull: stays',
    'iceberg',
    'iceberg: grown',
    'large_order',
    'large_trade',
    'stacked_pull',
    'stacked_pull: executed',
    'stacked_pull: slow',
    'stop',
    'stop: separate_events',
    'stop_run',
    'stop_run: few_stops',
    'stop_run: separate_events',
    'suspected_iceberg',
    'suspected_iceberg: other_sizes',
    'suspected_iceberg: slow',
    'sweep',
    'sweep: separate_events',
    'sweep: two_levels',
    'trade',
  ]);
});

test('a line of the truth is JSON with UNIX nanoseconds and a price', () => {
  const event: TruthEvent = {
    ...{ kind: 'fast_pull', lookalike: 'self_match', tsNs: 3, startNs: 1, side: 1, level: 16_384, size: 40, levels: 1 },
    ...{ orderIds: [7], sequences: [8, 8] },
  };
  equal(
    truthLine(event, { originNs: startNs, levelZeroPriceInt: 17_404_000_000_000, tickPriceInt: 250_000_000 }),
    '{"ts_ns":1770388170000000003,"start_ns":1770388170000000001,"kind":"fast_pull","lookalike":"self_match",' +
      '"side":"A","price":21500,"size":40,"levels":1,"order_ids":[7],"sequences":[8]}\n',
  );
});
