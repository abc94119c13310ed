import { maxCoefficient, maxDecayPower } from '../config/light.ts';
import { tanh } from '../elementary.ts';
import { normalisedWeights, type RollingRobustZ } from '../spectrum/light.ts';
import type { StateReader, StateWriter } from '../state.ts';
import {
  type GridSignalColumns,
  type NumberParameter,
  numberOf,
  resolveParameters,
  Signal,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
} from './signal.ts';
import {
  createZscore,
  modelZscore,
  tanhScaleParameter,
  zscoreConflict,
  zscoreParameterNames,
  zscoreParameters,
} from './zscore.ts';

/** The derivative signal's state at a bin. */
export interface DerivativeState {
  /** From −1 to 1, positive for bull. */
  score: number;
  /** Whether every derivative that has a weight has enough values. */
  ready: boolean;
  /** Bins so far. */
  sampleCount: number;
  /** Weighted bull minus bear intensity, without a unit. */
  base: number;
  /** Successive differences of the base: per second, per second squared and cubed. */
  d1: number;
  d2: number;
  d3: number;
  /** Robust z-scores of the differences, without a unit. */
  z1: number;
  z2: number;
  z3: number;
  /** Weighted shares of the window that are bull, bear and mixed. */
  bullIntensity: number;
  bearIntensity: number;
  mixedIntensity: number;
  /** The state with the largest share: 2 bull vacuum, 1 bull pressure, 0 mixed, −1 bear pressure, −2 bear vacuum. */
  dominantState5Code: number;
}

/** Row weights over k, summing to 1; all zero where nothing is left. */
export function spatialWeights(radius: number, centerExclusionRadius: number, decayPower: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, row) => {
    const distance = Math.abs(row - radius);
    if (centerExclusionRadius > 0 && distance <= centerExclusionRadius) return 0;
    return decayPower > 0 ? 1 / Math.max(distance, 1) ** decayPower : 1;
  });
  return weights.some((weight) => weight > 0) ? normalisedWeights(weights) : weights;
}

/** Writes base, bull, bear, mixed intensity and the dominant code. */
class Intensities implements Stage {
  readonly width = 5;
  readonly #rowWeights: Float64Array;
  readonly #bullPressure: number;
  readonly #bullVacuum: number;
  readonly #bearPressure: number;
  readonly #bearVacuum: number;
  readonly #mixed: number;

  constructor(parameters: SignalParameters, context: SignalContext) {
    const exclusion = numberOf(parameters, 'center_exclusion_radius');
    this.#rowWeights = spatialWeights(context.radius, exclusion, numberOf(parameters, 'spatial_decay_power'));
    this.#bullPressure = numberOf(parameters, 'bull_pressure_weight');
    this.#bullVacuum = numberOf(parameters, 'bull_vacuum_weight');
    this.#bearPressure = numberOf(parameters, 'bear_pressure_weight');
    this.#bearVacuum = numberOf(parameters, 'bear_vacuum_weight');
    this.#mixed = numberOf(parameters, 'mixed_weight');
  }

  update(columns: SignalColumns, at: number, _in: Float64Array, _inAt: number, out: Float64Array, outAt: number): void {
    const state5 = columns.state5_code;
    const weights = this.#rowWeights;
    let bearVacuum = 0;
    let bearPressure = 0;
    let mixed = 0;
    let bullPressure = 0;
    let bullVacuum = 0;
    for (let row = 0; row < weights.length; row++) {
      const weight = weights[row]!;
      const code = state5[at + row]!;
      if (code === 0) mixed += weight;
      else if (code === 1) bullPressure += weight;
      else if (code === 2) bullVacuum += weight;
      else if (code === -1) bearPressure += weight;
      else bearVacuum += weight;
    }
    const bull = this.#bullPressure * bullPressure + this.#bullVacuum * bullVacuum;
    const bear = this.#bearPressure * bearPressure + this.#bearVacuum * bearVacuum;
    out[outAt] = (bull - bear) * Math.min(Math.max(1 - this.#mixed * mixed, 0), 1);
    out[outAt + 1] = bull;
    out[outAt + 2] = bear;
    out[outAt + 3] = mixed;
    // Ties go to the lower code.
    let dominant = -2;
    let largest = bearVacuum;
    if (bearPressure > largest) [dominant, largest] = [-1, bearPressure];
    if (mixed > largest) [dominant, largest] = [0, mixed];
    if (bullPressure > largest) [dominant, largest] = [1, bullPressure];
    if (bullVacuum > largest) dominant = 2;
    out[outAt + 4] = dominant;
  }

  save(): void {}
  restore(): void {}
}

/** Writes d1, d2, d3 of the base, their z-scores, the sample count and readiness. */
class Derivatives implements Stage {
  readonly width = 8;
  readonly #binS: number;
  readonly #minPeriods: number;
  readonly #z: readonly [RollingRobustZ, RollingRobustZ, RollingRobustZ];
  #count = 0;
  #base = 0;
  #d1 = 0;
  #d2 = 0;

  constructor(parameters: SignalParameters, context: SignalContext) {
    this.#binS = context.binS;
    this.#minPeriods = numberOf(parameters, 'zscore_min_periods');
    const rolling = () => createZscore(parameters, modelZscore);
    this.#z = [rolling(), rolling(), rolling()];
  }

  update(_c: SignalColumns, _at: number, input: Float64Array, inputAt: number, out: Float64Array, outAt: number): void {
    const base = input[inputAt]!;
    const first = this.#count === 0;
    const d1 = first ? 0 : (base - this.#base) / this.#binS;
    const d2 = first ? 0 : (d1 - this.#d1) / this.#binS;
    const d3 = first ? 0 : (d2 - this.#d2) / this.#binS;
    this.#base = base;
    this.#d1 = d1;
    this.#d2 = d2;
    this.#count++;
    out[outAt] = d1;
    out[outAt + 1] = d2;
    out[outAt + 2] = d3;
    out[outAt + 3] = this.#z[0].push(d1);
    out[outAt + 4] = this.#z[1].push(d2);
    out[outAt + 5] = this.#z[2].push(d3);
    out[outAt + 6] = this.#count;
    out[outAt + 7] = this.#count >= this.#minPeriods ? 1 : 0;
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.of(this.#count, this.#base, this.#d1, this.#d2));
    for (const z of this.#z) z.save(writer);
  }

  restore(reader: StateReader): void {
    const [count, base, d1, d2] = reader.float64s();
    this.#count = count!;
    this.#base = base!;
    this.#d1 = d1!;
    this.#d2 = d2!;
    for (const z of this.#z) z.restore(reader);
  }
}

class WeightedScore implements Stage {
  readonly width = 2;
  readonly #weights: Float64Array;
  readonly #tanhScale: number;

  constructor(parameters: SignalParameters) {
    this.#weights = normalisedWeights(derivativeWeightNames.map((name) => numberOf(parameters, name)));
    this.#tanhScale = numberOf(parameters, 'tanh_scale');
  }

  update(_c: SignalColumns, _at: number, input: Float64Array, inputAt: number, out: Float64Array, outAt: number): void {
    let score = 0;
    for (let order = 0; order < 3; order++) {
      score += this.#weights[order]! * tanh(input[inputAt + 3 + order]! / this.#tanhScale);
    }
    out[outAt] = Math.min(Math.max(score, -1), 1);
    out[outAt + 1] = input[inputAt + 7]!;
  }

  save(): void {}
  restore(): void {}
}

const derivativeWeightNames = ['d1_weight', 'd2_weight', 'd3_weight'] as const;

const weight = (name: string, about: string, value: number): NumberParameter => ({
  name,
  about,
  default: value,
  min: 0,
  max: maxCoefficient,
});

/** state5 is one code above spot and one below it, so weights over k scale the base of every bin alike. */
const evenWeights = 'all ticks of a side have one state, so it scales every bin alike, and the z-score takes that out';

const spatialParameters: readonly NumberParameter[] = [
  {
    name: 'center_exclusion_radius',
    about: 'ticks around spot that do not count',
    default: 0,
    min: 0,
    integer: true,
    changesNoFiring: evenWeights,
  },
  {
    name: 'spatial_decay_power',
    about: 'power of 1/|k| by which ticks count',
    default: 0,
    min: 0,
    max: maxDecayPower,
    changesNoFiring: evenWeights,
  },
  weight('bull_pressure_weight', 'weight of state 1', 1),
  weight('bull_vacuum_weight', 'weight of state 2', 1),
  weight('bear_pressure_weight', 'weight of state −1', 1),
  weight('bear_vacuum_weight', 'weight of state −2', 1),
  weight('mixed_weight', 'how much mixed states damp the base', 0),
];

/**
 * The derivative signal, the serving one: how fast the balance of bull and bear states around spot changes, against its
 * own past (model.md §8). Its parameters are the runtime fields `state_model_*` without that prefix.
 */
export const derivative: SignalDefinition = {
  name: 'derivative',
  about: 'change of the balance of bull and bear states around spot, against its own past',
  columns: ['state5_code'],
  parameters: [
    ...spatialParameters,
    ...zscoreParameters(240),
    tanhScaleParameter,
    weight('d1_weight', 'weight of the first derivative', 1),
    weight('d2_weight', 'weight of the second derivative', 0),
    weight('d3_weight', 'weight of the third derivative', 0),
  ],
  runtimeFieldPrefix: 'state_model_',
  thresholds: { kind: 'score', values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] },
  bound: 1,
  feelsRadius: false,
  stages: [
    {
      parameters: spatialParameters.map((parameter) => parameter.name),
      create: (parameters, context) => new Intensities(parameters, context),
    },
    { parameters: zscoreParameterNames, create: (parameters, context) => new Derivatives(parameters, context) },
    {
      parameters: ['tanh_scale', ...derivativeWeightNames],
      create: (parameters) => new WeightedScore(parameters),
    },
  ],
  conflict: (parameters, context) => {
    const exclusion = numberOf(parameters, 'center_exclusion_radius');
    if (exclusion >= context.radius) {
      return `center_exclusion_radius is ${exclusion}; allowed: less than grid_radius_ticks, ${context.radius}`;
    }
    const weightless = derivativeWeightNames.every((name) => numberOf(parameters, name) === 0);
    return weightless ? 'd1_weight, d2_weight and d3_weight are all 0; one must be > 0' : zscoreConflict(parameters);
  },
};

/** The derivative signal as the engine runs it, with everything that it says of a bin. */
export class DerivativeSignal {
  /** Refilled by each `update`. */
  readonly state: DerivativeState = {
    score: 0,
    ready: false,
    sampleCount: 0,
    base: 0,
    d1: 0,
    d2: 0,
    d3: 0,
    z1: 0,
    z2: 0,
    z3: 0,
    bullIntensity: 0,
    bearIntensity: 0,
    mixedIntensity: 0,
    dominantState5Code: 0,
  };
  readonly #signal: Signal;

  /** @throws CONFIG_INVALID as `resolveParameters` */
  constructor(parameters: SignalParameters, context: SignalContext) {
    this.#signal = new Signal(derivative, resolveParameters(derivative, parameters, context), context);
  }

  /** Takes the next bin, whose rows lie in `columns.state5_code` from index `at` on. */
  update(columns: GridSignalColumns, at: number): void {
    const { state } = this;
    state.score = this.#signal.update(columns as SignalColumns, at);
    state.ready = this.#signal.ready;
    const intensities = this.#signal.stageOutput(0);
    state.base = intensities[0]!;
    state.bullIntensity = intensities[1]!;
    state.bearIntensity = intensities[2]!;
    state.mixedIntensity = intensities[3]!;
    state.dominantState5Code = intensities[4]!;
    const derivatives = this.#signal.stageOutput(1);
    state.d1 = derivatives[0]!;
    state.d2 = derivatives[1]!;
    state.d3 = derivatives[2]!;
    state.z1 = derivatives[3]!;
    state.z2 = derivatives[4]!;
    state.z3 = derivatives[5]!;
    state.sampleCount = derivatives[6]!;
  }

  save(writer: StateWriter): void {
    this.#signal.save(writer);
  }

  restore(reader: StateReader): void {
    this.#signal.restore(reader);
  }
}
