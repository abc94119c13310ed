import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RuntimeConfig } from '../../src/config/index.ts';
import { rtypeMbo } from '../../src/dbn/index.ts';
import { Engine, gridColumns } from '../../src/engine/index.ts';
import { decode, engineOptions, readGoldenConfig } from '../helpers/golden.ts';
import { readShared } from '../helpers/shared.ts';
import { type LiteralBin, LiteralModel } from './literal_model.ts';
import { readMbo } from './mbo.ts';
import { type ClosedBin, captureFrom, closedBin, engineBins, ingestAll, literalBins, smallConfigs } from './runs.ts';
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

function compareBins(got: readonly ClosedBin[], want: readonly LiteralBin[], runtime: RuntimeConfig): void {
  equal(got.length, want.length);
  got.forEach((bin, i) => {
    try {
      compareBin(bin, want[i]!, runtime);
    } catch (cause) {
      throw new Error(`bin ${i}: ${(cause as Error).message}`, { cause });
    }
  });
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

const market = { ...shape, hostile: false };
const second = 1_000 * millisecond;
const variants = [
  { name: 'market-like streams', runs: 25, shape: market, fields: {} },
  { name: 'hostile streams', runs: 25, shape: { ...shape, hostile: true }, fields: {} },
  {
    // Masses and derivatives fade to nothing, the engine stops ageing their ticks, and then they are touched again.
    name: 'streams with long silences',
    runs: 5,
    shape: { ...market, stepsNs: [0, 1, millisecond, second, 20 * second, 30 * second, 1_500 * second], maxLength: 60 },
    fields: { cell_width_ms: 20_000, tau_velocity: 0.5, tau_acceleration: 1, tau_jerk: 2, tau_rest_decay: 4 },
  },
];

for (const { name, runs, shape, fields } of variants) {
  test(`the engine equals the literal model on ${name}`, () => {
    let scores = 0;
    fc.assert(
      fc.property(smallConfigs, mboStreams(shape), (config, records) => {
        const runtime = { ...config, ...fields };
        const capture = captureFrom();
        const { bins: got, engine } = engineBins({ runtime, capture, instrumentId }, records);
        const { bins: want, model } = literalBins(runtime, capture, records);
        compareBins(got, want, runtime);
        scores += got.reduce((sum, bin) => sum + bin.columns.flow_score.filter((score) => score !== 0).length, 0);
        const { otherRecords, outOfRange, ...counters } = engine.counters;
        const { anomaliesBefore } = model.book;
        deepEqual(counters, { ...model.counters, ...model.book.counters, anomaliesBefore });
        deepEqual([otherRecords, outOfRange], [0, 0]);
      }),
      // Shrinking a stream takes minutes; drop `endOnFailure` to see the smallest one.
      { numRuns: runs, endOnFailure: true },
    );
    ok(scores > 20, `only ${scores} scores were compared`);
  });
}

test('the engine equals the literal model on a whole file', () => {
  const config = readGoldenConfig('synthetic-mnq');
  const { source } = JSON.parse(readShared('golden', 'synthetic-mnq', 'meta.json').toString()) as { source: string };
  const got: ClosedBin[] = [];
  const want: LiteralBin[] = [];
  let pair: { engine: Engine; model: LiteralModel } | undefined;
  decode(readShared('data', source), 1 << 20, (batch, metadata) => {
    if (pair === undefined) {
      const options = engineOptions(config, metadata);
      const capture = { ...options.capture, endNs: options.capture.startNs + 13_000_000_000n };
      const model = new LiteralModel(config.runtime, capture, options.instrumentId as number);
      pair = { engine: new Engine({ ...options, capture }), model };
    }
    ingestAll(pair.engine, batch, (engine) => got.push(closedBin(engine)));
    for (let i = 0; batch.rtype === rtypeMbo && i < batch.count; i++) want.push(...pair.model.feed(readMbo(batch, i)));
  });
  compareBins(got, want, config.runtime);
  equal(got.length, 130);
});
