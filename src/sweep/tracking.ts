import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash } from '../config/index.ts';
import { present } from '../errors.ts';
import { remove, writeFileAtomic } from '../files/index.ts';
import { type Lake, type ResultsStore, type RunMeta, runMetas, thresholdRows } from '../lake/index.ts';
import { type ResultRow, resultTables, wireRowOf } from '../wire/index.ts';
import { bestThreshold } from './compare_runs.ts';
import type { ExperimentDocument } from './experiment_document.ts';

/** A run as a tracking server shows it. */
export interface TrackedRun {
  readonly runName: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Series of metrics: a value a step, null where there is none. */
  readonly series?: Readonly<Record<string, readonly (number | null)[]>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Text files by name. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Runs that the server shows below this one. */
  readonly children?: readonly TrackedRun[];
}

export interface MlflowOptions {
  readonly trackingUri: string;
  readonly experimentName: string;
  /** Folder for runs that the server did not take. */
  readonly spoolFolder: string;
  /** Told in a sentence when runs are spooled or sent late. */
  readonly notice: (text: string) => void;
  /** Longest wait for one answer. */
  readonly timeoutMs?: number;
}

/** At most this many runs wait to be sent; what comes on top goes to the spool. */
const maxWaiting = 64;

/**
 * Reports runs to an MLflow server over its REST API, in the background. A server that is down, slow or broken never fails
 * or slows a sweep: from the first failure on runs go to the spool folder, and the next sweep sends them.
 */
export class MlflowTracker {
  readonly #options: MlflowOptions;
  #experimentId: Promise<string> | null = null;
  #sending: Promise<void> = Promise.resolve();
  #waiting = 0;
  #down: string | null = null;
  #spooled = 0;
  #sent = 0;

  constructor(options: MlflowOptions) {
    this.#options = options;
  }

  /** Takes a run and returns at once. */
  log(run: TrackedRun): void {
    const full = this.#waiting >= maxWaiting;
    this.#waiting++;
    const work = full ? this.#spool(run) : this.#sending.then(() => this.#sendOrSpool(run));
    const done = work.finally(() => {
      this.#waiting--;
    });
    this.#sending = full ? Promise.all([this.#sending, done]).then(() => {}) : done;
  }

  /** Sends what earlier sweeps spooled, then waits until every run is sent or spooled; says what was spooled. */
  async close(): Promise<{ readonly sent: number; readonly spooled: number }> {
    await this.#sending;
    if (this.#down === null) await this.#sendSpooled();
    if (this.#spooled > 0) {
      const why = this.#down ?? 'it took runs more slowly than they came';
      this.#options.notice(
        `MLflow at ${this.#options.trackingUri} did not take ${this.#spooled} runs (${why}); they wait in ` +
          `${this.#options.spoolFolder} and go out with the next sweep that is tracked there.`,
      );
    }
    return { sent: this.#sent, spooled: this.#spooled };
  }

  async #sendOrSpool(run: TrackedRun): Promise<void> {
    if (this.#down !== null) return this.#spool(run);
    try {
      await this.#send(run);
      this.#sent += countOf(run);
    } catch (error) {
      this.#down = error instanceof Error ? error.message : String(error);
      await this.#spool(run);
    }
  }

  async #sendSpooled(): Promise<void> {
    const { spoolFolder, notice, trackingUri } = this.#options;
    const names = (await readdir(spoolFolder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    let late = 0;
    for (const name of names) {
      const path = join(spoolFolder, name);
      try {
        const run = JSON.parse(await readFile(path, 'utf8')) as TrackedRun;
        await this.#send(run);
        await remove(path);
        late += countOf(run);
      } catch (error) {
        notice(`MLflow at ${trackingUri} did not take the spooled run ${path}: ${error}.`);
        break;
      }
    }
    if (late > 0) notice(`Sent ${late} runs to MLflow at ${trackingUri} that waited in ${spoolFolder}.`);
  }

  async #spool(run: TrackedRun): Promise<void> {
    const { spoolFolder, notice } = this.#options;
    this.#spooled += countOf(run);
    try {
      await writeFileAtomic(join(spoolFolder, `${contentHash(run, 32)}.json`), JSON.stringify(run));
    } catch (error) {
      notice(`Cannot keep the run ${run.runName} for MLflow: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #send(run: TrackedRun): Promise<void> {
    this.#experimentId ??= this.#findExperiment();
    const experimentId = await this.#experimentId.catch((error: unknown) => {
      this.#experimentId = null;
      throw error;
    });
    await this.#sendRun(run, experimentId, null);
  }

  async #sendRun(run: TrackedRun, experimentId: string, parentId: string | null): Promise<void> {
    const parent = parentId === null ? {} : { 'mlflow.parentRunId': parentId };
    const created = await this.#post('runs/create', {
      experiment_id: experimentId,
      run_name: run.runName,
      start_time: run.startMs,
      tags: Object.entries({ ...run.tags, ...parent }).map(([key, value]) => ({ key, value })),
    });
    const { run_id: runId, artifact_uri: artifactUri } = (created.run as { info: Record<string, string> }).info;
    const params = Object.entries(run.params).map(([key, value]) => ({ key, value: value.slice(0, 6000) }));
    const metrics = Object.entries(run.metrics).map(([key, value]) => ({ key, value, timestamp: run.endMs, step: 0 }));
    // The API takes at most 100 parameters and 1000 items at once.
    for (let at = 0; at < Math.max(params.length, 1); at += 100) {
      await this.#post('runs/log-batch', {
        run_id: runId,
        params: params.slice(at, at + 100),
        metrics: at === 0 ? metrics.slice(0, 900) : [],
      });
    }
    await this.#logSeries(present(runId), run);
    for (const [name, content] of Object.entries(run.artifacts))
      await this.#putArtifact(present(artifactUri), name, content);
    for (const child of run.children ?? []) await this.#sendRun(child, experimentId, present(runId));
    await this.#post('runs/update', { run_id: runId, status: 'FINISHED', end_time: run.endMs });
  }

  async #logSeries(runId: string, { series = {}, endMs }: TrackedRun): Promise<void> {
    const metrics = Object.entries(series).flatMap(([key, values]) =>
      values.flatMap((value, step) => (value === null ? [] : [{ key, value, timestamp: endMs, step }])),
    );
    for (let at = 0; at < metrics.length; at += 900) {
      await this.#post('runs/log-batch', { run_id: runId, params: [], metrics: metrics.slice(at, at + 900) });
    }
  }

  async #findExperiment(): Promise<string> {
    const { experimentName } = this.#options;
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(experimentName)}`;
    const found = await this.#request('GET', `api/2.0/mlflow/${query}`);
    if (found.ok) return ((await found.json()) as { experiment: { experiment_id: string } }).experiment.experiment_id;
    if (found.status !== 404) throw await failure(found);
    try {
      return (await this.#post('experiments/create', { name: experimentName })).experiment_id as string;
    } catch (error) {
      // Another sweep may have made it meanwhile.
      const again = await this.#request('GET', `api/2.0/mlflow/${query}`);
      if (!again.ok) throw error;
      return ((await again.json()) as { experiment: { experiment_id: string } }).experiment.experiment_id;
    }
  }

  /** Servers that hand artifacts on themselves say so in the URI; other stores are out of reach over REST. */
  async #putArtifact(artifactUri: string, name: string, content: string): Promise<void> {
    if (!artifactUri.startsWith('mlflow-artifacts:')) return;
    const path = artifactUri.replace(/^mlflow-artifacts:(\/\/[^/]*)?\/*/, '');
    const answer = await this.#request('PUT', `api/2.0/mlflow-artifacts/artifacts/${path}/${name}`, content);
    if (!answer.ok) throw await failure(answer);
  }

  async #post(endpoint: string, body: object): Promise<Record<string, unknown>> {
    const answer = await this.#request('POST', `api/2.0/mlflow/${endpoint}`, JSON.stringify(body));
    if (!answer.ok) throw await failure(answer);
    return (await answer.json()) as Record<string, unknown>;
  }

  #request(method: string, path: string, body?: string): Promise<Response> {
    const base = this.#options.trackingUri.replace(/\/+$/, '');
    return fetch(`${base}/${path}`, {
      method,
      signal: AbortSignal.timeout(this.#options.timeoutMs ?? 5000),
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
  }
}

/** A run and those below it. */
function countOf({ children = [] }: TrackedRun): number {
  return children.reduce((count, child) => count + countOf(child), 1);
}

async function failure(answer: Response): Promise<Error> {
  return new Error(`HTTP ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
}

/** Folder of the runs that wait for a tracking server. */
export function spoolFolder(lake: Lake): string {
  return lake.path('research', 'vp_harness', 'tracking_spool');
}

const wireThreshold = wireRowOf(resultTables.runs);

/** An experiment as a tracking server shows it: its verdict, and below it each run at the threshold with the most evidence. */
export async function trackedExperiment(
  store: ResultsStore,
  document: ExperimentDocument,
  sweepId: string,
  prefix: string,
  tags: Readonly<Record<string, string>>,
): Promise<TrackedRun> {
  const { experiment_name: experiment, verdict, family, sessions, best, walk_forward: walk } = document;
  const children: TrackedRun[] = [];
  for (const meta of await runMetas(store, sweepId)) {
    const thresholds = await thresholdRows(store, meta.runId);
    const series = document.trials.filter((trial) => trial.run_id === meta.runId);
    children.push(trackedRun(meta, thresholds, series, prefix, tags));
  }
  const endMs = Math.max(...children.map((child) => child.endMs));
  return {
    runName: `${prefix}${experiment}`,
    startMs: Math.min(...children.map((child) => child.startMs)),
    endMs,
    params: { experiment, sessions: String(sessions.length), signal: document.signal_name },
    metrics: numbersOf({
      n_trials: family.trials,
      n_tested: family.tested,
      n_survivors: document.survivors.length,
      spa_p: family.spa_p,
      overfitting_probability: family.overfitting?.probability ?? null,
      best_net_pnl_ticks: best?.mean_net_pnl_ticks ?? null,
      best_p_adjusted: best?.p_adjusted ?? null,
      walk_forward_net_ticks: walk?.mean_net_pnl_ticks ?? null,
    }),
    series: { best_session_net_ticks: sessions.map((session) => session.best_net_ticks) },
    tags: { ...tags, experiment, verdict: verdict.headline },
    artifacts: { 'report.json': `${JSON.stringify(document, null, 2)}\n` },
    children,
  };
}

function trackedRun(
  meta: RunMeta,
  thresholds: readonly ResultRow<'runs'>[],
  trials: ExperimentDocument['trials'],
  prefix: string,
  tags: Readonly<Record<string, string>>,
): TrackedRun {
  const best = bestThreshold(thresholds, meta.evalMinSignals);
  const trial = trials.find(({ threshold }) => threshold === best?.threshold);
  const params = {
    signal: meta.signalName,
    dataset_id: meta.datasetId,
    ...JSON.parse(meta.signalParamsJson),
    ...Object.fromEntries(
      Object.entries(JSON.parse(meta.scoringJson) as object).map(([key, value]) => [`scoring.${key}`, value]),
    ),
    eval_tp_ticks: meta.evalTpTicks,
    eval_sl_ticks: meta.evalSlTicks,
    cooldown_bins: meta.cooldownBins,
    max_hold_bins: meta.evalMaxHoldBins,
  } as Record<string, unknown>;
  const endMs = Date.parse(meta.timestampUtc);
  return {
    runName: `${prefix}${meta.runId.slice(0, 8)}`,
    startMs: Math.round(endMs - meta.elapsedMs),
    endMs,
    params: Object.fromEntries(
      Object.entries(params).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    ),
    metrics: best === null ? {} : numbersOf(wireThreshold(best)),
    series:
      trial === undefined ? {} : { session_net_ticks: trial.session_net_ticks, session_signals: trial.session_signals },
    tags: { ...tags, run_id: meta.runId, config_hash: meta.configHash, experiment: meta.experimentName },
    artifacts: { 'thresholds.json': `${JSON.stringify(thresholds.map(wireThreshold), null, 2)}\n` },
  };
}

/** The fields that are numbers. */
function numbersOf(fields: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
