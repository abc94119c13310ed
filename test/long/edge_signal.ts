import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { captureWindow, defaultRuntimeConfig } from '../../src/config/index.ts';
import { DbnDecoder } from '../../src/dbn/index.ts';
import { BinColumns, Engine } from '../../src/engine/index.ts';
import { createSignal, findFirings, signalContext } from '../../src/signals/index.ts';
import { type EdgeOptions, SyntheticSession } from '../../src/synth/index.ts';

const runtime = { ...defaultRuntimeConfig, symbol: 'MNQH6', n_absolute_ticks: 2048, grid_radius_ticks: 20 };
const holdBins = 60;

/** Moves of the mid in ticks over six seconds after pva's firings at 0.6, in their direction. */
function movesAfterFirings(seed: number, edge: EdgeOptions): number[] {
  const session = new SyntheticSession({
    ...{ seed, profile: 'edge', symbol: 'MNQH6', date: 20260206, nextDate: 20260207, edge },
    ...{ startNs: 1_770_387_900_000_000_000n, durationS: 600, openS: 300, recordsPerS: null },
  });
  const engine = new Engine({
    runtime,
    capture: captureWindow('future_mbo', '2026-02-06', '09:25'),
    instrumentId: null,
  });
  const signal = createSignal('pva', {}, signalContext(runtime));
  const columns = new BinColumns(engine.frame, [], 1).take(engine.bin, null);
  const scores: number[] = [];
  const mids: number[] = [];
  const decoder = new DbnDecoder();
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) {
    decoder.push(chunk.slice());
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
      for (let index = 0; index < batch.count; ) {
        index = engine.ingest(batch, index);
        if (!engine.binReady) continue;
        scores.push(signal.update(columns, 0));
        mids.push(engine.bin.midPrice / runtime.tick_size);
      }
    }
  }
  const tradable = new Uint8Array(scores.length).fill(1);
  const { bins, sides } = findFirings(Float64Array.from(scores), Float64Array.of(0.6), tradable, 300, 30);
  return Array.from(bins).flatMap((bin, at) => {
    const [entry, exit] = [mids[bin] ?? 0, mids[bin + holdBins]];
    return exit === undefined ? [] : [(exit - entry) * (sides[at] ?? 0)];
  });
}

function tOf(moves: readonly number[]): number {
  const mean = moves.reduce((a, b) => a + b, 0) / moves.length;
  const variance = moves.reduce((sum, move) => sum + (move - mean) ** 2, 0) / (moves.length - 1);
  return mean / Math.sqrt(variance / moves.length);
}

test('pva finds the edge that is planted, and nothing where its probability is a half', () => {
  const planted = [1, 2].flatMap((seed) => movesAfterFirings(seed, { perMinute: 6, probability: 0.75, ticks: 10 }));
  ok(planted.length > 60 && tOf(planted) > 3, `t ${tOf(planted)} of ${planted.length} firings`);
  const none = [1, 2].flatMap((seed) => movesAfterFirings(seed, { perMinute: 6, probability: 0.5, ticks: 10 }));
  ok(none.length > 60 && Math.abs(tOf(none)) < 3, `t ${tOf(none)} of ${none.length} firings`);
});
