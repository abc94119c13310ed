import { existsSync } from 'node:fs';
import { canonicalJson, resolveDay } from '../config/index.ts';
import { present } from '../errors.ts';
import { chooseDataset, type Lake, type LoadedExperiment, type LoadedSessionsExperiment } from '../lake/index.ts';
import { assertComplete, binsOf, resolveSessions } from '../sessions/index.ts';
import {
  type AnyExperiment,
  assertOutOfSample,
  assertScored,
  evaluateCells,
  evaluationVersion,
  loadSession,
  planExperiment,
  planSignal,
  type SweepPlan,
  sweepRequests,
  takeUserSignals,
} from '../sweep/index.ts';
import {
  type FleetPlan,
  groupsOf,
  type PlanContent,
  type PlannedDataset,
  planHash,
  readPlan,
  storePlan,
} from './fleet_plan.ts';
import { shareMs, shareSizes } from './shares.ts';

/** Time of one bin at one threshold where nothing can be measured yet, in milliseconds (docs/bench.md). */
const binThresholdMs = 1e-4;
/** Work that a rate is measured on. */
const probeMs = 2000;
const probeCells = 64;

export interface MakePlanOptions {
  readonly lake: Lake;
  readonly experiment: AnyExperiment;
  readonly signal: AbortSignal;
  /** Work of a share. */
  readonly targetMs?: number;
  /** Told in a sentence what a user should know. */
  readonly notice: (text: string) => void;
}

/**
 * The plan of an experiment, stored in the lake. The first time, the time of a cell is measured on a dataset that is there, and
 * the plan is cut by it; from then on the plan stays as it is. Sessions of the holdout are left out.
 * Throws what `planExperiment`, `resolveSessions`, `chooseDataset` and `storePlan` throw.
 */
export async function makePlan(options: MakePlanOptions): Promise<FleetPlan> {
  const { lake, experiment, targetMs = shareMs } = options;
  const sweeps = planExperiment(experiment);
  await takeUserSignals(lake, sweeps);
  const datasets =
    experiment.sessions === null ? await oneDataset(options, experiment) : await manyDatasets(options, experiment);
  const sessions = datasets.map(({ pipeline: { spec, runtime } }) => {
    return { date: spec.capture.dt, symbol: spec.capture.symbol, symbolRoot: runtime.symbol_root };
  });
  for (const definition of sweeps.map(planSignal)) {
    assertScored(experiment.spec.name, definition, sessions);
    assertOutOfSample(experiment.spec.name, definition, sessions, false);
  }
  const content: PlanContent = JSON.parse(
    canonicalJson({
      format: 1,
      evaluation_version: evaluationVersion,
      experiment_name: experiment.spec.name,
      sweep_id: present(sweeps[0]).sweepId,
      timeout_ms: experiment.spec.parallel.timeout_seconds * 1000,
      requests: sweepRequests(experiment),
      datasets,
    } satisfies PlanContent),
  );
  const there = await readPlan(lake, planHash(content));
  if (there !== null) return there;
  const trialMs: number[] = [];
  for (const sweep of sweeps) trialMs.push(await measureTrialMs(options, sweep, datasets));
  const signals = sweeps.map((sweep, at) => ({ ...groupsOf(sweep), trialMs: present(trialMs[at]) }));
  const sizes = shareSizes(signals, datasets.length, { targetMs });
  return await storePlan(lake, content, { sizes, trial_ms: trialMs });
}

async function oneDataset(
  { lake, signal }: MakePlanOptions,
  { serving: { pipeline } }: LoadedExperiment,
): Promise<PlannedDataset[]> {
  const { spec, runtime, datasetId } = pipeline;
  const chosen = await chooseDataset(lake, datasetId, { hash: true, signal });
  return [{ dataset_id: chosen?.manifest.dataset_id ?? datasetId, window: null, pipeline: { spec, runtime } }];
}

async function manyDatasets(
  { lake, notice }: MakePlanOptions,
  experiment: LoadedSessionsExperiment,
): Promise<PlannedDataset[]> {
  const plan = await resolveSessions(lake, experiment);
  assertComplete(plan);
  for (const note of plan.notes) notice(note);
  const { window = experiment.serving.pipeline.spec.capture, datasets } = experiment.sessions;
  // A dataset that is named has its own window.
  const asked = datasets === undefined ? `${window.start_time}-${window.end_time}` : null;
  return plan.sessions
    .filter(({ isHoldout }) => !isHoldout)
    .map(({ datasetId, pipeline: { spec, runtime } }) => {
      return { dataset_id: datasetId, window: asked, pipeline: { spec, runtime } };
    });
}

/** Time of a cell in a session on one core: measured where a dataset is there, else by the bins. */
async function measureTrialMs(
  { lake, experiment, signal }: MakePlanOptions,
  sweep: SweepPlan,
  datasets: readonly PlannedDataset[],
): Promise<number> {
  const there = datasets.find(({ dataset_id }) => existsSync(lake.datasets(dataset_id)));
  if (there === undefined) {
    const { pipeline } = present(datasets[0]);
    const bins = binsOf(resolveDay(pipeline, pipeline.spec.capture, experiment.path));
    return bins * sweep.thresholds.values.length * binThresholdMs;
  }
  const loaded = await loadSession(lake, sweep, { datasetId: there.dataset_id });
  const enough = new AbortController();
  const times: number[] = [];
  const cells = Array.from({ length: Math.min(probeCells, sweep.cells.trialCount) }, (_, at) => {
    return sweep.cells.inStageOrder(at);
  });
  const sum = () => times.reduce((total, ms) => total + ms, 0);
  await evaluateCells({
    ...{ loaded, cells, isOnly: datasets.length === 1, threads: 1, timeoutMs: 600_000 },
    signal: AbortSignal.any([signal, enough.signal]),
    onCell: (elapsedMs) => {
      times.push(elapsedMs);
      if (sum() > probeMs) enough.abort();
    },
  }).catch((error: unknown) => {
    if (!enough.signal.aborted || signal.aborted) throw error;
  });
  return times.length === 0 ? probeMs : Number((sum() / times.length).toPrecision(3));
}
