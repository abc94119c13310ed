import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultRuntimeConfig, type RuntimeConfig } from '../../src/config/index.ts';
import { DuckDatabase, quoted } from '../../src/files/index.ts';
import type { Lake } from '../../src/lake/index.ts';
import { randomSource } from '../../src/statistics/index.ts';
import type { EvaluationSettings, Judgement, SweepRequest } from '../../src/sweep/index.ts';

/** A made-up market for tests of the lab: columns over bins × rows, and mids in ticks. */
export interface MarketFixture {
  readonly bins: number;
  readonly radius: number;
  /** Mid in ticks, NaN where a bin has none. */
  readonly midTicks: Float64Array;
  readonly valid: Uint8Array;
  readonly state5: Int8Array;
}

export const fixtureRuntime = (radius: number): RuntimeConfig => ({
  ...defaultRuntimeConfig,
  grid_radius_ticks: radius,
});

/** Seeded noise in [0, 1). */
export function noise(seed: number): () => number {
  const source = randomSource(seed);
  return () => source.below(2 ** 32) / 2 ** 32;
}

/**
 * A random walk whose state5 codes are noise; with `skill` > 0 the next moves follow the change of the codes' balance,
 * so that the derivative signal is right that much more often than chance.
 */
export function randomMarket(bins: number, radius: number, seed: number, skill = 0): MarketFixture {
  const random = noise(seed);
  const rows = 2 * radius + 1;
  const midTicks = new Float64Array(bins);
  const valid = new Uint8Array(bins).fill(1);
  const state5 = new Int8Array(bins * rows);
  let mid = 80_000;
  let lean = 0;
  let drift = 0;
  for (let bin = 0; bin < bins; bin++) {
    const before = lean;
    lean = 0.9 * lean + (random() - 0.5);
    for (let row = 0; row < rows; row++) {
      state5[bin * rows + row] = row === radius ? 0 : Math.round((random() - 0.5) * 3 + lean * 2.5) % 3;
    }
    drift = 0.8 * drift + skill * (lean - before);
    mid += Math.sign(random() - 0.5 + drift) * (random() < 0.5 ? 0.5 : 1);
    midTicks[bin] = random() < 0.01 ? Number.NaN : mid;
    // A book without a mid is never valid (model.md §2).
    if (random() < 0.01 || Number.isNaN(midTicks[bin])) valid[bin] = 0;
  }
  return { bins, radius, midTicks, valid, state5 };
}

/**
 * Writes a dataset's Parquet files as `generate` does: rows that are all zero are left out. Manifest version 1 writes 0 for
 * the prices of a bin without a mid, and neither has_bid nor has_ask.
 */
export async function writeMarket(
  lake: Lake,
  datasetId: string,
  market: MarketFixture,
  { manifestVersion = 2, date = '2026-02-06' }: { readonly manifestVersion?: 1 | 2; readonly date?: string } = {},
): Promise<void> {
  const folder = lake.datasets(datasetId);
  mkdirSync(folder, { recursive: true });
  using database = await DuckDatabase.open({ threads: 2 });
  const connection = await database.connect();
  const rows = 2 * market.radius + 1;
  const tickInt = 250_000_000n;
  await connection.run(
    'CREATE TABLE bins (bin_seq BIGINT, mid_price DOUBLE, bid BIGINT, ask BIGINT, book_valid BOOLEAN, has_mid BOOLEAN)',
  );
  await connection.run('CREATE TABLE grid (bin_seq BIGINT, k INTEGER, state5_code TINYINT)');
  const bins = await connection.createAppender('bins');
  const grid = await connection.createAppender('grid');
  for (let bin = 0; bin < market.bins; bin++) {
    const hasMid = !Number.isNaN(market.midTicks[bin]!);
    const twice = BigInt(Math.round(hasMid ? market.midTicks[bin]! * 2 : 0));
    const bid = hasMid ? ((twice - 1n) * tickInt) / 2n : 0n;
    bins.appendBigInt(BigInt(bin));
    bins.appendDouble(Number(twice) * 0.125);
    bins.appendBigInt(bid);
    bins.appendBigInt(hasMid ? twice * tickInt - bid : 0n);
    bins.appendBoolean(market.valid[bin] === 1);
    bins.appendBoolean(hasMid);
    bins.endRow();
    for (let row = 0; row < rows; row++) {
      const code = market.state5[bin * rows + row]!;
      if (code === 0) continue;
      grid.appendBigInt(BigInt(bin));
      grid.appendInteger(row - market.radius);
      grid.appendTinyInt(code);
      grid.endRow();
    }
  }
  bins.closeSync();
  grid.closeSync();
  const prices = {
    mid_price: 'mid_price',
    spot_ref_price_int: `floor(mid_price * 4 + 0.5)::BIGINT * ${tickInt}`,
    best_bid_price_int: 'bid',
    best_ask_price_int: 'ask',
  };
  const priceColumns = Object.entries(prices).map(([name, sql]) =>
    manifestVersion === 1 ? `${sql} AS ${name}` : `if(has_mid, ${sql}, NULL) AS ${name}`,
  );
  const sides = manifestVersion === 1 ? [] : ['has_mid AS has_bid', 'has_mid AS has_ask'];
  const columns = ['bin_seq', 'book_valid', ...priceColumns, ...sides].join(', ');
  const to = (file: string) => `TO ${quoted(join(folder, file))} (FORMAT parquet, COMPRESSION zstd)`;
  await connection.run(`COPY (SELECT ${columns} FROM bins) ${to('bins.parquet')}`);
  await connection.run(`COPY grid ${to('grid_clean.parquet')}`);
  writeManifest(lake, datasetId, { bins: market.bins, date, manifestVersion });
}

/** Writes a dataset's manifest, and the checksums of what there is of its files. */
export function writeManifest(
  lake: Lake,
  datasetId: string,
  {
    bins,
    date,
    manifestVersion = 2,
  }: { readonly bins: number; readonly date: string; readonly manifestVersion?: 1 | 2 },
): void {
  const folder = lake.datasets(datasetId);
  mkdirSync(folder, { recursive: true });
  const start = Temporal.PlainDateTime.from(`${date}T09:30`).toZonedDateTime('America/New_York').epochNanoseconds;
  const manifest = {
    manifest_version: manifestVersion,
    dataset_id: datasetId,
    bins,
    spec: {
      capture: { product_type: 'future_mbo', symbol: 'MNQH6', dt: date, start_time: '09:30', end_time: '16:00' },
      pipeline: {},
    },
    resolved_config: { symbol_root: 'MNQ', cell_width_ms: 100 },
    capture: { start_ns: String(start), end_ns: String(start + 23_400_000_000_000n) },
    source: { sha256: datasetId },
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const names = ['bins.parquet', 'grid_clean.parquet', 'manifest.json'].filter((name) =>
    existsSync(join(folder, name)),
  );
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  const checksums = Object.fromEntries(names.map((name) => [name, hash(name)]));
  writeFileSync(join(folder, 'checksums.json'), JSON.stringify(checksums));
}

export const fixtureEvaluation: EvaluationSettings = {
  maxHoldBins: 50,
  warmupBins: 100,
  tickSize: 0.25,
  entryDelayBins: 0,
  folds: 3,
  embargoBins: 50,
};

export const fixtureJudgement: Judgement = {
  costs: { spread: 0.2, commissionTicks: 0.1 },
  minSignals: 5,
  split: null,
  choose: 'net_mean',
  final: null,
};

/** A small sweep of the derivative signal. */
export function fixtureRequest(radius: number, changes: Partial<SweepRequest> = {}): SweepRequest {
  return {
    experimentName: 'fixture',
    servingSpecName: 'fixture_serving',
    projection: { use_cubic: true, cubic_scale: 0.5, damping_lambda: 2 },
    runtime: fixtureRuntime(radius),
    signalName: 'derivative',
    signalParameters: {},
    scoringAxes: {},
    signalAxes: {
      derivative: { zscore_window_bins: [40, 60], zscore_min_periods: [20], d2_weight: [0, 0.5, 1] },
    },
    tpTicks: [4, 8],
    slTicks: [4],
    cooldownBins: [5],
    evaluation: fixtureEvaluation,
    judgement: fixtureJudgement,
    ...changes,
  };
}
