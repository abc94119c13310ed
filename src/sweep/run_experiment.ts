import { present, SpymasterError } from '../errors.ts';
import {
  type Lake,
  type LoadedExperiment,
  type LoadedSessionsExperiment,
  type RawMatch,
  ResultsStore,
  rawNotice,
  type SweepProgressFile,
} from '../lake/index.ts';
import { generateDataset, generateDatasets, type SessionWatcher } from '../replay/index.ts';
import { assertComplete, type PlannedSession, resolveSessions, type SessionPlan } from '../sessions/index.ts';
import { assertChecked, storeSource } from '../user_signals/index.ts';

import { experimentDocument } from './experiment_document.ts';
import type { SweepPlan } from './plan.ts';
import { planSignal } from './plan_signal.ts';
import { runSweep, type SweepReport } from './run_sweep.ts';
import { type AnyExperiment, planExperiment } from './sweep_request.ts';
import { endOfError, endOfReport, tellProgress } from './told_progress.ts';
import { MlflowTracker, spoolFolder, trackedExperiment } from './tracking.ts';

export interface RunExperimentOptions {
  readonly lake: Lake;
  readonly experiment: AnyExperiment;
  /** Workers when the spec does not say. */
  readonly defaultWorkers: number;
  /** Bytes that all processes together may take which make datasets. */
  readonly memoryBytes: number;
  /** Evaluate the sessions of the holdout too; each opening is counted. */
  readonly opensHoldout?: boolean;
  readonly keepGoing: boolean;
  readonly force: boolean;
  readonly codeVersion: string;
  /** Wall clock. */
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Another process asks the run to end: does what Ctrl-C does. Without it the run cannot be asked. */
  readonly onCancel?: () => void;
  /** While the dataset is made, when it is missing. */
  readonly onGenerate?: NonNullable<SessionWatcher['onProgress']>;
  /** While the datasets of sessions are made: how many are done, fractions included, of how many. */
  readonly onGenerateMany?: (datasets: number, total: number, events: number) => void;
  /** While the raw file is hashed to compare it with the dataset that is there. */
  readonly onCompare?: (bytesRead: number, sizeBytes: number) => void;
  /** Before the first cell and after each. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told in a sentence what a user should know and what does not stop the sweep. */
  readonly notice: (text: string) => void;
}

export interface ExperimentReport extends SweepReport {
  /** One a signal. */
  readonly plans: readonly SweepPlan[];
  /** Datasets that had to be made. */
  readonly madeDatasets: number;
  /** How the dataset's raw file compares with what the dataset was made from; null for an experiment with sessions. */
  readonly raw: RawMatch | null;
  /** The days of an experiment with sessions; null for one without. */
  readonly sessionPlan: SessionPlan | null;
  /** Sessions whose dataset could not be made, and why. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly date: string;
  readonly reason: string;
}

/** The datasets of an experiment, ready to be swept. */
type Prepared = Pick<ExperimentReport, 'madeDatasets' | 'raw' | 'sessionPlan' | 'leftOut'> & {
  readonly datasets: readonly { readonly datasetId: string; readonly window?: string }[];
};

/**
 * Runs an experiment: makes its datasets that are missing, sweeps them, stores the results and reports them to the tracking
 * server of its spec. A session whose dataset cannot be made is left out and reported, unless all are. Other processes can
 * follow how far it is, and ask it to end (`readRunningSweeps`, `cancelSweep`). Throws what `planExperiment`, `resolveSessions`, `generateDataset` and `runSweep` throw.
 */
export async function runExperiment(options: RunExperimentOptions): Promise<ExperimentReport> {
  // A spec that cannot be swept is refused before its dataset is made.
  const plans = planExperiment(options.experiment);
  await takeUserSignals(options.lake, plans);
  const told = await tellProgress(options, plans);
  try {
    const report = await runPlans({ ...options, ...told }, plans);
    await told.progress.end(endOfReport(report));
    return report;
  } catch (error) {
    await told.progress.end(endOfError(error));
    throw error;
  }
}

/** Refuses signals of the user that have not passed their check, and stores the source of the others with the results. */
export async function takeUserSignals(lake: Lake, plans: readonly SweepPlan[]): Promise<void> {
  const definitions = plans.map(planSignal);
  for (const { source } of definitions) if (source !== undefined) await assertChecked(lake, source);
  for (const definition of definitions) await storeSource(lake, definition);
}

async function runPlans(
  options: RunExperimentOptions & { readonly progress: SweepProgressFile },
  plans: readonly SweepPlan[],
): Promise<ExperimentReport> {
  const { lake, experiment, codeVersion, now, signal, progress } = options;
  const { spec } = experiment;
  const prepared =
    experiment.sessions === null ? await oneDataset(options, experiment) : await manyDatasets(options, experiment);
  const tracker = openTracker(options);
  try {
    const report = await runSweep({
      lake,
      notice: options.notice,
      plans,
      datasets: prepared.datasets,
      leftOut: [
        ...(prepared.sessionPlan?.skipped ?? []),
        ...(prepared.sessionPlan?.missing ?? []),
        ...prepared.leftOut,
      ],
      ...(prepared.sessionPlan === null || prepared.sessionPlan.holdout.length === 0
        ? {}
        : { holdout: { dates: prepared.sessionPlan.holdout, isOpened: options.opensHoldout === true } }),
      maxWorkers: spec.parallel.max_workers ?? options.defaultWorkers,
      timeoutMs: spec.parallel.timeout_seconds * 1000,
      keepGoing: options.keepGoing,
      force: options.force,
      codeVersion,
      now,
      progress,
      ...(signal === undefined ? {} : { signal }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    });
    if (tracker !== null && report.statistics !== null && report.ran > 0) {
      using store = await ResultsStore.open(lake);
      const { run_name_prefix, tags } = spec.tracking;
      const document = await experimentDocument(store, spec.name, now().toISOString().slice(0, 10));
      tracker.log(await trackedExperiment(store, document, present(plans[0]).sweepId, run_name_prefix, tags));
    }
    const { datasets, ...made } = prepared;
    return { ...report, ...made, leftOut: [...made.leftOut, ...report.leftOut], plans };
  } finally {
    await tracker?.close();
  }
}

/** The dataset of an experiment of one session. */
async function oneDataset(options: RunExperimentOptions, { serving }: LoadedExperiment): Promise<Prepared> {
  const { lake, codeVersion, signal, onGenerate, onCompare, notice } = options;
  const made = await generateDataset({
    lake,
    pipeline: serving.pipeline,
    codeVersion,
    ...(signal === undefined ? {} : { signal }),
    ...(onGenerate === undefined ? {} : { onProgress: onGenerate }),
    ...(onCompare === undefined ? {} : { onCompare }),
  });
  const { dataset_id: datasetId } = made.manifest;
  const planned = serving.pipeline.datasetId;
  if (datasetId !== planned) notice(`Using the dataset ${datasetId}, made beside ${planned}.`);
  const rawText = rawNotice(datasetId, made.raw);
  if (rawText !== null) notice(rawText);
  return {
    datasets: [{ datasetId }],
    madeDatasets: made.isNew ? 1 : 0,
    raw: made.raw,
    sessionPlan: null,
    leftOut: [],
  };
}

/** Peak memory that is expected of a process that makes a dataset, until one has been made. */
export const expectedPeakBytes = 1e9;

/** The datasets of all sessions outside the holdout. */
async function manyDatasets(options: RunExperimentOptions, experiment: LoadedSessionsExperiment): Promise<Prepared> {
  const { lake, codeVersion, signal, notice, onGenerateMany } = options;
  const sessionPlan = await resolveSessions(lake, experiment);
  assertComplete(sessionPlan);
  for (const note of sessionPlan.notes) notice(note);
  const sessions = sessionPlan.sessions.filter(({ isHoldout }) => !isHoldout || options.opensHoldout === true);
  const missing = sessions.filter(({ isMade }) => !isMade);
  const leftOut = new Map<PlannedSession, LeftOut>();
  let madeDatasets = 0;
  await generateDatasets({
    lake,
    pipelines: missing.map(({ pipeline }) => pipeline),
    maxWorkers: experiment.spec.parallel.max_workers ?? options.defaultWorkers,
    memoryBytes: options.memoryBytes,
    expectedPeakBytes,
    keepGoing: true,
    codeVersion,
    signal: signal ?? new AbortController().signal,
    onProgress: (datasets, events) => onGenerateMany?.(datasets, missing.length, events),
    onDone: (index, outcome) => {
      const session = missing[index];
      if (session === undefined) return;
      if (!(outcome instanceof SpymasterError)) madeDatasets += outcome.isNew ? 1 : 0;
      else {
        leftOut.set(session, { date: session.date, reason: outcome.message });
        notice(`Left out the session ${session.date}: ${outcome.message}`);
      }
    },
  });
  signal?.throwIfAborted();
  const kept = sessions.filter((session) => !leftOut.has(session));
  if (kept.length === 0) {
    throw new SpymasterError(
      'DATASET_FAILED',
      `Cannot run ${experiment.spec.name}: none of its ${sessions.length} sessions has a dataset; the first reason: ` +
        `${[...leftOut.values()][0]?.reason}`,
      { experiment: experiment.spec.name },
    );
  }
  const { window = experiment.serving.pipeline.spec.capture, datasets } = experiment.sessions;
  // A dataset that is named has its own window.
  const asked = datasets === undefined ? { window: `${window.start_time}-${window.end_time}` } : {};
  return {
    datasets: kept.map(({ datasetId }) => ({ datasetId, ...asked })),
    madeDatasets,
    raw: null,
    sessionPlan,
    leftOut: [...leftOut.values()],
  };
}

function openTracker({ lake, experiment, notice }: RunExperimentOptions): MlflowTracker | null {
  const { name, tracking } = experiment.spec;
  if (tracking.backend === 'none' || tracking.tracking_uri === undefined) return null;
  return new MlflowTracker({
    trackingUri: tracking.tracking_uri,
    experimentName: tracking.experiment_name ?? name,
    spoolFolder: spoolFolder(lake),
    notice,
  });
}
