import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { contentHash, defaultRuntimeConfig } from '../../src/config/index.ts';
import { flag } from '../../src/dbn/index.ts';
import { Lake, ResultsStore, ServingRegistry, SpecFiles } from '../../src/lake/index.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { signals } from '../../src/signals/index.ts';
import { compareRuns, OutcomeEvaluator, promoteRun, runDetail, runExperiment } from '../../src/sweep/index.ts';
import { SyntheticSession } from '../../src/synth/index.ts';
import {
  createGridFrameDecoder,
  type GridUpdate,
  parseServerMessage,
  type RuntimeConfigMessage,
} from '../../src/wire/index.ts';
import { sessionContract } from '../../web/vacuum-pressure/session/contract.ts';
import { SessionStore } from '../../web/vacuum-pressure/session/session_store.ts';
import { StreamClient } from '../helpers/stream_client.ts';

/*
 * What is judged is what is drawn: the firings that the page shows of a promoted run are those that its results count, for
 * every signal, from the first bin on and from the middle.
 */

const folder = mkdtempSync(join(tmpdir(), 'spymaster-firings-'));
const lake = new Lake(join(folder, 'lake'));
const rows = 53;
const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: (rows - 1) / 2 };
/** Three minutes are more bins than the window of percentiles has, 3,000. */
const cellMs = 50;
let server: Server;

/** Two trials a signal, the second one with parameters that are not the defaults. */
const axes: Readonly<Record<string, string>> = {
  derivative: 'zscore_window_bins: [80, 120]',
  ads: 'tanh_scale: [3, 2]',
  erd: 'variant: [a, b]',
  iirc: 'min_imbalance: [0.01, 0]',
  jad: 'tanh_scale: [3, 2]',
  msd: 'weighting: [inverse_distance, plain]',
  pfp: 'lag_bins: [5, 3]',
  pva: 'spatial_decay_power: [1, 0]',
  spg: 'centre_bins: [0, 200]',
};
const parameters: Readonly<Record<string, string>> = {
  derivative: '{zscore_min_periods: 30}',
  erd: '{zscore_window_bins: 60, zscore_min_periods: 20}',
  pva: '{zscore_window_bins: 60, zscore_min_periods: 20}',
};

const startNs = 1770387900_000_000_000n;
/** From here on the feed marks the book as bad: nothing may fire. */
const badFromNs = startNs + 285_000_000_000n;

function writeSessionWithBadBook(path: string): void {
  const session = new SyntheticSession({
    ...{ seed: 7, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
    ...{ startNs, durationS: 300, openS: 300, recordsPerS: 80 },
  });
  const chunks: Uint8Array[] = [];
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const recordBytes = 56;
  for (let at = 8 + bytes.readUInt32LE(4); at < bytes.length; at += recordBytes) {
    if (bytes.readBigUInt64LE(at + 8) >= badFromNs) bytes[at + 36]! |= flag.maybeBadBook;
  }
  writeFileSync(path, bytes);
}

before(async () => {
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  writeSessionWithBadBook(join(raw, 'glbx-mdp3-20260206.mbo.dbn'));
  const write = (kind: 'pipelines' | 'serving' | 'experiments', name: string, text: string) => {
    mkdirSync(lake.specs(kind), { recursive: true });
    writeFileSync(join(lake.specs(kind), `${name}.yaml`), `name: ${name}\n${text}`);
  };
  const capture = '{product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:27", end_time: "09:30"}';
  const pipeline = `{cell_width_ms: ${cellMs}}`;
  write('pipelines', 'short', `pipeline_code_version: 1\ncapture: ${capture}\npipeline: ${pipeline}\n`);
  for (const { name } of signals) {
    const scoring = '{zscore_window_bins: 60, zscore_min_periods: 20}';
    const signal = `{name: ${name}, params: ${parameters[name] ?? '{}'}}`;
    write('serving', `serve_${name}`, `pipeline: short\nscoring: ${scoring}\nsignal: ${signal}\n`);
    write(
      'experiments',
      `try_${name}`,
      `serving: serve_${name}
eval: {tp_ticks: 4, sl_ticks: 4, max_hold_bins: 60, warmup_bins: 350, cooldown_bins: 7, min_signals: 1}
sweep: {per_signal: {${name}: {${axes[name]}}}}
`,
    );
  }
  server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: join(folder, 'no-pages') });
});

after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** What the page makes of a stream: everything by its own code from the messages on. */
class Page {
  readonly store: SessionStore;
  readonly config: RuntimeConfigMessage;
  readonly #decode = createGridFrameDecoder(rows);

  constructor(client: StreamClient) {
    this.config = parseServerMessage(JSON.stringify(client.messages[0])) as RuntimeConfigMessage;
    this.store = new SessionStore(sessionContract(this.config));
    for (const { text, frame } of client.bins) {
      this.store.put(parseServerMessage(text) as GridUpdate, this.#decode(new Uint8Array(frame)));
    }
  }

  firings(from: number, to: number): [bin: number, side: number][] {
    return Array.from({ length: to - from }, (_, index) => from + index).flatMap((bin) => {
      const side = this.store.bin('firing', bin);
      return side === 0 ? [] : [[bin, side]];
    });
  }
}

/** The bins of a stream up to `bins`, from the first or from `seek` on. */
async function stream(alias: string, bins: number, seek: number | null = null): Promise<StreamClient> {
  const client = new StreamClient(`${server.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=${alias}`);
  await client.opened();
  if (seek !== null) client.control('seek', { bin_seq: seek });
  client.control('speed', { speed: 'max' });
  await client.until(() => (client.bins.at(-1)?.seq ?? 0) >= bins - 1);
  await client.close();
  return client;
}

for (const { name, thresholds } of signals) {
  test(`firings of a promoted ${name} on the page are the firings in its results`, async () => {
    const experiment = await new SpecFiles(lake, instrument).experiment(
      join(lake.specs('experiments'), `try_${name}.yaml`),
    );
    const { plans } = await runExperiment({
      ...{ lake, experiment, defaultWorkers: 1, memoryBytes: 4e9, keepGoing: false, force: false, codeVersion: 'test' },
      ...{ now: () => new Date(), notice: () => {} },
    });
    const { runId } = plans[0]!.cells.at(1);
    const experimentName = `try_${name}`;
    using store = await ResultsStore.open(lake);
    const now = () => '2026-02-07T00:00:00.000Z';
    const promotion = await promoteRun({ lake, store, experimentName, runId, alias: name, now });
    using registry = new ServingRegistry(lake);
    const { firing } = registry.resolve(name).spec;
    ok(firing !== undefined, 'a threshold was judged');
    deepEqual(
      { ...firing, threshold: 0 },
      {
        ...{ kind: thresholds.kind, threshold: 0, cooldown_bins: 7, warmup_bins: 350 },
        ...(thresholds.kind === 'past_percentile' && { window_bins: thresholds.windowBins }),
      },
    );

    const { meta, thresholdResults } = await runDetail(store, runId);
    const stored = thresholdResults.find(({ threshold }) => threshold === firing.threshold)!;
    const { trades: judged } = await new OutcomeEvaluator(lake).of(meta, firing.threshold);
    const expected = Array.from(judged.firingBin, (bin, index) => [bin, judged.side[index]]);
    const bins = meta.nBins;
    ok(bins > 3500);
    equal(expected.length, stored.nSignals);
    ok(expected.length > 0);

    const page = new Page(await stream(name, bins));
    equal(page.config.signal.name, name);
    equal(page.config.firing.basis, 'published');
    deepEqual(page.firings(0, bins), expected);

    // Joined in the middle, and sought: the same firings and thresholds, none of what came before having been seen.
    const middle = 2011;
    const end = middle + 700;
    const joined = new Page(await stream(name, end, middle));
    ok(joined.store.has(middle) && !joined.store.has(middle - 200));
    deepEqual(joined.firings(middle, end), page.firings(middle, end));
    for (let bin = middle; bin < end; bin++) {
      equal(joined.store.bin('threshold', bin), page.store.bin('threshold', bin));
    }

    // Promoted again, it is the same version.
    const again = await promoteRun({ lake, store, experimentName, runId, alias: name, now: () => 'later' });
    deepEqual([again.isReused, again.version.servingId], [true, promotion.version.servingId]);
  });
}

test('the session has bins on which nothing may fire, and crossings there', async () => {
  using store = await ResultsStore.open(lake);
  const { runs } = await compareRuns(store, { sort: 'n_signals', minSignals: 0, top: 100 });
  ok(runs.length >= signals.length);
  ok(runs.some((run) => run.nInvalidBook > 0));
  ok(runs.some((run) => run.nCooling > 0));
  notEqual(new Set(runs.map((run) => run.nSignals)).size, 1);
});

test('an spg from before its mean was taken off reads back, promotes and streams as it was', async () => {
  using store = await ResultsStore.open(lake);
  using registry = new ServingRegistry(lake);
  const { runs } = await compareRuns(store, { signal: 'spg', sort: 'n_signals', minSignals: 0, top: 100 });
  const { runId } = runs.find((run) => JSON.parse(run.signalParamsJson).centre_bins === 0)!;
  const { meta, thresholdResults } = await runDetail(store, runId);
  const { centre_bins: _, ...before } = JSON.parse(meta.signalParamsJson);
  const oldId = 'f'.repeat(32);
  const { resolvedJson, ...row } = meta;
  const stamp = { runId: oldId, timestampUtc: meta.timestampUtc };
  await store.append({
    runs_meta: [{ ...row, ...stamp, signalParamsJson: JSON.stringify(before) }],
    resolved: [{ ...stamp, resolvedJson }],
    runs: thresholdResults.map((result) => ({ ...result, ...stamp })),
  });
  const old = await runDetail(store, oldId);
  const evaluator = new OutcomeEvaluator(lake);
  for (const { threshold, nSignals } of thresholdResults) {
    const { trades } = await evaluator.of(old.meta, threshold);
    equal(trades.count, nSignals);
    deepEqual(trades, (await evaluator.of(meta, threshold)).trades);
  }

  const promote = (run: string, alias: string) =>
    promoteRun({ lake, store, experimentName: 'try_spg', runId: run, alias, now: () => '2026-02-07T00:00:00.000Z' });
  await promote(runId!, 'spg_off');
  await promote(oldId, 'spg_promoted_later');
  const { firing: __, ...withoutFiring } = registry.resolve('spg_off').spec;
  const published = { ...withoutFiring, serving_id: 'srv_spg_before', signal: { name: 'spg', params: before } };
  registry.publish(published, { now: () => '2026-02-07T00:00:00.000Z', alias: 'spg_before' });

  const bins = 700;
  const [off, later, earlier] = await Promise.all(
    ['spg_off', 'spg_promoted_later', 'spg_before'].map((alias) => stream(alias, bins)),
  );
  const streamed = ({ bins: received }: StreamClient) =>
    received.slice(0, bins).map(({ text, frame }) => [text, frame]);
  deepEqual(streamed(later!), streamed(off!));
  const scores = (client: StreamClient) => {
    const { store: held } = new Page(client);
    return Array.from({ length: bins }, (_bin, bin) => held.bin('score', bin));
  };
  deepEqual(scores(earlier!), scores(off!));
  ok(new Set(scores(off!)).size > 100);
  // A version without a rule of its own says so, and has the hash that it always had.
  const { config } = new Page(earlier!);
  deepEqual([config.firing.basis, config.firing.kind, config.firing.threshold], ['default', 'past_percentile', 95]);
  equal(config.signal.params.centre_bins, 0);
  const { runtime_snapshot, signal, projection = null } = published;
  equal(config.effective_config_hash, contentHash({ runtime_snapshot, signal, projection }, 16));
});
