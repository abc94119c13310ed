import { parseDatasetName, type RuntimeConfig, runtimeKeys } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  type DatasetManifest,
  findDataset,
  type Lake,
  type LoadedPipeline,
  type LoadedSessionsExperiment,
  MadeDatasets,
  RawFolder,
} from '../lake/index.ts';
import { binsOf, isMade, pipelineOfDay, type RawFile, rawFileOf } from './planned_day.ts';
import { priceStepFacts } from './price_steps.ts';
import type { DaysFound, PlannedSession } from './session_plan.ts';

/**
 * The sessions of datasets that are named. A name that no dataset of the lake has and that reads SYMBOL_DATE_START_END stands for that
 * capture under the experiment's pipeline. Each problem of a dataset is that dataset's alone: it is named, and the others go on.
 */
export async function datasetSessions(
  lake: Lake,
  experiment: LoadedSessionsExperiment,
  names: readonly string[],
): Promise<DaysFound> {
  const found: DaysFound = { sessions: [], skipped: [], missing: [], notes: [] };
  const excluded = new Set(experiment.sessions.exclude);
  const taken = new Map<string, string>();
  const made = await MadeDatasets.list(lake);
  for (const name of names) {
    const session = isMade(lake, name)
      ? await stored(lake, experiment, name)
      : await named(lake, experiment, name, made);
    const { date } = session;
    const skip = (reason: string) => found.skipped.push({ date, reason });
    if (excluded.has(date)) skip('excluded');
    else if (taken.has(date)) skip(`${name}: ${taken.get(date)} is the session of this date already`);
    else if ('reason' in session && session.isOffTick) skip(session.reason);
    else if ('reason' in session) {
      const symbol = parseDatasetName(name)?.symbol ?? null;
      const contractSource = symbol === null ? null : 'dataset';
      found.missing.push({ date, symbol, contractSource, fileDate: date, reason: session.reason });
    } else if (session.problem !== null) skip(`${name}: ${session.problem}`);
    else {
      const { problem: _problem, ...planned } = session;
      found.sessions.push(planned);
      taken.set(date, name);
    }
  }
  return found;
}

type Found =
  | (PlannedSession & { readonly problem: string | null })
  | { readonly date: string; readonly reason: string; readonly isOffTick?: boolean };

/** The session of a dataset that is in the lake. */
async function stored(lake: Lake, { spec, serving }: LoadedSessionsExperiment, name: string): Promise<Found> {
  let manifest: DatasetManifest | null;
  try {
    manifest = await findDataset(lake, name);
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    return { date: dateIn(name), reason: error.message.replace(/\.$/, '') };
  }
  if (manifest === null) return { date: dateIn(name), reason: `the lake has no dataset ${name}` };
  const { dt: date, symbol, start_time, end_time } = manifest.spec.capture;
  const { capture, resolved_config: runtime } = manifest;
  const pipeline = {
    spec: manifest.spec,
    runtime,
    capture: {
      sessionStartNs: BigInt(capture.session_start_ns),
      sessionEndNs: BigInt(capture.session_end_ns),
      startNs: BigInt(capture.start_ns),
      endNs: BigInt(capture.end_ns),
    },
    datasetId: name,
    path: serving.pipeline.path,
  };
  const raw = await rawFileIn(lake, pipeline);
  const bins = binsOf(pipeline);
  return {
    ...{ date, symbol, contractSource: 'dataset', window: { start_time, end_time }, earlyClose: null },
    ...{ pipeline, datasetId: name, isMade: true, rawFile: raw.path, bins, isHoldout: false },
    problem: differenceOf(serving.pipeline.runtime, runtime) ?? shortOf(bins, spec.eval.warmup_bins),
  };
}

/** The session that a name SYMBOL_DATE_START_END stands for. */
async function named(
  lake: Lake,
  { spec, serving }: LoadedSessionsExperiment,
  name: string,
  datasets: MadeDatasets,
): Promise<Found> {
  const capture = parseDatasetName(name);
  if (capture === null) return { date: dateIn(name), reason: `the lake has no dataset ${name}` };
  const { dt: date, start_time, end_time, symbol } = capture;
  try {
    const pipeline = pipelineOfDay(serving.pipeline, capture);
    const raw = await rawFileIn(lake, pipeline);
    const made = await datasets.serving(pipeline);
    if (raw.path === null && made === null) return { date, reason: `${name}: ${raw.reason}`, isOffTick: raw.isOffTick };
    const bins = binsOf(pipeline);
    return {
      ...{ date, symbol, contractSource: 'dataset', window: { start_time, end_time }, earlyClose: null },
      ...{
        pipeline,
        datasetId: made ?? pipeline.datasetId,
        isMade: made !== null,
        rawFile: raw.path,
        bins,
        isHoldout: false,
      },
      problem: shortOf(bins, spec.eval.warmup_bins),
    };
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    return { date, reason: `${name}: ${error.message.replace(/\.$/, '')}` };
  }
}

/** The raw file of a dataset's session, whose root may be another than that of the others. */
async function rawFileIn(lake: Lake, pipeline: LoadedPipeline): Promise<RawFile> {
  const { product_type, symbol } = pipeline.spec.capture;
  return rawFileOf(await RawFolder.list(lake, product_type, symbol), priceStepFacts(lake), pipeline);
}

function shortOf(bins: number, warmupBins: number): string | null {
  return bins > warmupBins ? null : `${bins} bins, all in the warm-up of ${warmupBins}`;
}

/** Fields of scoring and signals, which no number of a dataset depends on, and those that name the contract. */
const isFree = (key: string) => /^(?:state_model_|projection_|flow_|symbol$)/.test(key);

/** The first setting by which a dataset was made otherwise than the pipeline would; null where there is none. */
function differenceOf(asked: RuntimeConfig, made: RuntimeConfig): string | null {
  const text = (value: unknown) => JSON.stringify(value) ?? 'absent';
  const different = runtimeKeys.find((key) => !isFree(key) && text(asked[key]) !== text(made[key]));
  if (different === undefined) return null;
  return `made with ${different} ${text(made[different])}, and the pipeline has ${text(asked[different])}`;
}

/** The date in a name, for lists that go by dates; the name itself where it has none. */
function dateIn(name: string): string {
  return parseDatasetName(name)?.dt ?? name;
}
