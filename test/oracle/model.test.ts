import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RuntimeConfig } from '../../src/config/index.ts';
import { gridColumns } from '../../src/engine/index.ts';
import type { LiteralBin } from './literal_model.ts';
import { type ClosedBin, captureFrom, engineBins, literalBins, smallConfigs } from './runs.ts';
import { hostileIds, instrumentId, mboStreams } from './streams.ts';

const integers = new Set<string>(gridColumns.filter(([, type]) => type !== 'float64').map(([name]) => name));

/** model.md §9. */
const close = (got: number, want: number, tolerance: number) =>
  Math.abs(got - want) <= tolerance * (1 + Math.abs(want));

function compareBin(got: ClosedBin, want: LiteralBin, runtime: RuntimeConfig): void {
  const { signal, columns, ...fields } = want;
  for (const [key, value] of Object.entries(fields)) equal(got[key as keyof typeof fields], value, key);
  for (const [key, value] of Object.entries(signal)) {
    const actual: unknown = got.signal[key as keyof typeof signal];
    if (typeof value === 'number') ok(close(Number(actual), value, 1e-9), `${key}: expected ${value}, got ${actual}`);
    else equal(actual, value, key);
  }
  for (const [name] of gridColumns) {
    columns[name].forEach((value, row) => {
      const actual = got.columns[name][row]!;
      const tolerance = integers.has(name) ? 0 : name === 'flow_score' ? 1e-6 : 1e-9;
      if (close(actual, value, tolerance)) return;
      const margin = Math.abs(columns.flow_score[row]!) - runtime.flow_neutral_threshold;
      const undecided = name === 'flow_state_code' && Math.abs(margin) <= 1e-6;
      ok(undecided, `${name}, row ${row}: expected ${value}, got ${actual}`);
    });
  }
}

const millisecond = 1_000_000;
const shape = {
  startNs: captureFrom().startNs - 50_000_000n,
  // Bursts in one nanosecond, moments between, whole empty bins.
  stepsNs: [0, 0, 0, 0, 0, 1, 1_000, 500_000, millisecond, 5 * millisecond, 20 * millisecond, 60 * millisecond],
  ids: hostileIds,
  priceOf: (n: number) => 5_000_000_000_000n + BigInt(n - 10) * 250_000_000n + BigInt(n % 3) * 1_000_000n,
  farPrices: null,
  maxSize: 5_000,
  minLength: 50,
  maxLength: 400,
};

for (const hostile of [false, true]) {
  test(`the engine equals the literal model on ${hostile ? 'hostile' : 'market-like'} streams`, () => {
    let scores = 0;
    fc.assert(
      fc.property(smallConfigs, mboStreams({ ...shape, hostile }), (runtime, records) => {
        const capture = captureFrom();
        const { bins: got, engine } = engineBins({ runtime, capture, instrumentId }, records);
        const { bins: want, model } = literalBins(runtime, capture, records);
        equal(got.length, want.length);
        got.forEach((bin, i) => {
          try {
            compareBin(bin, want[i]!, runtime);
          } catch (cause) {
            throw new Error(`bin ${i}: ${(cause as Error).message}`, { cause });
          }
          scores += bin.columns.flow_score.filter((score) => score !== 0).length;
        });
        const { otherRecords, outOfRange, ...counters } = engine.counters;
        deepEqual(counters, { ...model.counters, ...model.book.counters });
        deepEqual([otherRecords, outOfRange], [0, 0]);
      }),
      // Shrinking a stream takes minutes; drop `endOnFailure` to see the smallest one.
      { numRuns: 25, endOnFailure: true },
    );
    ok(scores > 1_000, `only ${scores} scores were compared`);
  });
}
