import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { DuckDatabase, quoted } from '../../src/files/index.ts';
import { listDatasets, ResultsStore, readManifest, ServingRegistry } from '../../src/lake/index.ts';
import { createSignal, findFirings, pastPercentiles, signalContext } from '../../src/signals/index.ts';
import { onlineSim, promoteRun, resolveServing, signalSession } from '../../src/sweep/index.ts';
import { WatchedSignal } from '../../src/sweep/signal_watch/watched_signal.ts';
import { checkSignal, findUserSignal, importScores, loadSignal } from '../../src/user_signals/index.ts';
import { dayStreamName } from '../../src/wire/index.ts';
import { runCommand } from '../helpers/run_command.ts';
import { createTwoDaysLake, type TwoDaysLake, twoDays, twoDaysExperiment } from '../helpers/two_days_lake.ts';

/* The scores of a built-in signal, imported: they fire as the signal does, later by the delay, and do nothing that needs a signal's code. */

const [threshold, windowBins, warmupBins] = [80, 3000, 50];
let made: TwoDaysLake;
let instrumentBefore: string | undefined;

before(async () => {
  made = await createTwoDaysLake();
  const instrument = join(made.lake.root, 'instrument.yaml');
  writeFileSync(instrument, JSON.stringify({ ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 26 }));
  instrumentBefore = process.env.SPYMASTER_INSTRUMENT;
  process.env.SPYMASTER_INSTRUMENT = instrument;
});
after(() => {
  if (instrumentBefore === undefined) delete process.env.SPYMASTER_INSTRUMENT;
  else process.env.SPYMASTER_INSTRUMENT = instrumentBefore;
  made.remove();
});

const inLake = (...words: string[]) => runCommand(...words, '--lake-root', made.lake.root);

/** A session with what the built-in signal gives for it. */
interface ScoredDataset {
  readonly id: string;
  readonly date: string;
  readonly startNs: bigint;
  readonly tradable: Uint8Array;
  readonly scores: Float64Array;
}

async function scoredDatasets(): Promise<ScoredDataset[]> {
  const { lake } = made;
  const parameters = { zscore_window_bins: 60, zscore_min_periods: 30 };
  return Promise.all(
    (await listDatasets(lake)).map(async (id) => {
      const { resolved_config: runtime, spec, capture } = await readManifest(lake, id);
      const context = signalContext(runtime);
      const signal = createSignal('derivative', parameters, context);
      const { dataset, columns } = await signalSession(lake, id, context, signal.definition.columns);
      const rows = 2 * context.radius + 1;
      const scores = Float64Array.from({ length: dataset.binCount }, (_, bin) => signal.update(columns, bin * rows));
      const { tradable } = dataset.series;
      return { id, date: spec.capture.dt, startNs: BigInt(capture.start_ns), tradable, scores };
    }),
  );
}

/** Writes the scores of every bin, by its number, and by the time of its end. */
async function writeScores(datasets: readonly ScoredDataset[]) {
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  await connection.run('CREATE TABLE t (dataset VARCHAR, session VARCHAR, bin_seq BIGINT, ts_ns BIGINT, score DOUBLE)');
  const rows = await connection.createAppender('t');
  for (const { id, date, startNs, scores } of datasets) {
    for (const [bin, score] of scores.entries()) {
      rows.appendVarchar(id);
      rows.appendVarchar(date);
      rows.appendBigInt(BigInt(bin));
      rows.appendBigInt(startNs + BigInt(bin + 1) * 100_000_000n);
      rows.appendDouble(score);
      rows.endRow();
    }
  }
  rows.closeSync();
  const write = async (name: string, columns: string) => {
    const path = join(made.lake.root, `${name}.parquet`);
    await connection.run(`COPY (SELECT ${columns}) TO ${quoted(path)} (FORMAT parquet)`);
    return path;
  };
  return {
    byBin: await write('by_bin', 'dataset, bin_seq, score FROM t'),
    byTime: await write('by_time', 'session, ts_ns, score FROM t'),
    oneDay: await write('one_day', `session, bin_seq, score FROM t WHERE session = '${twoDays[0]}'`),
  };
}

/** Specs that judge the imported signal; gives the path of the experiment. */
function specify(): string {
  const { lake } = made;
  writeFileSync(join(lake.specs('serving'), 's.yaml'), `name: s\npipeline: ${twoDaysExperiment}\nsignal: {name: s}\n`);
  const path = join(lake.specs('experiments'), 's.yaml');
  writeFileSync(
    path,
    `name: s\nserving: s\nsessions: {dates: [${twoDays.join(', ')}], contract: fixed}
eval: {tp_ticks: 4, sl_ticks: 4, max_hold_bins: 60, warmup_bins: ${warmupBins}, cooldown_bins: 0, min_signals: 2}
sweep: {}\n`,
  );
  return path;
}

const options = (path: string, availableAfterMs: number) => {
  const { lake } = made;
  return { lake, path, name: 's', availableAfterMs, folder: lake.signals, force: true };
};

/** Imported without a delay, the scores of each bin are those that were written. */
async function assertSame(path: string, datasets: readonly ScoredDataset[]): Promise<void> {
  const { lake } = made;
  await importScores(options(path, 0));
  await loadSignal((await findUserSignal({ lake }, 's')).source);
  for (const { id, scores } of datasets) {
    const { resolved_config: runtime, spec, capture } = await readManifest(lake, id);
    const place = { symbol: spec.capture.symbol, startNs: capture.start_ns };
    const signal = createSignal('s', {}, signalContext(runtime, spec.capture.dt, place));
    deepEqual(
      scores.map(() => signal.update({} as never, 0)),
      scores,
    );
  }
}

test('imported scores fire as the signal that gave them, a bin later where they were known later', async () => {
  const datasets = await scoredDatasets();
  const { byBin, byTime, oneDay } = await writeScores(datasets);
  await assertSame(byBin, datasets);
  await assertSame(byTime, datasets);
  const experiment = specify();
  const { sessions } = await importScores(options(oneDay, 50));
  deepEqual(sessions, [{ date: twoDays[0], symbol: 'MNQH6', scores: 600, late: 1 }]);
  const refused = await inLake('run', experiment);
  match(refused.err, /SIGNAL_IMPORTED.*s has no scores of 1 session of 2 \(MNQH6 on 2026-02-06\)/);

  const words = ['signal', 'import', byBin, '--name', 's', '--available-after-ms', '50', '--force'];
  match((await inLake(...words)).out, /It can be swept and judged; it cannot be streamed, nor checked for look-ahead/);
  equal((await inLake('run', experiment)).code, 0);
  const { runId } = JSON.parse((await inLake('run', experiment, '--dry-run', '--json')).out).cells[0];
  const listed = await inLake('trades', runId, '--threshold', String(threshold), '--json');
  const trades = JSON.parse(listed.out).trades as { session: string; bin_seq: number; side: string }[];
  const expected = datasets.flatMap(({ date, scores, tradable }) => {
    const later = new Float64Array(scores.length);
    later.set(scores.subarray(0, -1), 1);
    const [perBin = new Float64Array()] = pastPercentiles(later, [threshold], windowBins);
    const { bins, sides } = findFirings(later, perBin, tradable, warmupBins, 0);
    return Array.from(bins, (bin, at) => [date, bin, sides[at] === 1 ? 'long' : 'short']);
  });
  ok(expected.length > 10, `${expected.length} firings`);
  deepEqual(
    trades.map(({ session, bin_seq, side }) => [session, bin_seq, side]),
    expected,
  );
  await refusesWhatNeedsCode(datasets[0]?.id ?? '', runId);
});

async function refusesWhatNeedsCode(datasetId: string, runId: string): Promise<void> {
  const { lake } = made;
  const refused = (promise: Promise<unknown>, action: string) =>
    rejects(promise, {
      code: 'SIGNAL_IMPORTED',
      message: new RegExp(`^Cannot ${action}.*: the scores of s were imported and nothing here computes them`),
    });
  const signal = await findUserSignal({ lake }, 's');
  const data = { columns: {} as never, context: { radius: 2, binS: 0.1 }, binCount: 1 };
  await refused(checkSignal(signal, { data, stallMs: 1000 }), 'check the signal s');
  const watched = { lake, places: { lake }, name: 's', datasetId, stallMs: 1000 };
  await refused(WatchedSignal.open(watched), 'watch the signal s');
  await loadSignal(signal.source);
  const simulation = {
    lake,
    datasetId,
    signalName: 's',
    signalParameters: {},
    binBudgetMs: 100,
    residentBytes: () => 0,
  };
  await refused(onlineSim({ ...simulation, nowMs: () => 0 }), 'simulate s');
  using store = await ResultsStore.open(lake);
  using registry = new ServingRegistry(lake);
  const promotion = { lake, store, experimentName: 's', runId, alias: 'a', now: () => '2026-02-07T00:00:00Z' };
  await refused(promoteRun(promotion), 'promote or stream the run');
  const name = dayStreamName({ of: runId, date: twoDays[0], threshold: null });
  await refused(resolveServing(name, { lake, store, registry }), 'promote or stream the run');
}
