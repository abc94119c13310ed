import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Book } from '../../src/book/index.ts';
import { type FeatureColumn, type FeatureParams, featureColumns, OrderFeatures } from '../../src/orders/index.ts';
import { StateReader, StateWriter } from '../../src/state.ts';
import { marketStreams, tickInt } from './execution_streams.ts';
import { literalFeatures } from './literal_features.ts';
import { batchOf, type Mbo } from './mbo.ts';

const minuteNs = 60e9;
const binNs = 3 * minuteNs;

/** The streams of execution tests have times of a few nanoseconds: here each is 20 seconds. */
function slowed(records: readonly Mbo[], hasIds: boolean): { record: Mbo; nowNs: number }[] {
  const startNs = records[0]?.tsEvent ?? 0n;
  return records.map((record) => ({
    record: record.action === 'T' && !hasIds ? { ...record, orderId: 0n } : record,
    nowNs: Number(record.tsEvent - startNs) * 20e9,
  }));
}

const hours = fc
  .tuple(fc.constantFrom(-10, 0, 4), fc.integer({ min: 6, max: 20 }), fc.integer({ min: 1, max: 30 }))
  .map(([startM, regularM, lengthM]) => {
    const first = { startNs: startM, regularStartNs: regularM - 8, regularEndNs: regularM + lengthM, endNs: 60 };
    const second = { startNs: 63, regularStartNs: 70, regularEndNs: 140, endNs: 200 };
    return [first, second].map((day) => ({
      ...{ startNs: day.startNs * minuteNs, regularStartNs: Math.max(day.regularStartNs, startM) * minuteNs },
      ...{ regularEndNs: day.regularEndNs * minuteNs, endNs: day.endNs * minuteNs },
    }));
  });

/** Minutes before the first record from which records are there. */
const fromMs = fc.constantFrom(0, -9, -10);

const paramsOf = (days: FeatureParams['days'], fromNs: number, since: string): FeatureParams => ({
  ...{ tickInt, days, fromNs, sizeBounds: [2, 3, 5], valueAreaPercent: 70 },
  anchors: days.flatMap(({ startNs, endNs, regularStartNs, regularEndNs }) => [
    { ns: since === 'regular' ? regularStartNs : startNs, begins: true },
    { ns: since === 'regular' ? regularEndNs : endNs, begins: false },
  ]),
});

/** The values of every bin, with a pause after each `every` records. */
function featuresOf(records: ReturnType<typeof slowed>, params: FeatureParams, every: number): number[][] {
  const batch = batchOf(records.map(({ record }) => record));
  let [book, features] = [new Book(), new OrderFeatures(params)];
  const bins: number[][] = [];
  features.beginBin();
  const close = (untilNs: number): void => {
    for (let endNs = (bins.length + 1) * binNs; endNs <= untilNs; endNs += binNs) {
      features.passTime(untilNs);
      features.endBin(book, endNs);
      bins.push([...features.values]);
      features.beginBin();
    }
  };
  for (const [i, { nowNs }] of records.entries()) {
    if (i % every === every - 1) {
      const writer = new StateWriter();
      book.save(writer);
      features.save(writer);
      [book, features] = [new Book(), new OrderFeatures(params)];
      const reader = new StateReader(writer.finish());
      book.restore(reader);
      features.restore(reader);
      reader.end();
    }
    close(nowNs);
    const at = i * (batch.recordBytes / 4);
    book.apply(batch.words, at, nowNs);
    features.apply(book, batch.words, at, nowNs);
  }
  features.finish();
  close((bins.length + 1) * binNs);
  return bins;
}

/** Sums in another order differ in their last bits. */
const rounded: ReadonlySet<FeatureColumn> = new Set(['vwap', 'vwap_deviation']);

test('features equal those of a literal model on random markets, and are the same after every pause', () => {
  const seen = new Set<FeatureColumn>();
  const streams = fc.tuple(marketStreams, hours, fc.constantFrom('trading_day', 'regular'), fc.boolean(), fromMs);
  fc.assert(
    fc.property(streams, fc.integer({ min: 2, max: 200 }), ([stream, days, since, hasIds, fromM], every) => {
      const records = slowed(stream, hasIds);
      const params = paramsOf(days, fromM * minuteNs, since);
      const bins = featuresOf(records, params, 1e9);
      deepEqual(featuresOf(records, params, every), bins, 'resumed');
      for (const [seq, values] of bins.entries()) {
        const literal = literalFeatures(records, params, seq * binNs, (seq + 1) * binNs);
        for (const [i, [name]] of featureColumns.entries()) {
          const [value, expected] = [values[i] ?? Number.NaN, literal[name]];
          if (!Number.isNaN(expected) && expected !== 0) seen.add(name);
          if (Object.is(value, expected) || value === expected) continue;
          ok(
            rounded.has(name) && Math.abs(value - expected) < 1e-6,
            `${name} of bin ${seq}: ${value}, not ${expected}`,
          );
        }
      }
    }),
    { numRuns: 25 },
  );
  for (const [name] of featureColumns) ok(seen.has(name), `${name} has values`);
});
