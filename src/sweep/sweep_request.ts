import { contentHash, locatedIn, projectionOf, type RuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { LoadedExperiment, LoadedServing, LoadedSessionsExperiment } from '../lake/index.ts';
import {
  resolveParameters,
  runtimeParameters,
  type SignalParameters,
  signalContext,
  signalDefinition,
} from '../signals/index.ts';
import type { ExecutionSettings } from './execution/execution_terms.ts';
import { type Judgement, maxHashedCells, planSweep, type SweepPlan, type SweepRequest } from './plan.ts';

export type AnyExperiment = LoadedExperiment | LoadedSessionsExperiment;

/**
 * All parameters of the signal that a serving runs. Throws CONFIG_INVALID with the file and line of a signal that nobody
 * knows, or a parameter that the signal refuses.
 */
export function servingParameters({
  spec,
  runtime,
  signalParameters,
  origin,
}: Pick<LoadedServing, 'spec' | 'runtime' | 'signalParameters' | 'origin'>): SignalParameters {
  const { name, weights } = spec.signal;
  const context = signalContext(runtime);
  try {
    const given = { ...runtimeParameters(signalDefinition(name), runtime), ...signalParameters };
    return resolveParameters(signalDefinition(name), given, context);
  } catch (error) {
    const key = error instanceof SpymasterError ? String(error.fields.key) : '';
    const block = Object.hasOwn(weights, key) ? 'weights' : 'params';
    throw locatedIn(error, origin, Object.hasOwn(signalParameters, key) ? ['signal', block, key] : ['signal', 'name']);
  }
}

/**
 * What an experiment asks to sweep, with everything that it leaves to its layers filled in. Throws CONFIG_INVALID with the
 * file and line of an axis that the serving's signal does not know, and of a value that it refuses.
 */
export function sweepRequest(experiment: AnyExperiment): SweepRequest {
  const { spec, serving } = experiment;
  servingParameters(serving);
  checkAxes(experiment);
  const { eval: evaluation, sweep } = spec;
  const { source } = signalDefinition(serving.spec.signal.name);
  return {
    experimentName: spec.name,
    servingSpecName: serving.spec.name,
    runtime: serving.runtime,
    projection: projectionOf(serving.spec),
    signalName: serving.spec.signal.name,
    ...(source !== undefined && { signalSource: source.hash }),
    signalParameters: serving.signalParameters,
    scoringAxes: sweep.scoring as SweepRequest['scoringAxes'],
    signalAxes: sweep.per_signal,
    tpTicks: evaluation.tp_ticks,
    slTicks: evaluation.sl_ticks,
    cooldownBins: evaluation.cooldown_bins,
    evaluation: {
      maxHoldBins: evaluation.max_hold_bins,
      warmupBins: evaluation.warmup_bins,
      tickSize: tickSizeOf(evaluation, serving.runtime),
      entryDelayBins: evaluation.entry_delay_bins,
      folds: evaluation.split?.folds ?? 0,
      embargoBins: evaluation.split?.embargo_bins ?? evaluation.max_hold_bins,
    },
    judgement: judgementOf(evaluation, spec.sessions?.final ?? null, serving.runtime),
    ...(evaluation.execution !== undefined && { execution: executionOf(evaluation.execution) }),
  };
}

function tickSizeOf({ tick_size }: LoadedExperiment['spec']['eval'], runtime: RuntimeConfig): number {
  return tick_size ?? (runtime.product_type === 'future_mbo' ? runtime.tick_size : runtime.bucket_size_dollars);
}

type Execution = NonNullable<LoadedExperiment['spec']['eval']['execution']>;

function executionOf(execution: Execution): ExecutionSettings {
  const { entry, ticks_behind, entry_latency_us, exit_latency_us, size, max_wait_ms, trigger, clock, not_fifo } =
    execution;
  return {
    ...{ entry, size, trigger, clock },
    ticksBehind: ticks_behind,
    entryLatencyUs: entry_latency_us,
    exitLatencyUs: exit_latency_us,
    maxWaitMs: max_wait_ms,
    notFifo: not_fifo,
  };
}

/** Fees of a round trip of a trade of all its contracts, in ticks. */
function feeTicks(
  { fee_per_side, fee_ticks = 0, size }: Execution,
  tickSize: number,
  { contract_multiplier }: RuntimeConfig,
) {
  return 2 * size * (fee_per_side === undefined ? fee_ticks : fee_per_side / (tickSize * contract_multiplier));
}

function judgementOf(
  evaluation: LoadedExperiment['spec']['eval'],
  final: string | null,
  runtime: RuntimeConfig,
): Judgement {
  const { spread_cost, slippage_ticks, commission_ticks, min_signals, split, choose, execution } = evaluation;
  const { train_sessions, test_sessions, anchored = false } = split ?? {};
  return {
    // Specs of before 0.3 estimate the spread in `slippage_ticks`.
    costs: {
      spread: slippage_ticks > 0 ? slippage_ticks : spread_cost,
      commissionTicks:
        execution === undefined ? commission_ticks : feeTicks(execution, tickSizeOf(evaluation, runtime), runtime),
    },
    minSignals: min_signals,
    split:
      train_sessions === undefined || test_sessions === undefined
        ? null
        : { trainSessions: train_sessions, testSessions: test_sessions, anchored },
    choose,
    final,
  };
}

function checkAxes({ spec, serving, origin }: AnyExperiment): void {
  const { runtime } = serving;
  const context = signalContext(runtime);
  for (const [signal, axes] of Object.entries(spec.sweep.per_signal)) {
    // Axes of another signal are refused when the sweep is laid out.
    if (signal !== serving.spec.signal.name) continue;
    for (const [parameter, values] of Object.entries(axes)) {
      for (const [i, value] of values.entries()) {
        try {
          const given = {
            ...runtimeParameters(signalDefinition(signal), runtime),
            ...serving.signalParameters,
            [parameter]: value,
          };
          resolveParameters(signalDefinition(signal), given, context);
        } catch (error) {
          // What does not go together shows in the cells, where the other axes have their values.
          if (!(error instanceof SpymasterError) || error.fields.key !== parameter) continue;
          throw locatedIn(error, origin, ['sweep', 'per_signal', signal, parameter, i]);
        }
      }
    }
  }
}

/**
 * The plans of an experiment, one for each of its signals, under one sweep id. Throws CONFIG_INVALID, pointing at the experiment,
 * as `planSweep` and `sweepRequest` do, and for axes of a signal that it does not sweep.
 */
export function planExperiment(experiment: AnyExperiment): SweepPlan[] {
  assertAxesOfSignals(experiment);
  const plans = signalsOf(experiment).map((name) =>
    planOf(() => planSweep(sweepRequest(withSignal(experiment, name))), experiment),
  );
  if (plans.length === 1) return plans;
  const isHashed = plans.every(({ cells }) => cells.length <= maxHashedCells);
  const parts = isHashed
    ? { cells: plans.flatMap((plan) => Array.from(plan.cells, ({ runId }) => runId)).sort() }
    : { plans: plans.map((plan) => plan.sweepId).sort() };
  const sweepId = contentHash({ experiment: experiment.spec.name, ...parts }, 32);
  return plans.map((plan) => ({ ...plan, sweepId }));
}

/** What an experiment asks to sweep, one request for each of its signals. Throws what `sweepRequest` throws. */
export function sweepRequests(experiment: AnyExperiment): SweepRequest[] {
  return signalsOf(experiment).map((name) => sweepRequest(withSignal(experiment, name)));
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
