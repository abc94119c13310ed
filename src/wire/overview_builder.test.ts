import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OverviewBuilder, sessionOverviewSchema } from './index.ts';

const session = { serving_id: 'srv', start_ns: '1770388260000000000', cell_width_ms: 100 };
const state = { is_complete: true, failure: null };

const bins = fc.array(
  fc.record({
    // A mid of 0 is a price where both sides are there, and none where one is missing.
    midPrice: fc.integer({ min: -3, max: 3 }),
    hasBid: fc.boolean(),
    hasAsk: fc.boolean(),
    eventCount: fc.nat(9),
    bookValid: fc.boolean(),
  }),
  { maxLength: 70 },
);

test('columns summarize their bins, however often neighbours were merged', () => {
  fc.assert(
    fc.property(bins, fc.constantFrom(2, 4, 8), (given, capacity) => {
      const builder = new OverviewBuilder(capacity);
      for (const bin of given) builder.add(bin);
      const overview = sessionOverviewSchema.parse(builder.overview(session, state));
      const { bins_per_column: width, columns } = overview;
      const groups = Array.from({ length: Math.ceil(given.length / width) }, (_, at) =>
        given.slice(at * width, (at + 1) * width),
      );
      ok(groups.length <= capacity);
      const mids = groups.map((group) => group.filter((bin) => bin.hasBid && bin.hasAsk).map((bin) => bin.midPrice));
      deepEqual(columns, {
        mid_first: mids.map((group) => group[0] ?? null),
        mid_last: mids.map((group) => group.at(-1) ?? null),
        mid_min: mids.map((group) => (group.length === 0 ? null : Math.min(...group))),
        mid_max: mids.map((group) => (group.length === 0 ? null : Math.max(...group))),
        event_count: groups.map((group) => group.reduce((sum, { eventCount }) => sum + eventCount, 0)),
        valid_bins: groups.map((group) => group.filter(({ bookValid }) => bookValid).length),
      });
      deepEqual(overview.bin_count, given.length);
    }),
    { numRuns: 200 },
  );
});
