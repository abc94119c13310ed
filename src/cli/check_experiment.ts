import { locatedIn, resolveDay } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { LoadedExperiment, LoadedSessionsExperiment } from '../lake/index.ts';
import type { SweepPlan } from '../sweep/index.ts';

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
export async function checkExperiment(
  experiment: LoadedExperiment | LoadedSessionsExperiment,
): Promise<CheckedExperiment> {
  const { planSweep, sweepRequest, sweepWarnings } = await import('../sweep/index.ts');
  const one = oneDayOf(experiment);
  assertAxesOfSignals(one);
  const plans = signalsOf(one).map((name) => planOf(() => planSweep(sweepRequest(withSignal(one, name))), one));
  const cells = plans.reduce((sum, plan) => sum + plan.cells.length, 0);
  const names = plans.map(({ signalName }) => signalName).join(', ');
  const where = experiment.sessions === null ? `the dataset ${one.serving.pipeline.datasetId}` : 'each of its sessions';
  return {
    about: `${plural(cells, 'cell')} of ${names} on ${where}.`,
    ...(experiment.sessions === null ? { dataset_id: one.serving.pipeline.datasetId } : {}),
    cells,
    warnings: [...new Set(plans.flatMap((plan) => sweepWarnings(plan)))],
  };
}

/** An experiment with sessions on some day: its cells are the same on all. */
function oneDayOf(experiment: LoadedExperiment | LoadedSessionsExperiment): LoadedExperiment {
  if (experiment.sessions === null) return experiment;
  const { serving } = experiment;
  const { pipeline } = serving;
  const day = { symbol: pipeline.spec.capture.symbol, dt: '2026-01-05', start_time: '09:30', end_time: '16:00' };
  const dated = { ...resolveDay(pipeline, day, pipeline.origin), path: pipeline.path };
  return { ...experiment, sessions: null, serving: { ...serving, pipeline: dated } };
}

function signalsOf({ spec, serving }: LoadedExperiment): readonly string[] {
  return spec.signals ?? [serving.spec.signal.name];
}

/** Axes belong to a signal that is swept. */
function assertAxesOfSignals({ spec, serving, origin }: LoadedExperiment): void {
  const names = signalsOf({ spec, serving } as LoadedExperiment);
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
function withSignal(experiment: LoadedExperiment, name: string): LoadedExperiment {
  const { spec, serving } = experiment;
  if (spec.signals === undefined) return experiment;
  const axes = spec.sweep.per_signal[name];
  const sweep = { ...spec.sweep, per_signal: axes === undefined ? {} : { [name]: axes } };
  const isOwn = serving.spec.signal.name === name;
  const signal = isOwn ? serving.spec.signal : { name, params: {}, weights: {} };
  return {
    ...experiment,
    spec: { ...spec, sweep },
    serving: {
      ...serving,
      spec: { ...serving.spec, signal },
      signalParameters: isOwn ? serving.signalParameters : {},
    },
  };
}

/** What a combination of values breaks is the experiment's, though no single line's, fault. */
function planOf(plan: () => SweepPlan, { origin, path }: LoadedExperiment): SweepPlan {
  try {
    return plan();
  } catch (error) {
    throw error instanceof SpymasterError && error.fields.path !== path ? locatedIn(error, origin, ['sweep']) : error;
  }
}
