import {
  contentHash,
  dataFields,
  type FlowScoring,
  nearest,
  type Projection,
  parseRuntimeConfig,
  type RuntimeConfig,
  scoringFields,
  scoringOf,
  withScoring,
} from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { formatCount } from '../format.ts';
import {
  resolveParameters,
  runtimeParameters,
  type SignalDefinition,
  type SignalParameters,
  signalContext,
  signalDefinition,
  type Thresholds,
  withRuntimeParameters,
} from '../signals/index.ts';

/** Evaluation settings that all cells of a sweep share and that their trades depend on. */
export interface EvaluationSettings {
  readonly maxHoldBins: number;
  readonly warmupBins: number;
  /** Tick in price units (dollars). */
  readonly tickSize: number;
  /** Bins between a firing and the entry. */
  readonly entryDelayBins: number;
  /** Walk-forward folds inside a session; 0 for none. */
  readonly folds: number;
  readonly embargoBins: number;
}

/** What trades are charged; their list does not depend on it. */
export interface TradeCosts {
  /** Half the spread at entry and exit each, nothing, or ticks of a round trip. */
  readonly spread: 'half' | 'none' | number;
  /** Ticks of a round trip. */
  readonly commissionTicks: number;
}

/** How the sessions are cut for walk-forward, and how a trial is chosen on a train stretch. */
export interface SessionSplit {
  readonly trainSessions: number;
  readonly testSessions: number;
  readonly anchored: boolean;
}

/** How results are judged; neither trades nor their sums depend on it. */
export interface Judgement {
  readonly costs: TradeCosts;
  /** Fewest signals of a trial on a train stretch that can be chosen, and of a threshold that a run is shown at. */
  readonly minSignals: number;
  readonly split: SessionSplit | null;
  readonly choose: 'net_mean' | 'sharpe';
  /** Date YYYY-MM-DD before which every verdict is an interim one. */
  readonly final: string | null;
}

/** What to sweep: an experiment, resolved. */
export interface SweepRequest {
  readonly experimentName: string;
  readonly servingSpecName: string;
  /** The serving's runtime configuration: pipeline and flow scoring applied. */
  readonly runtime: RuntimeConfig;
  /** How the page continues the flow score; evaluation does not depend on it, but what is promoted does. */
  readonly projection: Projection;
  readonly signalName: string;
  /** Parameters and weights of the signal that the serving sets; axes go over them. */
  readonly signalParameters: Readonly<Record<string, unknown>>;
  /** Values by field of `ServingSpec.scoring`. */
  readonly scoringAxes: Readonly<Record<string, readonly unknown[]>>;
  /** Values by signal, then by parameter. */
  readonly signalAxes: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
  readonly tpTicks: readonly number[];
  readonly slTicks: readonly number[];
  readonly cooldownBins: readonly number[];
  readonly evaluation: EvaluationSettings;
  readonly judgement: Judgement;
}

/** One run to be: a point of the sweep, resolved. */
export interface Cell {
  /** Names the run: the same experiment and configuration have the same id. */
  readonly runId: string;
  /** Of everything that the run resolved to. */
  readonly configHash: string;
  /** Of what its trades in a session depend on: cells with equal hashes are one trial, however often they are listed. */
  readonly trialHash: string;
  readonly scoring: FlowScoring;
  readonly parameters: SignalParameters;
  readonly tpTicks: number;
  readonly slTicks: number;
  readonly cooldownBins: number;
}

export interface SweepAxis {
  /** As in the spec: `scoring.tanh_scale`, `derivative.d1_weight`, `eval.tp_ticks`. */
  readonly name: string;
  readonly values: readonly unknown[];
}

/** A sweep as plain data, ready to run. */
export interface SweepPlan {
  /** Of all its cells. */
  readonly sweepId: string;
  readonly experimentName: string;
  readonly servingSpecName: string;
  readonly signalName: string;
  readonly runtime: RuntimeConfig;
  readonly projection: Projection;
  readonly thresholds: Thresholds;
  readonly evaluation: EvaluationSettings;
  readonly judgement: Judgement;
  /** Axes with more than one value, slowest first. */
  readonly axes: readonly SweepAxis[];
  /** Different cells, in the order of the axes. */
  readonly cells: readonly Cell[];
  /** Points of the axes' product that were dropped because their content equals another's. */
  readonly duplicates: number;
}

/** Version of what a cell's numbers mean; results of another version are not the same run. */
export const evaluationVersion = 3;

/** Most points of a sweep's axes: each takes 0.2 ms to plan, and a plan is held, hashed and compared as a whole. */
export const maxCells = 10_000;

/** Whether a signal's score depends on the flow scoring. */
export function readsFlowScore(definition: SignalDefinition): boolean {
  return definition.columns.includes('flow_score') || definition.columns.includes('flow_state_code');
}

/**
 * Lays out every cell of a sweep: scoring axes × signal axes × take-profits × stop-losses × cooldowns.
 * @throws CONFIG_INVALID for an axis that nothing knows, for more than `maxCells` cells, and for a combination that its signal or
 * the scoring refuses
 */
export function planSweep(request: SweepRequest): SweepPlan {
  const definition = signalDefinition(request.signalName);
  const scoringAxes = axesOf('scoring', request.scoringAxes, Object.keys(scoringFields));
  const parameterAxes = signalAxes(request, definition);
  const evalAxes = [
    { name: 'eval.tp_ticks', key: 'tp', values: request.tpTicks },
    { name: 'eval.sl_ticks', key: 'sl', values: request.slTicks },
    { name: 'eval.cooldown_bins', key: 'cooldown', values: request.cooldownBins },
  ];
  assertCellCount(request.experimentName, [...scoringAxes, ...parameterAxes, ...evalAxes]);
  const cells: Cell[] = [];
  const seen = new Set<string>();
  let points = 0;
  for (const scoringPoint of product(scoringAxes)) {
    for (const parameterPoint of product(parameterAxes)) {
      for (const evalPoint of product(evalAxes)) {
        points++;
        const cell = resolveCell(request, definition, scoringPoint, parameterPoint, evalPoint);
        if (seen.has(cell.runId)) continue;
        seen.add(cell.runId);
        cells.push(cell);
      }
    }
  }
  return {
    sweepId: contentHash({ experiment: request.experimentName, cells: [...seen].sort() }, 32),
    experimentName: request.experimentName,
    servingSpecName: request.servingSpecName,
    signalName: definition.name,
    runtime: request.runtime,
    projection: request.projection,
    thresholds: definition.thresholds,
    evaluation: request.evaluation,
    judgement: request.judgement,
    axes: [...scoringAxes, ...parameterAxes, ...evalAxes]
      .filter((axis) => axis.values.length > 1)
      .map(({ name, values }) => ({ name, values })),
    cells,
    duplicates: points - cells.length,
  };
}

interface Axis extends SweepAxis {
  readonly key: string;
}

function axesOf(
  prefix: string,
  given: Readonly<Record<string, readonly unknown[]>>,
  known: readonly string[],
): readonly Axis[] {
  return Object.entries(given).map(([key, values]) => {
    if (!known.includes(key)) {
      throw new SpymasterError(
        'CONFIG_INVALID',
        `Cannot sweep ${prefix}.${key}: there is no such axis; the nearest is ${prefix}.${nearest(key, known)}, ` +
          `and there are ${known.join(', ')}.`,
        { key: `sweep.${prefix}.${key}` },
      );
    }
    return { name: `${prefix}.${key}`, key, values };
  });
}

function signalAxes(request: SweepRequest, definition: SignalDefinition): readonly Axis[] {
  for (const name of Object.keys(request.signalAxes)) {
    if (name === definition.name) continue;
    throw new SpymasterError(
      'CONFIG_INVALID',
      `Cannot sweep parameters of ${name}: the serving ${request.servingSpecName} runs the signal ${definition.name}; ` +
        'name that one, or another serving.',
      { key: `sweep.per_signal.${name}` },
    );
  }
  const known = definition.parameters.map((parameter) => parameter.name);
  return axesOf(definition.name, request.signalAxes[definition.name] ?? {}, known);
}

function assertCellCount(experimentName: string, axes: readonly Axis[]): void {
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count <= maxCells) return;
  const several = axes.filter(({ values }) => values.length > 1);
  throw new SpymasterError(
    'CONFIG_INVALID',
    `Cannot sweep ${experimentName}: its axes make ${formatCount(count)} cells ` +
      `(${several.map(({ name, values }) => `${name} ${formatCount(values.length)}`).join(' × ')}), and a sweep has at most ` +
      `${formatCount(maxCells)}; give the axes fewer values, or make several experiments of it.`,
    { key: 'sweep', cells: count, allowed: `at most ${maxCells} cells` },
  );
}

function* product(axes: readonly Axis[]): Generator<Readonly<Record<string, unknown>>> {
  const [first, ...rest] = axes;
  if (first === undefined) {
    yield {};
    return;
  }
  for (const value of first.values) for (const point of product(rest)) yield { [first.key]: value, ...point };
}

function resolveCell(
  request: SweepRequest,
  definition: SignalDefinition,
  scoringPoint: Readonly<Record<string, unknown>>,
  parameterPoint: Readonly<Record<string, unknown>>,
  evalPoint: Readonly<Record<string, unknown>>,
): Cell {
  const place = [
    ...Object.entries(scoringPoint).map(([key, value]) => `scoring.${key} ${JSON.stringify(value)}`),
    ...Object.entries(parameterPoint).map(([key, value]) => `${definition.name}.${key} ${JSON.stringify(value)}`),
  ];
  const origin = `experiment ${request.experimentName}${place.length === 0 ? '' : ` at ${place.join(', ')}`}`;
  const scored = parseRuntimeConfig(withScoring(request.runtime, scoringPoint as Partial<FlowScoring>), origin);
  const context = signalContext(scored);
  const given = { ...runtimeParameters(definition, scored), ...request.signalParameters, ...parameterPoint };
  const parameters = resolveParameters(definition, given, context);
  const runtime = withRuntimeParameters(definition, scored, parameters);
  const scoring = scoringOf(runtime);
  const { tp: tpTicks, sl: slTicks, cooldown: cooldownBins } = evalPoint as Record<'tp' | 'sl' | 'cooldown', number>;
  const trial = {
    version: evaluationVersion,
    // Contracts follow each other under one trial.
    data: { ...dataFields(request.runtime), symbol: undefined },
    signal: definition.name,
    parameters,
    thresholds: definition.thresholds,
    tpTicks,
    slTicks,
    cooldownBins,
    ...request.evaluation,
  };
  const configHash = contentHash(
    { trial, runtime, projection: request.projection, serving: request.servingSpecName },
    32,
  );
  return {
    runId: contentHash({ experiment: request.experimentName, configHash }, 32),
    configHash,
    trialHash: contentHash(readsFlowScore(definition) ? { trial, scoring } : { trial }, 32),
    scoring,
    parameters,
    tpTicks,
    slTicks,
    cooldownBins,
  };
}

/** The runtime configuration that a cell's scores come from, and that streams when it is promoted. */
export function cellRuntime(plan: SweepPlan, cell: Cell): RuntimeConfig {
  const scored = withScoring(plan.runtime, cell.scoring);
  return withRuntimeParameters(signalDefinition(plan.signalName), scored, cell.parameters);
}
