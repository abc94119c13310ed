import { locatedIn } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { LoadedExperiment, LoadedSessionsExperiment } from '../lake/index.ts';
import type { SweepPlan } from '../sweep/index.ts';

type AnyExperiment = LoadedExperiment | LoadedSessionsExperiment;

/** What a sound experiment amounts to. */
export interface CheckedExperiment {
  /** A sentence. */
  readonly about: string;
  /** Absent with sessions, which have a dataset each. */
  readonly dataset_id?: string;
  readonly cells: number;
  readonly warnings: readonly string[];
}

/**
 * Lays out an experiment's cells, which shows whether its axes and parameters are sound. Throws CONFIG_INVALID, pointing at
 * the experiment.
 */
export async function checkExperiment(experiment: AnyExperiment): Promise<CheckedExperiment> {
  const { planSweep, sweepRequest, sweepWarnings } = await import('../sweep/index.ts');
  assertAxesOfSignals(experiment);
  const plans = signalsOf(experiment).map((name) =>
    planOf(() => planSweep(sweepRequest(withSignal(experiment, name))), experiment),
  );
  const cells = plans.reduce((sum, plan) => sum + plan.cells.length, 0);
  const names = plans.map(({ signalName }) => signalName).join(', ');
  const datasetId = experiment.sessions === null ? experiment.serving.pipeline.datasetId : null;
  const where = datasetId === null ? 'each of its sessions' : `the dataset ${datasetId}`;
  return {
    about: `${plural(cells, 'cell')} of ${names} on ${where}.`,
    ...(datasetId === null ? {} : { dataset_id: datasetId }),
    cells,
    warnings: [...new Set(plans.flatMap((plan) => sweepWarnings(plan)))],
  };
}

function signalsOf({ spec, serving }: AnyExperiment): readonly string[] {
  return spec.signals ?? [serving.spec.signal.name];
}

/** Axes belong to a signal that is swept. */
function assertAxesOfSignals(experiment: AnyExperiment): void {
  const { spec, origin } = experiment;
  const names = signalsOf(experiment);
  const other = Object.keys(spec.sweep.per_signal).find((name) => !names.includes(name));
  if (spec.signals === undefined || other === undefined) return;
  const problem = new SpymasterError(
    'CONFIG_INVALID',
    `Cannot sweep parameters of ${other}: the experiment sweeps ${names.join(', ')}; name it in signals, or leave its axes out.`,
    { key: `sweep.per_signal.${other}` },
  );
  throw locatedIn(problem, origin, ['sweep', 'per_signal', other]);
}

/** The experiment of one of its signals: the serving's own parameters are those of the serving's signal alone. */
function withSignal(experiment: AnyExperiment, name: string): AnyExperiment {
  const { spec, serving } = experiment;
  if (spec.signals === undefined) return experiment;
  const axes = spec.sweep.per_signal[name];
  const swept = { ...spec, sweep: { ...spec.sweep, per_signal: axes === undefined ? {} : { [name]: axes } } };
  if (serving.spec.signal.name === name) return { ...experiment, spec: swept };
  const other = { spec: { ...serving.spec, signal: { name, params: {}, weights: {} } }, signalParameters: {} };
  return experiment.sessions === null
    ? { ...experiment, spec: swept, serving: { ...experiment.serving, ...other } }
    : { ...experiment, spec: swept, serving: { ...experiment.serving, ...other } };
}

/** What a combination of values breaks is the experiment's, though no single line's, fault. */
function planOf(plan: () => SweepPlan, { origin, path }: AnyExperiment): SweepPlan {
  try {
    return plan();
  } catch (error) {
    throw error instanceof SpymasterError && error.fields.path !== path ? locatedIn(error, origin, ['sweep']) : error;
  }
}
