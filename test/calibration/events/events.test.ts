import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { binomialAtMost } from './binomial.ts';
import { type EventSession, type FoundEvent, runEventSession } from './event_session.ts';
import { eventLines, eventTable, missedBounds } from './event_table.ts';
import { addTally, type EventTally, tallyEvents } from './match_events.ts';

test('binomial probabilities are those of all outcomes', () => {
  equal(binomialAtMost(1, 3, 0.5), 0.5);
  ok(Math.abs(binomialAtMost(2, 4, 0.25) - (81 + 108 + 54) / 256) < 1e-12);
  deepEqual([binomialAtMost(4, 5, 1), binomialAtMost(5, 5, 1), binomialAtMost(0, 5, 0)], [0, 1, 1]);
  // 0.9^10,000 is below the smallest number; the median is near the mean.
  ok(Math.abs(binomialAtMost(9000, 10_000, 0.9) - 0.5) < 0.01);
});

const truth = { kind: 'fast_pull', lookalike: null, side: 0, level: 1, size: 40, levels: 1, sequences: [] } as const;
const pulled: FoundEvent = {
  ...{ kind: 'fast_pull', side: 1, price: 100, size: 40, levels: 1, tsNs: 200e9, startNs: 199.9e9, orderIds: [1] },
};

test('events match what happened by orders, time and size, and only within the session', () => {
  const session: EventSession = {
    truth: [
      { ...truth, price: 100, tsNs: 200e9, startNs: 199.9e9, orderIds: [1] },
      { ...truth, price: 100, tsNs: 201e9, startNs: 200.9e9, orderIds: [2] },
      { ...truth, price: 100, tsNs: 300e9, startNs: 299e9, orderIds: [3], lookalike: 'stays' },
      { ...truth, price: 100, tsNs: 310e9, startNs: 309e9, orderIds: [4], lookalike: 'stays' },
      // In the first two minutes.
      { ...truth, price: 100, tsNs: 100e9, startNs: 99.9e9, orderIds: [5] },
    ],
    found: [
      pulled,
      { ...pulled, orderIds: [2], tsNs: 201e9, startNs: 200.9e9, size: 39 },
      { ...pulled, orderIds: [3], tsNs: 300e9, startNs: 299.7e9 },
      { ...pulled, orderIds: [5], tsNs: 100e9, startNs: 99.9e9 },
      { ...pulled, side: 2 },
    ],
    ...{ records: 0, endNs: 600e9 },
  };
  const tally = tallyEvents(session);
  const lookalikes = { stays: { planted: 2, mistaken: 1 } };
  deepEqual(tally, { fast_pull: { planted: 2, recalled: 1, found: 4, real: 1, lookalikes } });
  const sum: EventTally = {};
  addTally(sum, tally);
  addTally(sum, tally);
  equal(sum.fast_pull?.found, 8);
  deepEqual(sum.fast_pull?.lookalikes.stays, { planted: 4, mistaken: 2 });
  const lines = eventLines(tally);
  deepEqual(missedBounds(lines), ['The share of fast_pull: stays not mistaken is 1 of 2; at least 1 was expected.']);
  ok(eventTable(lines, false).includes('stays 1 of 2'));
});

test('a bound is missed only beyond what chance explains', () => {
  const of = (recalled: number): EventTally => ({
    absorption: { planted: 10, recalled, found: 10, real: 0, lookalikes: {} },
  });
  deepEqual(missedBounds(eventLines(of(1))), []);
  equal(
    missedBounds(eventLines({ absorption: { planted: 100, recalled: 10, found: 0, real: 0, lookalikes: {} } })).length,
    1,
  );
});

test('what follows from the records alone is found without an error in a short session', () => {
  const lines = eventLines(tallyEvents(runEventSession({ seed: 9, minutes: 3.5, profile: 'calm', recordsPerS: 200 })));
  deepEqual(missedBounds(lines), []);
  ok(lines.length > 7, `${lines.map(({ kind }) => kind)}`);
});
