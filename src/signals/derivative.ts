import { tanh } from '../elementary.ts';
import { RollingRobustZ } from '../spectrum/index.ts';
import type { StateReader, StateWriter } from '../state.ts';

/** Parameters of model.md §8. */
export interface DerivativeParams {
  /** Rows run from k = −radius to radius. */
  radius: number;
  /** Seconds between bins. */
  binS: number;
  centerExclusionRadius: number;
  spatialDecayPower: number;
  zscoreWindowBins: number;
  zscoreMinPeriods: number;
  tanhScale: number;
  /** Weights of d1, d2, d3. */
  derivativeWeights: readonly [number, number, number];
  bullPressureWeight: number;
  bullVacuumWeight: number;
  bearPressureWeight: number;
  bearVacuumWeight: number;
  mixedWeight: number;
}

/** What the derivative signal says of a bin. */
export interface DerivativeState {
  /** −1 … 1, positive for bull. */
  score: number;
  /** Enough samples in every derivative that has a weight. */
  ready: boolean;
  sampleCount: number;
  base: number;
  d1: number;
  d2: number;
  d3: number;
  z1: number;
  z2: number;
  z3: number;
  bullIntensity: number;
  bearIntensity: number;
  mixedIntensity: number;
  dominantState5Code: number;
}

const scaleFloor = 1e-12;

/** Row weights over k, summing to 1; all zero where nothing is left. */
export function spatialWeights(radius: number, centerExclusionRadius: number, decayPower: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, row) => {
    const distance = Math.abs(row - radius);
    if (centerExclusionRadius > 0 && distance <= centerExclusionRadius) return 0;
    return decayPower > 0 ? 1 / Math.max(distance, 1) ** decayPower : 1;
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  return sum > 0 ? weights.map((w) => w / sum) : weights;
}

/**
 * The derivative signal: how fast the balance of bull and bear states around spot changes, against its own past
 * (model.md §8). Incremental; live serving and offline evaluation run this same code.
 */
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
  readonly #params: DerivativeParams;
  readonly #rowWeights: Float64Array;
  readonly #derivativeWeights: readonly number[];
  readonly #z: readonly [RollingRobustZ, RollingRobustZ, RollingRobustZ];
  /** Intensity of code c at index c + 2. */
  readonly #intensities = new Float64Array(5);

  constructor(params: DerivativeParams) {
    this.#params = params;
    this.#rowWeights = spatialWeights(params.radius, params.centerExclusionRadius, params.spatialDecayPower);
    const sum = params.derivativeWeights.reduce((a, b) => a + b, 0);
    this.#derivativeWeights = params.derivativeWeights.map((w) => w / sum);
    const rolling = () =>
      new RollingRobustZ({
        window: params.zscoreWindowBins,
        minPeriods: params.zscoreMinPeriods,
        scaleFloor,
        withoutScale: 'standard',
      });
    this.#z = [rolling(), rolling(), rolling()];
  }

  /** Takes a bin's `state5_code` column, one code per row. */
  update(state5: Int8Array): void {
    const state = this.state;
    const p = this.#params;
    const intensities = this.#intensities.fill(0);
    for (let row = 0; row < this.#rowWeights.length; row++) intensities[state5[row]! + 2]! += this.#rowWeights[row]!;
    const [bearVacuum, bearPressure, mixed, bullPressure, bullVacuum] = intensities as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    state.bullIntensity = p.bullPressureWeight * bullPressure + p.bullVacuumWeight * bullVacuum;
    state.bearIntensity = p.bearPressureWeight * bearPressure + p.bearVacuumWeight * bearVacuum;
    state.mixedIntensity = mixed;
    const damping = Math.min(Math.max(1 - p.mixedWeight * mixed, 0), 1);
    this.#differentiate((state.bullIntensity - state.bearIntensity) * damping);

    state.z1 = this.#z[0].push(state.d1);
    state.z2 = this.#z[1].push(state.d2);
    state.z3 = this.#z[2].push(state.d3);
    const [w1, w2, w3] = this.#derivativeWeights as [number, number, number];
    const score =
      w1 * tanh(state.z1 / p.tanhScale) + w2 * tanh(state.z2 / p.tanhScale) + w3 * tanh(state.z3 / p.tanhScale);
    state.score = Math.min(Math.max(score, -1), 1);
    state.ready = state.sampleCount >= p.zscoreMinPeriods;
    let dominant = 0;
    for (let code = 1; code < 5; code++) if (intensities[code]! > intensities[dominant]!) dominant = code;
    state.dominantState5Code = dominant - 2;
  }

  save(writer: StateWriter): void {
    const { sampleCount, base, d1, d2 } = this.state;
    writer.array(Float64Array.of(sampleCount, base, d1, d2));
    for (const z of this.#z) z.save(writer);
  }

  restore(reader: StateReader): void {
    const [sampleCount, base, d1, d2] = reader.float64s();
    Object.assign(this.state, { sampleCount, base, d1, d2 });
    for (const z of this.#z) z.restore(reader);
  }

  #differentiate(base: number): void {
    const state = this.state;
    const { binS } = this.#params;
    const { base: lastBase, d1: lastD1, d2: lastD2 } = state;
    const first = state.sampleCount === 0;
    state.base = base;
    state.d1 = first ? 0 : (base - lastBase) / binS;
    state.d2 = first ? 0 : (state.d1 - lastD1) / binS;
    state.d3 = first ? 0 : (state.d2 - lastD2) / binS;
    state.sampleCount++;
  }
}
