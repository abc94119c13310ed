import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OverviewBuilder } from '../../../src/wire/index.ts';
import { overviewSpan, stripOf } from './overview.ts';

const session = { serving_id: 'srv', start_ns: '0', cell_width_ms: 100 };
const bins = fc.array(
  fc.record({
    midPrice: fc.integer({ min: -4, max: 4 }),
    hasBid: fc.boolean(),
    hasAsk: fc.boolean(),
    eventCount: fc.nat(9),
    bookValid: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

test('a strip shows every price of the session, and nothing where there is none', () => {
  fc.assert(
    fc.property(
      bins,
      fc.constantFrom(4, 64),
      fc.integer({ min: 1, max: 90 }),
      fc.nat(20),
      (given, capacity, px, more) => {
        const builder = new OverviewBuilder(capacity);
        for (const bin of given) builder.add(bin);
        const overview = builder.overview(session, { is_complete: true, failure: null });
        const strip = stripOf(overview, given.length + more, px);
        const mids = given.filter((bin) => bin.hasBid && bin.hasAsk).map(({ midPrice }) => midPrice);
        deepEqual([strip.lowest, strip.highest], [Math.min(...mids), Math.max(...mids)]);
        equal(
          strip.invalid.some(Boolean),
          given.some(({ bookValid }) => !bookValid),
        );
        const { bins_per_column: width } = overview;
        const endBin = Math.ceil(given.length / width) * width;
        const behind = strip.events.slice(Math.ceil((endBin * px) / (given.length + more)) + 1);
        equal(behind.every(Number.isNaN), true);
      },
    ),
    { numRuns: 300 },
  );
});

test('a span of whole columns has the mean of its bins', () => {
  const builder = new OverviewBuilder(4);
  for (let seq = 0; seq < 7; seq++) {
    builder.add({ midPrice: seq - 3, hasBid: true, hasAsk: true, eventCount: seq, bookValid: seq !== 3 });
  }
  const overview = builder.overview(session, { is_complete: true, failure: null });
  deepEqual(overviewSpan(overview, 2, 4), { low: -1, high: 0, events: 2.5, isInvalid: true });
  deepEqual(overviewSpan(overview, 6, 7), { low: 3, high: 3, events: 6, isInvalid: false });
  throws(() => overviewSpan(overview, -1, 0), /a value is present/);
});
