import { present } from '../errors.ts';
import { type Lake, ResultsStore, readManifest, type SweepProgressFile } from '../lake/index.ts';
import { assertChecked, storeSource } from '../user_signals/index.ts';

import { experimentDocument } from './experiment_document.ts';
import { assertScored } from './imported_sessions.ts';
import { assertOutOfSample } from './in_sample.ts';
import type { SweepPlan } from './plan.ts';
import { planSignal } from './plan_signal.ts';
import { type PreparedDatasets, type PrepareOptions, prepareDatasets } from './prepare_datasets.ts';
import { runSweep, type SweepReport } from './run_sweep.ts';
import { type AnyExperiment, planExperiment } from './sweep_request.ts';
import { sessionOf } from './sweep_session.ts';
import { endOfError, endOfReport, tellProgress } from './told_progress.ts';
import { MlflowTracker, spoolFolder, trackedExperiment } from './tracking.ts';

export interface RunExperimentOptions extends PrepareOptions {
  readonly experiment: AnyExperiment;
  readonly keepGoing: boolean;
  readonly force: boolean;
  /** Judge a model on sessions that it was trained on too; its results are marked. */
  readonly allowsInSample?: boolean;
  /** Wall clock. */
  readonly now: () => Date;
  /** Another process asks the run to end: does what Ctrl-C does. Without it the run cannot be asked. */
  readonly onCancel?: () => void;
  /** Before the first cell and after each. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ExperimentReport extends SweepReport, Omit<PreparedDatasets, 'datasets'> {
  /** One a signal. */
  readonly plans: readonly SweepPlan[];
}

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
  for (const definition of definitions) await assertChecked(lake, definition);
  for (const definition of definitions) await storeSource(lake, definition);
}

async function runPlans(
  options: RunExperimentOptions & { readonly progress: SweepProgressFile },
  plans: readonly SweepPlan[],
): Promise<ExperimentReport> {
  const { lake, experiment, codeVersion, now, signal, progress } = options;
  const { spec } = experiment;
  const prepared = await prepareDatasets(options, experiment);
  const definitions = plans.map(planSignal);
  if (definitions.some(({ trained, imported }) => trained !== undefined || imported !== undefined)) {
    const manifests = await Promise.all(prepared.datasets.map(({ datasetId }) => readManifest(lake, datasetId)));
    const sessions = manifests.map((manifest) => sessionOf(manifest));
    for (const definition of definitions) {
      assertScored(spec.name, definition, sessions);
      assertOutOfSample(spec.name, definition, sessions, options.allowsInSample === true);
    }
  }
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
