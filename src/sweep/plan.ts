import {
  contentHash,
  dataFields,
  type FlowScoring,
  fieldsGoTogether,
  nearest,
  type Projection,
  parseRuntimeConfig,
  type RuntimeConfig,
  scoringFields,
  scoringOf,
  scoringShape,
  withScoring,
} from '../config/index.ts';
import { assert, present, SpymasterError } from '../errors.ts';
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
import { type Axis, AxisProduct, type Point, pointCount, withoutRepeats } from './axis_product.ts';
import type { ExecutionSettings } from './execution/execution_terms.ts';
import { type PlanSignal, planSignal, readsFlowScore } from './plan_signal.ts';

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
export interface SweepRequest extends PlanSignal {
  readonly experimentName: string;
  readonly servingSpecName: string;
  /** The serving's runtime configuration: pipeline and flow scoring applied. */
  readonly runtime: RuntimeConfig;
  /** How the page continues the flow score; evaluation does not depend on it, but what is promoted does. */
  readonly projection: Projection;
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
  /** Absent: trades are filled at the mid. */
  readonly execution?: ExecutionSettings;
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

/** A sweep as plain data but for its cells, ready to run. */
export interface SweepPlan extends PlanSignal {
  /** Of all its cells. */
  readonly sweepId: string;
  readonly experimentName: string;
  readonly servingSpecName: string;
  readonly runtime: RuntimeConfig;
  readonly projection: Projection;
  readonly thresholds: Thresholds;
  readonly evaluation: EvaluationSettings;
  readonly judgement: Judgement;
  readonly execution?: ExecutionSettings;
  /** Axes with more than one value, slowest first. */
  readonly axes: readonly Pick<Axis, 'name' | 'values'>[];
  /** Different cells, in the order of the axes. */
  readonly cells: PlanCells;
  /** Points of the axes' product that were dropped because their content equals another's. */
  readonly duplicates: number;
}

/** Version of what a cell's numbers mean; results of another version are not the same run. */
export const evaluationVersion = 3;

/** Most points of a sweep's axes. */
export const maxCells = 1_000_000;

/** Up to this many cells, a sweep's id is a hash of theirs; of more, which take a tenth of a millisecond each, of the axes. */
export const maxHashedCells = 10_000;

/** The signals of an experiment, as its row names them. */
export function signalsText(plans: readonly SweepPlan[]): string {
  return plans.map(({ signalName }) => signalName).join(', ');
}

/** The different cells of a sweep by their numbers. Up to `maxHashedCells` are kept once they are resolved; others are not. */
export class PlanCells implements Iterable<Cell> {
  readonly length: number;
  /** Different trials: the first so many cells are one of each. */
  readonly trialCount: number;
  /** Trials with one flow scoring, which follow each other. */
  readonly trialsPerScoring: number;
  readonly #request: SweepRequest;
  readonly #definition: SignalDefinition;
  readonly #scorings: AxisProduct;
  readonly #parameters: AxisProduct;
  readonly #evaluations: AxisProduct;
  readonly #kept: Cell[] = [];

  constructor(
    request: SweepRequest,
    definition: SignalDefinition,
    scorings: AxisProduct,
    parameters: AxisProduct,
    evaluations: AxisProduct,
  ) {
    this.#request = request;
    this.#definition = definition;
    this.#scorings = scorings;
    this.#parameters = parameters;
    this.#evaluations = evaluations;
    this.trialsPerScoring = parameters.count * evaluations.count;
    this.length = scorings.count * this.trialsPerScoring;
    this.trialCount = readsFlowScore(definition) ? this.length : this.trialsPerScoring;
  }

  /** The cell of a number from 0 to `length` − 1. */
  at(number: number): Cell {
    assert(Number.isInteger(number) && number >= 0 && number < this.length, `a plan has no cell ${number}`);
    const kept = this.#kept[number];
    if (kept !== undefined) return kept;
    const [evaluations, parameters] = [this.#evaluations.count, this.#parameters.count];
    const cell = resolveCell(
      this.#request,
      this.#definition,
      this.#scorings.at(Math.floor(number / evaluations / parameters)),
      this.#parameters.at(Math.floor(number / evaluations) % parameters),
      this.#evaluations.at(number % evaluations),
    );
    if (this.length <= maxHashedCells) this.#kept[number] = cell;
    return cell;
  }

  *[Symbol.iterator](): Generator<Cell> {
    for (let number = 0; number < this.length; number++) yield this.at(number);
  }

  /** The number of the trial at a position of the order in which those with the same first stages of the signal lie together. */
  inStageOrder(position: number): number {
    const { count } = this.#evaluations;
    const stages = this.#definition.stages.map((stage) => stage.parameters);
    const parameters = this.#parameters.numberAt(Math.floor(position / count) % this.#parameters.count, stages);
    const scoring = Math.floor(position / this.trialsPerScoring);
    return scoring * this.trialsPerScoring + parameters * count + (position % count);
  }

  /** The cells that are one trial, by its number. */
  ofTrial(trial: number): Cell[] {
    const cells: Cell[] = [];
    for (let number = trial; number < this.length; number += this.trialCount) cells.push(this.at(number));
    return cells;
  }

  /** The parameters of the signal that cells have, each once. */
  *signalParameters(): Generator<SignalParameters> {
    const given = givenParameters(this.#request, this.#definition);
    const context = signalContext(this.#request.runtime);
    for (let number = 0; number < this.#parameters.count; number++) {
      yield resolveParameters(this.#definition, { ...given, ...this.#parameters.at(number) }, context);
    }
  }
}

/**
 * Lays out every cell of a sweep: scoring axes × signal axes × take-profits × stop-losses × cooldowns.
 * @throws CONFIG_INVALID for an axis that nothing knows, for more than `maxCells` cells, and for a combination that its signal or
 * the scoring refuses
 */
export function planSweep(request: SweepRequest): SweepPlan {
  const definition = signalDefinition(request.signalName, request.signalSource);
  const scoringAxes = axesOf('scoring', request.scoringAxes, Object.keys(scoringFields));
  const parameterAxes = signalAxes(request, definition);
  const evalAxes = [
    { name: 'eval.tp_ticks', key: 'tp', values: request.tpTicks },
    { name: 'eval.sl_ticks', key: 'sl', values: request.slTicks },
    { name: 'eval.cooldown_bins', key: 'cooldown', values: request.cooldownBins },
  ];
  const axes = [...scoringAxes, ...parameterAxes, ...evalAxes];
  assertCellCount(request.experimentName, axes);
  const scorings = new AxisProduct(scoringAxes.map((axis) => withoutRepeats(axis, (value) => value)));
  const defaults = new Map(definition.parameters.map((parameter) => [parameter.name, parameter.default]));
  const parameters = new AxisProduct(
    parameterAxes.map((axis) => withoutRepeats(axis, (value) => value ?? defaults.get(axis.key))),
  );
  const evaluations = new AxisProduct(evalAxes.map((axis) => withoutRepeats(axis, (value) => value)));
  checkScorings(request, scorings);
  const cells = new PlanCells(request, definition, scorings, parameters, evaluations);
  for (const _ of cells.signalParameters());
  return {
    sweepId: sweepIdOf(request, definition, cells, scorings, parameters, evaluations),
    experimentName: request.experimentName,
    servingSpecName: request.servingSpecName,
    signalName: definition.name,
    ...(definition.source && { signalSource: definition.source.hash }),
    runtime: request.runtime,
    projection: request.projection,
    thresholds: definition.thresholds,
    evaluation: request.evaluation,
    judgement: request.judgement,
    ...(request.execution !== undefined && { execution: request.execution }),
    axes: axes.filter(({ values }) => values.length > 1).map(({ name, values }) => ({ name, values })),
    cells,
    duplicates: pointCount(axes) - cells.length,
  };
}

/** Hash of the ids of all cells, or of many cells of the axes' values and the configuration of one cell; in any order of values. */
function sweepIdOf(
  request: SweepRequest,
  definition: SignalDefinition,
  cells: PlanCells,
  ...products: readonly [AxisProduct, AxisProduct, AxisProduct]
): string {
  const experiment = request.experimentName;
  if (cells.length <= maxHashedCells) {
    return contentHash({ experiment, cells: Array.from(cells, ({ runId }) => runId).sort() }, 32);
  }
  const [scorings, parameters, evaluations] = products.map((product) => product.sorted());
  const first = new PlanCells(request, definition, present(scorings), present(parameters), present(evaluations)).at(0);
  const axes = [scorings, parameters, evaluations].flatMap((product) => present(product).axes);
  const values = Object.fromEntries(axes.map((axis) => [axis.name, axis.values]));
  return contentHash({ experiment, first: first.configHash, axes: values }, 32);
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
  const count = pointCount(axes);
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

/** Checks each value of the scoring axes once, and by the rules across fields every combination of them. */
function checkScorings(request: SweepRequest, scorings: AxisProduct): void {
  const isValid = ({ key, values }: Axis) =>
    values.every((value) => scoringShape[key as keyof FlowScoring].safeParse(value).success);
  const areValid = scorings.axes.every(isValid);
  for (let number = 0; number < scorings.count; number++) {
    const point = scorings.at(number);
    const runtime = withScoring(request.runtime, point as Partial<FlowScoring>);
    if (number > 0 && areValid && fieldsGoTogether(runtime)) continue;
    const place = Object.entries(point).map(([key, value]) => `scoring.${key} ${JSON.stringify(value)}`);
    parseRuntimeConfig(
      runtime,
      `experiment ${request.experimentName}${place.length === 0 ? '' : ` at ${place.join(', ')}`}`,
    );
  }
}

/** The parameters of a signal that axes go over. */
function givenParameters({ runtime, signalParameters }: SweepRequest, definition: SignalDefinition) {
  return { ...runtimeParameters(definition, runtime), ...signalParameters };
}

function resolveCell(
  request: SweepRequest,
  definition: SignalDefinition,
  scoringPoint: Point,
  parameterPoint: Point,
  evalPoint: Point,
): Cell {
  const given = { ...givenParameters(request, definition), ...parameterPoint };
  const parameters = resolveParameters(definition, given, signalContext(request.runtime));
  const scored = withScoring(request.runtime, scoringPoint as Partial<FlowScoring>);
  const runtime = withRuntimeParameters(definition, scored, parameters);
  const scoring = scoringOf(runtime);
  const { tp: tpTicks, sl: slTicks, cooldown: cooldownBins } = evalPoint as Record<'tp' | 'sl' | 'cooldown', number>;
  const trial = {
    version: evaluationVersion,
    // Contracts follow each other under one trial.
    data: { ...dataFields(request.runtime), symbol: undefined },
    signal: definition.name,
    ...(definition.source && { signalSource: definition.source.hash }),
    parameters,
    thresholds: definition.thresholds,
    tpTicks,
    slTicks,
    cooldownBins,
    ...request.evaluation,
    ...(request.execution !== undefined && { execution: request.execution }),
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
export function cellRuntime(plan: PlanSignal & Pick<SweepPlan, 'runtime'>, cell: Cell): RuntimeConfig {
  const scored = withScoring(plan.runtime, cell.scoring);
  return withRuntimeParameters(planSignal(plan), scored, cell.parameters);
}
