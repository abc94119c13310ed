import { deepEqual, equal, fail, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type Bin, type ColumnName, type Engine, gridColumns } from '../src/engine/index.ts';

import { goldenCases, readGoldenConfig, replay } from './helpers/golden.ts';
import { missingShared, readShared } from './helpers/shared.ts';

interface Meta {
  source: string;
  columns: ColumnName[];
  rows: number;
  bins: number;
  sampled: number[];
  counters: Record<string, number>;
  orders: number;
  bid_levels: number;
  ask_levels: number;
}

/** The fields of a bin under their names on the wire. */
function binFields(bin: Bin, sessionStartNs: bigint): Record<string, unknown> {
  const ns = (relative: number) => String(sessionStartNs + BigInt(relative));
  const { signal } = bin;
  return {
    bin_seq: bin.seq,
    ts_ns: ns(bin.endNs),
    bin_start_ns: ns(bin.startNs),
    bin_end_ns: ns(bin.endNs),
    bin_event_count: bin.eventCount,
    event_id: bin.eventId,
    mid_price: bin.midPrice,
    spot_ref_price_int: String(bin.spotPriceInt),
    best_bid_price_int: String(bin.bestBidPriceInt),
    best_ask_price_int: String(bin.bestAskPriceInt),
    book_valid: bin.bookValid,
    state_model_name: 'derivative',
    state_model_score: signal.score,
    state_model_ready: signal.ready,
    state_model_sample_count: signal.sampleCount,
    state_model_base: signal.base,
    state_model_d1: signal.d1,
    state_model_d2: signal.d2,
    state_model_d3: signal.d3,
    state_model_z1: signal.z1,
    state_model_z2: signal.z2,
    state_model_z3: signal.z3,
    state_model_bull_intensity: signal.bullIntensity,
    state_model_bear_intensity: signal.bearIntensity,
    state_model_mixed_intensity: signal.mixedIntensity,
    state_model_dominant_state5_code: signal.dominantState5Code,
  };
}

/** model.md §9. */
function agrees(actual: unknown, expected: unknown): boolean {
  if (typeof actual !== 'number' || typeof expected !== 'number') return actual === expected;
  return Math.abs(actual - expected) <= 1e-9 * (1 + Math.abs(expected));
}

function compareGrid(engine: Engine, meta: Meta, expected: Float64Array, threshold: number): void {
  const integers = new Set<string>(gridColumns.filter(([, type]) => type !== 'float64').map(([name]) => name));
  const scores = expected.subarray(meta.columns.indexOf('flow_score') * meta.rows);
  meta.columns.forEach((name, c) => {
    const column = engine.frame.columns[name];
    for (let row = 0; row < meta.rows; row++) {
      const want = expected[c * meta.rows + row]!;
      const got = Number(column[row]);
      const tolerance = integers.has(name) ? 0 : (name === 'flow_score' ? 1e-6 : 1e-9) * (1 + Math.abs(want));
      if (Math.abs(got - want) <= tolerance) continue;
      if (name === 'flow_state_code' && Math.abs(Math.abs(scores[row]!) - threshold) <= 1e-6) continue;
      fail(`bin ${engine.bin.seq}, ${name}, row ${row}: expected ${want}, got ${got}`);
    }
  });
}

test('the golden of the repository is found', () => {
  ok(goldenCases.includes('synthetic-mnq'));
});

test('the golden of a real session is found', { skip: missingShared }, () => {
  ok(goldenCases.includes('esh4-open'));
});

for (const name of goldenCases) {
  test(`golden ${name}: every bin and every sampled grid agrees`, () => {
    const config = readGoldenConfig(name);
    const meta = JSON.parse(readShared('golden', name, 'meta.json').toString()) as Meta;
    const bins = readShared('golden', name, 'bins.ndjson.zst').toString().trim().split('\n');
    const grid = new Float64Array(new Uint8Array(readShared('golden', name, 'grid.f64.zst')).buffer);
    const session = BigInt(Date.parse(`${config.stream_dt}T00:00:00Z`)) * 1_000_000n;
    let seen = 0;
    let grids = 0;
    const engine = replay(readShared('data', meta.source), config, (at) => {
      const expected = JSON.parse(bins[seen] as string) as Record<string, unknown>;
      const actual = binFields(at.bin, session);
      for (const [key, want] of Object.entries(expected)) {
        ok(agrees(actual[key], want), `bin ${seen}, ${key}: expected ${want}, got ${actual[key]}`);
      }
      deepEqual(Object.keys(actual), Object.keys(expected));
      if (seen === meta.sampled[grids]) {
        const cells = meta.columns.length * meta.rows;
        compareGrid(at, meta, grid.subarray(grids * cells, ++grids * cells), config.runtime.flow_neutral_threshold);
      }
      seen++;
    });
    equal(seen, meta.bins);
    equal(grids, meta.sampled.length);
    const { counters: got, book } = engine;
    deepEqual(
      {
        unknown_cancel: got.unknownCancel,
        unknown_modify: got.unknownModify,
        duplicate_add: got.duplicateAdd,
        out_of_range: got.outOfRange,
        late: got.late,
        null_price: got.nullPrice,
        fill_unmatched: got.fillUnmatched,
        fills: got.fills,
      },
      meta.counters,
    );
    deepEqual([book.orders.count, book.bids.length, book.asks.length], [meta.orders, meta.bid_levels, meta.ask_levels]);
  });
}
