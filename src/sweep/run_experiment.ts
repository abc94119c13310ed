import { datasetSource, type Lake, type LoadedExperiment, type RawMatch, rawNotice } from '../lake/index.ts';
import { generateDataset, type SessionWatcher } from '../replay/index.ts';
import { signalDefinition } from '../signals/index.ts';

import { planSweep, readsFlowScore, type SweepPlan } from './plan.ts';
import { runSweep, type SweepReport } from './run_sweep.ts';
import { sweepRequest } from './sweep_request.ts';
import { MlflowTracker, spoolFolder, trackedRuns } from './tracking.ts';

export interface RunExperimentOptions {
  readonly lake: Lake;
  readonly experiment: LoadedExperiment;
  /** Workers when the spec does not say. */
  readonly defaultWorkers: number;
  readonly keepGoing: boolean;
  readonly force: boolean;
  readonly codeVersion: string;
  /** Wall clock. */
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** While the dataset is made, when it is missing. */
  readonly onGenerate?: NonNullable<SessionWatcher['onProgress']>;
  /** While the raw file is hashed to compare it with the dataset that is there. */
  readonly onCompare?: (bytesRead: number, sizeBytes: number) => void;
  /** Before the first cell and after each. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told in a sentence what a user should know and what does not stop the sweep. */
  readonly notice: (text: string) => void;
}

export interface ExperimentReport extends SweepReport {
  readonly plan: SweepPlan;
  /** Whether the dataset had to be made. */
  readonly madeDataset: boolean;
  /** How the dataset's raw file compares with what the dataset was made from. */
  readonly raw: RawMatch;
}

/**
 * Runs an experiment: makes its dataset when it is missing, sweeps it, stores the results and reports them to the tracking
 * server of its spec. Throws what `planSweep`, `generateDataset` and `runSweep` throw.
 */
export async function runExperiment(options: RunExperimentOptions): Promise<ExperimentReport> {
  const { lake, experiment, codeVersion, now, signal } = options;
  const { spec, serving } = experiment;
  const request = sweepRequest(experiment);
  // A spec that cannot be swept is refused before its dataset is made.
  const planned = planSweep(request);
  const made = await generateDataset({
    lake,
    pipeline: serving.pipeline,
    codeVersion,
    ...(signal === undefined ? {} : { signal }),
    ...(options.onGenerate === undefined ? {} : { onProgress: options.onGenerate }),
    ...(options.onCompare === undefined ? {} : { onCompare: options.onCompare }),
  });
  const { isNew: madeDataset, raw } = made;
  const { dataset_id: datasetId } = made.manifest;
  const plan = datasetId === planned.datasetId ? planned : planSweep({ ...request, datasetId });
  if (plan !== planned) options.notice(`Using the dataset ${datasetId}, made beside ${planned.datasetId}.`);
  const rawText = rawNotice(datasetId, raw);
  if (rawText !== null) options.notice(rawText);
  const needsSource = readsFlowScore(signalDefinition(plan.signalName));
  const tracker = openTracker(options);
  try {
    const report = await runSweep({
      lake,
      plan,
      source: needsSource ? await datasetSource(lake, plan.datasetId) : null,
      maxWorkers: spec.parallel.max_workers ?? options.defaultWorkers,
      timeoutMs: spec.parallel.timeout_seconds * 1000,
      keepGoing: options.keepGoing,
      force: options.force,
      codeVersion,
      now,
      ...(signal === undefined ? {} : { signal }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      onStored: (rows) => {
        if (tracker === null) return;
        const { run_name_prefix, tags } = spec.tracking;
        for (const run of trackedRuns(rows, run_name_prefix, tags)) tracker.log(run);
      },
    });
    return { ...report, plan, madeDataset, raw };
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
