import { SpymasterError } from '../errors.ts';
import {
  type Lake,
  type LoadedExperiment,
  type LoadedSessionsExperiment,
  type RawMatch,
  rawNotice,
} from '../lake/index.ts';
import { generateDataset, generateDatasets, type SessionWatcher } from '../replay/index.ts';
import { assertComplete, type PlannedSession, resolveSessions, type SessionPlan } from '../sessions/index.ts';
import type { AnyExperiment } from './sweep_request.ts';

/** How the datasets of an experiment are made where they are missing. */
export interface PrepareOptions {
  readonly lake: Lake;
  /** Workers when the spec does not say. */
  readonly defaultWorkers: number;
  /** Bytes that all processes together may take which make datasets. */
  readonly memoryBytes: number;
  /** Take the sessions of the holdout too. */
  readonly opensHoldout?: boolean;
  readonly codeVersion: string;
  readonly signal?: AbortSignal;
  /** While the dataset is made, when it is missing. */
  readonly onGenerate?: NonNullable<SessionWatcher['onProgress']>;
  /** While the datasets of sessions are made: how many are done, fractions included, of how many. */
  readonly onGenerateMany?: (datasets: number, total: number, events: number) => void;
  /** While the raw file is hashed to compare it with the dataset that is there. */
  readonly onCompare?: (bytesRead: number, sizeBytes: number) => void;
  /** Told in a sentence what a user should know and what does not stop anything. */
  readonly notice: (text: string) => void;
}

export interface LeftOut {
  readonly date: string;
  readonly reason: string;
}

/** The datasets of an experiment, ready to be read. */
export interface PreparedDatasets {
  readonly datasets: readonly { readonly datasetId: string; readonly window?: string }[];
  /** Datasets that had to be made. */
  readonly madeDatasets: number;
  /** How the dataset's raw file compares with what the dataset was made from; null for an experiment with sessions. */
  readonly raw: RawMatch | null;
  /** The days of an experiment with sessions; null for one without. */
  readonly sessionPlan: SessionPlan | null;
  /** Sessions whose dataset could not be made, and why. */
  readonly leftOut: readonly LeftOut[];
}

/** Makes the datasets of an experiment that are missing. Throws what `resolveSessions` and `generateDataset` throw. */
export async function prepareDatasets(options: PrepareOptions, experiment: AnyExperiment): Promise<PreparedDatasets> {
  return experiment.sessions === null ? await oneDataset(options, experiment) : await manyDatasets(options, experiment);
}

/** The dataset of an experiment of one session. */
async function oneDataset(options: PrepareOptions, { serving }: LoadedExperiment): Promise<PreparedDatasets> {
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
async function manyDatasets(options: PrepareOptions, experiment: LoadedSessionsExperiment): Promise<PreparedDatasets> {
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
