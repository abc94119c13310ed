import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultRuntimeConfig, parsePipelineSpec, resolvePipeline } from '../../src/config/index.ts';
import { rtypeMbo } from '../../src/dbn/index.ts';
import { openRecords } from '../../src/files/index.ts';
import { Lake } from '../../src/lake/index.ts';
import { generateDataset } from '../../src/replay/index.ts';
import { SyntheticSession } from '../../src/synth/index.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';
import { type Mbo, readMbo } from '../oracle/mbo.ts';

// Features of a dataset that know the trading day before, against the raw records of all its files.

const lake = new Lake(temporaryFolder('prior-day'));
const raw = lake.rawFolder('future_mbo', 'MNQH6');
mkdirSync(raw, { recursive: true });
const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 4 };
const ns = (text: string) => Temporal.ZonedDateTime.from(`${text}[America/New_York]`).epochNanoseconds;
const pathOf = (date: string) => join(raw, `glbx-mdp3-${date}.mbo.dbn`);

/** Writes the session of a date, which begins at a time of New York. */
function write(date: string, start: string, minutes: number, seed: number): void {
  const session = new SyntheticSession({
    ...{ seed, profile: 'busy', symbol: 'MNQH6', date: Number(date), nextDate: Number(date) + 1 },
    ...{ startNs: ns(start), durationS: minutes * 60, openS: 300, recordsPerS: 2 },
  });
  const chunks: Uint8Array[] = [];
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) chunks.push(Uint8Array.from(chunk));
  writeFileSync(pathOf(date), Buffer.concat(chunks));
  utimesSync(pathOf(date), seed, seed);
}

// The trading day before Friday begins on Wednesday evening, at 23:00 UTC.
write('20260204', '2026-02-04T17:50', 20, 1);
write('20260205', '2026-02-05T15:40', 160, 2);
write('20260206', '2026-02-06T09:20', 12, 3);

function pipelineOf(block: object) {
  const capture = {
    product_type: 'future_mbo',
    symbol: 'MNQH6',
    dt: '2026-02-06',
    start_time: '09:25',
    end_time: '09:32',
  };
  const pipeline = { cell_width_ms: 10_000, ...block };
  const spec = parsePipelineSpec({ name: 'prior', pipeline_code_version: 1, capture, pipeline }, 'p.yaml');
  return { ...resolvePipeline(spec, instrument, 'p.yaml'), path: '' };
}

const generate = (block: object, rebuild = false) =>
  generateDataset({ lake, pipeline: pipelineOf(block), codeVersion: 'test', rebuild });

async function printsOf(date: string): Promise<Mbo[]> {
  const prints: Mbo[] = [];
  await using source = await openRecords(pathOf(date));
  for await (const batch of source) {
    if (batch.rtype !== rtypeMbo) continue;
    for (let i = 0; i < batch.count; i++) {
      const record = readMbo(batch, i);
      if (record.action === 'T') prints.push(record);
    }
  }
  return prints;
}

test('sums and levels are those of the records of all sessions since the trading day before', async () => {
  const { folder, manifest } = await generate({ prior_day: true });
  deepEqual(
    manifest.prior_sources?.map(({ dt, file_name }) => [dt, file_name]),
    [
      ['2026-02-04', 'glbx-mdp3-20260204.mbo.dbn'],
      ['2026-02-05', 'glbx-mdp3-20260205.mbo.dbn'],
    ],
  );
  const prints = (await Promise.all(['20260204', '20260205', '20260206'].map(printsOf))).flat();
  const within = (from: bigint, to: bigint) => prints.filter(({ tsEvent }) => tsEvent >= from && tsEvent < to);
  const prices = (of: readonly Mbo[]) => of.map(({ price }) => Number(price) / 1e9);
  const range = (of: readonly Mbo[]) => [Math.max(...prices(of)), Math.min(...prices(of))];
  const prior = within(ns('2026-02-04T18:00'), ns('2026-02-05T17:00'));
  const close = prices(within(ns('2026-02-05T09:30'), ns('2026-02-05T16:00'))).at(-1);
  const [dayNs, bellNs] = [ns('2026-02-05T18:00'), ns('2026-02-06T09:30')];
  ok(within(ns('2026-02-04T18:00'), ns('2026-02-05T00:00')).length > 5 && within(dayNs, bellNs).length > 20);
  const rows = await queryRows(
    `SELECT ts_ns, since_ns, since_volume, cvd, vwap, point_of_control, day_high, day_low, overnight_high, overnight_low,
      prior_high, prior_low, prior_close FROM '${folder}/features.parquet' ORDER BY ts_ns`,
  );
  equal(rows.length, 42);
  for (const [endNs, sinceNs, ...values] of rows) {
    const [sinceVolume, cvd, vwap, control, ...levels] = values.map(Number);
    const day = within(dayNs, endNs as bigint);
    const night = within(dayNs, (endNs as bigint) < bellNs ? (endNs as bigint) : bellNs);
    const volume = day.reduce((sum, { size }) => sum + size, 0);
    const delta = day.reduce((sum, { side, size }) => sum + (side === 'B' ? size : side === 'A' ? -size : 0), 0);
    deepEqual([sinceNs, sinceVolume, cvd], [dayNs, volume, delta]);
    const mean = day.reduce((sum, { price, size }) => sum + (Number(price) / 1e9) * (size / volume), 0);
    ok(Math.abs((vwap ?? 0) - mean) < 1e-6);
    const at = Map.groupBy(day, ({ price }) => Number(price) / 1e9);
    const volumes = [...at].map(([price, of]) => [price, of.reduce((sum, { size }) => sum + size, 0)] as const);
    const largest = Math.max(...volumes.map(([, size]) => size));
    ok(volumes.some(([price, size]) => price === control && size === largest));
    deepEqual(levels, [...range(day), ...range(night), ...range(prior), close]);
  }
});

test('a dataset without it is as it was, and what both know is the same', async () => {
  const [plain, same, prior] = [
    await generate({}),
    await generate({ prior_day: false }),
    await generate({ prior_day: true }),
  ];
  equal(same.manifest.dataset_id, plain.manifest.dataset_id);
  notEqual(prior.manifest.dataset_id, plain.manifest.dataset_id);
  ok(!('prior_sources' in plain.manifest));
  const alone = `bin_seq, volume, delta, trade_count, add_count, cancel_count, bid_order_count, ask_order_count, bid_mean_age_ms,
    ask_mean_age_ms, bid_level_1_orders, opening_range_5_high, traded_price, traded_bought`;
  const of = (folder: string) => `SELECT ${alone} FROM '${folder}/features.parquet'`;
  deepEqual(await queryRows(`${of(plain.folder)} EXCEPT ALL ${of(prior.folder)}`), []);
  const levels = 'count(overnight_high), count(prior_high), count(prior_close)';
  deepEqual(await queryRows(`SELECT ${levels} FROM '${plain.folder}/features.parquet'`), [[0n, 0n, 0n]]);
});

test('a file of a session before that changes makes another dataset, and one that lacks is named', async () => {
  const first = await generate({ prior_day: true });
  write('20260205', '2026-02-05T15:40', 160, 4);
  equal((await generate({})).raw.state, 'same');
  const now = await generate({ prior_day: true });
  deepEqual([now.isNew, now.raw.state, now.raw.path], [false, 'differs', pathOf('20260205')]);
  const rebuilt = await generate({ prior_day: true }, true);
  ok(rebuilt.manifest.dataset_id.startsWith(`${first.manifest.dataset_id}_r`));
  equal((await generate({ prior_day: true })).manifest.dataset_id, rebuilt.manifest.dataset_id);
  rmSync(pathOf('20260204'));
  equal((await generate({})).raw.state, 'same');
  await rejects(generate({ prior_day: true, cell_width_ms: 5000 }), (error: Error) => {
    match(
      error.message,
      /whose features know the trading day before 2026-02-06 \(pipeline\.prior_day\): .* for 2026-02-04: /,
    );
    match(error.message, /; put the file there with `npx spymaster download`.* or leave prior_day out/);
    ok(error.message.includes(raw));
    return true;
  });
});
