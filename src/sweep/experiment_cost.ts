import { existsSync } from 'node:fs';
import { present, SpymasterError } from '../errors.ts';
import {
  findDataset,
  hasDataset,
  type Lake,
  type LoadedExperiment,
  type LoadedSessionsExperiment,
  locateRawFile,
  ResultsStore,
  readSweepEnds,
  storedUnitIds,
} from '../lake/index.ts';
import { assertComplete, binsOf, estimateSizes, resolveSessions } from '../sessions/index.ts';
import type { ExperimentCost, SweepEnd } from '../wire/index.ts';
import { type SweepPlan, signalsText } from './plan.ts';
import { type AnyExperiment, planExperiment } from './sweep_request.ts';
import { sessionOf, unitId } from './sweep_session.ts';

/** Cells times sessions that are compared with the results, to see which have one; of more it is not told. */
const maxCompared = 200_000;
/** Days that lack something, and are named. */
const maxNamedDays = 20;

/** The datasets that an experiment would be evaluated on. */
interface CostedDatasets {
  readonly made: readonly { readonly datasetId: string; readonly window?: string }[];
  readonly toMake: number;
  readonly heldOut: number;
  readonly diskBytes: number;
  readonly diskBasis: ExperimentCost['disk_basis'];
  readonly missingDays: readonly { readonly date: string; readonly reason: string }[];
  readonly refusal: SpymasterError | null;
}

/**
 * What running an experiment takes: datasets to make, days that lack a file, cells that have no result yet, disk, and the time
 * by what earlier runs in this lake took. Nothing is made but the cache of traded volumes.
 * Throws what `planExperiment` and `resolveSessions` throw.
 */
export async function experimentCost(lake: Lake, experiment: AnyExperiment): Promise<ExperimentCost> {
  const plans = planExperiment(experiment);
  const datasets =
    experiment.sessions === null ? await ofOneSession(lake, experiment) : await ofSessions(lake, experiment);
  const cells = plans.reduce((sum, plan) => sum + plan.cells.length, 0);
  const sessions = datasets.made.length + datasets.toMake;
  const trials = cells * sessions > maxCompared ? null : plans.map(trialsOf);
  const units = (trials?.reduce((sum, hashes) => sum + hashes.size, 0) ?? cells) * sessions;
  const known = trials === null ? null : await knownUnits(lake, datasets.made, trials);
  const toRun = units - (known ?? 0);
  const signalName = signalsText(plans);
  const times = measuredTimes(await readSweepEnds(lake), signalName);
  return {
    sweep_id: present(plans[0]).sweepId,
    signal_name: signalName,
    ...{ cells, sessions, held_out: datasets.heldOut },
    ...{ datasets_made: datasets.made.length, datasets_to_make: datasets.toMake },
    ...{ disk_bytes: datasets.diskBytes, disk_basis: datasets.diskBasis },
    missing_days: datasets.missingDays.slice(0, maxNamedDays).map(({ date, reason }) => ({ date, reason })),
    missing_days_count: datasets.missingDays.length,
    ...{ units, units_known: known },
    datasets_s: datasets.toMake === 0 ? 0 : times.perDatasetS === null ? null : datasets.toMake * times.perDatasetS,
    cells_s: toRun === 0 ? 0 : times.perUnitS === null ? null : toRun * times.perUnitS,
    refusal: datasets.refusal === null ? null : { code: datasets.refusal.code, message: datasets.refusal.message },
  };
}

async function ofOneSession(lake: Lake, { serving: { pipeline } }: LoadedExperiment): Promise<CostedDatasets> {
  const { datasetId, spec } = pipeline;
  const isMade = await hasDataset(lake, datasetId);
  const size = await estimateSizes(lake, { sessions: [{ isMade, bins: binsOf(pipeline), pipeline }] });
  const { product_type, symbol, dt } = spec.capture;
  const refusal = isMade ? null : await refusalOf(() => locateRawFile(lake, product_type, symbol, dt));
  return {
    made: isMade ? [{ datasetId }] : [],
    toMake: isMade ? 0 : 1,
    heldOut: 0,
    ...{ diskBytes: size.bytes, diskBasis: size.basis },
    missingDays: refusal === null ? [] : [{ date: dt, reason: `the lake has no raw file of ${symbol}` }],
    refusal,
  };
}

async function ofSessions(lake: Lake, experiment: LoadedSessionsExperiment): Promise<CostedDatasets> {
  const plan = await resolveSessions(lake, experiment);
  const used = plan.sessions.filter(({ isHoldout }) => !isHoldout);
  const size = await estimateSizes(lake, { sessions: used });
  const { window = experiment.serving.pipeline.spec.capture, datasets } = experiment.sessions;
  const asked = datasets === undefined ? { window: `${window.start_time}-${window.end_time}` } : {};
  return {
    made: used.filter(({ isMade }) => isMade).map(({ datasetId }) => ({ datasetId, ...asked })),
    toMake: used.filter(({ isMade }) => !isMade).length,
    heldOut: plan.holdout.length,
    ...{ diskBytes: size.bytes, diskBasis: size.basis },
    missingDays: plan.missing,
    refusal: await refusalOf(() => assertComplete(plan)),
  };
}

/** Why a run would be refused; null where it would not. */
async function refusalOf(check: () => unknown): Promise<SpymasterError | null> {
  try {
    await check();
    return null;
  } catch (error) {
    if (error instanceof SpymasterError) return error;
    throw error;
  }
}

/** The different trials of a plan. */
function trialsOf({ cells }: SweepPlan): Set<string> {
  const hashes = new Set<string>();
  for (const { trialHash } of cells) hashes.add(trialHash);
  return hashes;
}

/** Trials in sessions that have a result. */
async function knownUnits(
  lake: Lake,
  made: CostedDatasets['made'],
  trials: readonly ReadonlySet<string>[],
): Promise<number> {
  if (made.length === 0 || (lake.storage === null && !existsSync(lake.results))) return 0;
  using store = await ResultsStore.open(lake);
  const stored = await storedUnitIds(
    store,
    made.map(({ datasetId }) => datasetId),
  );
  let known = 0;
  for (const { datasetId, window } of made) {
    const manifest = await findDataset(lake, datasetId);
    if (manifest === null) continue;
    const session = sessionOf(manifest, window);
    for (const hashes of trials) for (const hash of hashes) known += stored.has(unitId(session, hash)) ? 1 : 0;
  }
  return known;
}

/** Seconds of wall time a dataset and a unit took: in runs of the same signal where there are any, else null. */
function measuredTimes(ends: readonly SweepEnd[], name: string) {
  const evaluated = ends.filter(({ signal_name, ran, cells_s }) => signal_name === name && ran > 0 && cells_s > 0);
  const made = ends.filter(({ datasets_made, datasets_s }) => datasets_made > 0 && datasets_s > 0);
  const mean = (sumS: number, count: number) => (count === 0 ? null : sumS / count);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  return {
    perUnitS: mean(total(evaluated.map((end) => end.cells_s)), total(evaluated.map(({ ran }) => ran))),
    perDatasetS: mean(total(made.map((end) => end.datasets_s)), total(made.map((end) => end.datasets_made))),
  };
}
