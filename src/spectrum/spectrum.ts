import { tanh } from '../elementary.ts';
import { assert } from '../errors.ts';
import { type Physics, tickStride as stride, tick as tickOffsets } from '../physics/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { DerivativeHistory } from './derivative_history.ts';
import { madToSigma } from './rolling_robust_z.ts';
import { madSorted, medianSorted } from './sorted_window.ts';

/** Parameters of model.md §6. */
export interface SpectrumParams {
  /** Seconds between bins. */
  binS: number;
  windows: readonly number[];
  rollupWeights: readonly number[];
  derivativeWeights: readonly number[];
  tanhScale: number;
  neutralThreshold: number;
  zscoreWindowBins: number;
  zscoreMinPeriods: number;
}

// A name that is imported or exported is looked up at every use; what is a module's alone is compiled in.
const tick = { ...tickOffsets };
const tickStride = stride;

/** A scale at or below this counts as none. */
const scaleFloor = 1e-9;
/** Slots whose ratios are summed side by side: each sum waits for its own last addition, four sums wait together. */
const lanes = 4;
/** Composite and its three derivatives. */
export const spectrumStride = 4;

const normalised = (weights: readonly number[]): Float64Array => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return Float64Array.from(weights, (w) => w / sum);
};

/**
 * Composite, its derivatives and the flow score of every tick on its own history (model.md §6).
 *
 * Every slot counts as scored at every bin; slots whose whole history is zero are skipped, and the order statistics are
 * kept for the slots that are asked for. Histories are rings that share one position: bin number modulo length.
 */
export class Spectrum {
  /** `spectrumStride` values per slot: composite, d1, d2, d3 of the last bin. */
  readonly current: Float64Array;
  readonly #params: SpectrumParams;
  readonly #slots: number;
  readonly #weights: Float64Array;
  readonly #derivativeWeights: Float64Array;
  readonly #longest: number;
  #bins = 0;
  /** Ratio c per slot and bin, `longest` each. */
  readonly #ratios: Float64Array;
  readonly #history: DerivativeHistory;
  /** Composite of each active slot at the bin that is being pushed. */
  readonly #composites: Float64Array;
  /** Slots with a history that is not all zero. */
  readonly #active: Int32Array;
  #activeCount = 0;
  readonly #isActive: Uint8Array;
  /** Bins since a slot's ratio was last not zero. */
  readonly #quietBins: Int32Array;

  /** @param scoredSlots the most slots that `score` is asked for at once */
  constructor(slots: number, scoredSlots: number, params: SpectrumParams) {
    this.#params = params;
    this.#slots = slots;
    this.#weights = normalised(params.rollupWeights);
    this.#derivativeWeights = normalised(params.derivativeWeights);
    this.#longest = Math.max(...params.windows);
    this.current = new Float64Array(slots * spectrumStride);
    this.#ratios = new Float64Array(slots * this.#longest);
    this.#history = new DerivativeHistory(slots, scoredSlots, params.zscoreWindowBins);
    this.#composites = new Float64Array(slots + lanes);
    this.#active = new Int32Array(slots + lanes);
    this.#isActive = new Uint8Array(slots);
    this.#quietBins = new Int32Array(slots);
  }

  /** Takes the forces of a bin's end. */
  push(physics: Physics): void {
    const { state, live } = physics;
    for (let i = 0; i < physics.liveCount; i++) {
      const slot = live[i]!;
      const at = slot * tickStride;
      if (this.#isActive[slot] === 0 && state[at + tick.pressure] !== state[at + tick.vacuum]) this.#activate(slot);
    }
    this.#bins++;
    this.#pushRatios(state);
    this.#rollUp();
    this.#differentiate();
    this.#retireQuiet();
  }

  /**
   * Writes flow score and state code of `rows` slots from `firstSlot` on; call once after each `push`.
   * Slots outside the grid get 0.
   */
  score(firstSlot: number, rows: number, scores: Float64Array, codes: Int8Array): void {
    const threshold = this.#params.neutralThreshold;
    scores.fill(0, 0, rows);
    codes.fill(0, 0, rows);
    const last = Math.min(firstSlot + rows, this.#slots);
    for (let slot = Math.max(firstSlot, 0); slot < last; slot++) {
      if (this.#isActive[slot] === 0) continue;
      const score = this.#scoreSlot(slot, this.#history.sortedRuns(slot, this.#bins));
      scores[slot - firstSlot] = score;
      codes[slot - firstSlot] = score >= threshold ? 1 : score <= -threshold ? -1 : 0;
    }
  }

  /** Follows the grid by `shift` slots (see `Physics.recentre`). */
  recentre(shift: number): void {
    const kept = Math.max(this.#slots - Math.abs(shift), 0);
    const from = shift > 0 ? this.#slots - kept : 0;
    const to = shift > 0 ? 0 : this.#slots - kept;
    const [enteredFrom, enteredTo] = shift > 0 ? [kept, this.#slots] : [0, this.#slots - kept];
    const move = (values: Float64Array | Int32Array | Uint8Array, width: number) => {
      values.copyWithin(to * width, from * width, (from + kept) * width);
      values.fill(0, enteredFrom * width, enteredTo * width);
    };
    move(this.current, spectrumStride);
    move(this.#ratios, this.#longest);
    move(this.#isActive, 1);
    move(this.#quietBins, 1);
    this.#history.recentre(move);
    this.#listActive();
  }

  save(writer: StateWriter): void {
    const active = this.#active.slice(0, this.#activeCount).sort();
    writer.number(this.#bins);
    writer.array(active);
    for (const [values, width] of [
      [this.current, spectrumStride],
      [this.#ratios, this.#longest],
    ] as const) {
      const packed = new Float64Array(active.length * width);
      active.forEach((slot, i) => {
        packed.set(values.subarray(slot * width, (slot + 1) * width), i * width);
      });
      writer.array(packed);
    }
    writer.array(this.#history.pack(active, this.#bins));
    writer.array(Int32Array.from(active, (slot) => this.#quietBins[slot]!));
  }

  /** Takes a saved state; only a new spectrum can. */
  restore(reader: StateReader): void {
    assert(this.#bins === 0, 'a spectrum that takes a state has none of its own');
    this.#bins = reader.number();
    const active = reader.int32s();
    for (const [values, width] of [
      [this.current, spectrumStride],
      [this.#ratios, this.#longest],
    ] as const) {
      const packed = reader.float64s();
      active.forEach((slot, i) => {
        values.set(packed.subarray(i * width, (i + 1) * width), slot * width);
      });
    }
    this.#history.unpack(active, this.#bins, reader.float64s());
    const quietBins = reader.int32s();
    active.forEach((slot, i) => {
      this.#isActive[slot] = 1;
      this.#quietBins[slot] = quietBins[i]!;
    });
    this.#listActive();
  }

  /** Takes the ratio of every active slot at this bin. */
  #pushRatios(state: Float64Array): void {
    const active = this.#active;
    const count = this.#activeCount;
    const ratios = this.#ratios;
    const quietBins = this.#quietBins;
    const longest = this.#longest;
    const position = (this.#bins - 1) % longest;
    for (let i = 0; i < count; i++) {
      const slot = active[i]!;
      const at = slot * tickStride;
      const pressure = state[at + tick.pressure]!;
      const vacuum = state[at + tick.vacuum]!;
      const ratio = (pressure - vacuum) / (Math.abs(pressure) + Math.abs(vacuum) + 1e-12);
      ratios[slot * longest + position] = ratio;
      quietBins[slot] = ratio === 0 ? quietBins[slot]! + 1 : 0;
    }
  }

  /**
   * Composites of the active slots: the weighted mean of the means over each window. Each sum is taken anew, oldest
   * first: a running sum would carry rounding along, which third differences over a bin multiply by a thousand and more.
   */
  #rollUp(): void {
    const { windows } = this.#params;
    const bins = this.#bins;
    const longest = this.#longest;
    const end = ((bins - 1) % longest) + 1;
    this.#composites.fill(0, 0, this.#activeCount + lanes);
    // The last group is filled up with slots that do not matter.
    for (let lane = 0; lane < lanes; lane++) this.#active[this.#activeCount + lane] = 0;
    for (let i = 0; i < windows.length; i++) {
      const n = bins < windows[i]! ? bins : windows[i]!;
      const start = end - n;
      addMeans(
        this.#composites,
        this.#ratios,
        this.#active,
        this.#activeCount,
        longest,
        start < 0 ? start + longest : longest,
        start < 0 ? 0 : start,
        end,
        n,
        this.#weights[i]!,
      );
    }
  }

  /** Turns composites into derivatives, and remembers them. */
  #differentiate(): void {
    const active = this.#active;
    const count = this.#activeCount;
    const composites = this.#composites;
    const current = this.current;
    const history = this.#history.values;
    const { binS } = this.#params;
    const first = this.#bins === 1;
    const row = this.#history.rowOf(this.#bins - 1);
    for (let i = 0; i < count; i++) {
      const slot = active[i]!;
      const at = slot * spectrumStride;
      const composite = composites[i]!;
      const d1 = first ? 0 : (composite - current[at]!) / binS;
      const d2 = first ? 0 : (d1 - current[at + 1]!) / binS;
      const d3 = first ? 0 : (d2 - current[at + 2]!) / binS;
      current[at] = composite;
      current[at + 1] = d1;
      current[at + 2] = d2;
      current[at + 3] = d3;
      const historyAt = row + slot * 3;
      history[historyAt] = d1;
      history[historyAt + 1] = d2;
      history[historyAt + 2] = d3;
    }
  }

  #retireQuiet(): void {
    const longestQuiet = this.#longest + this.#history.bins + 3;
    let kept = 0;
    for (let i = 0; i < this.#activeCount; i++) {
      const slot = this.#active[i]!;
      if (this.#quietBins[slot]! > longestQuiet) this.#deactivate(slot);
      else this.#active[kept++] = slot;
    }
    this.#activeCount = kept;
  }

  /** @param runsAt where the slot's sorted runs start */
  #scoreSlot(slot: number, runsAt: number): number {
    const { zscoreWindowBins: z, zscoreMinPeriods, tanhScale } = this.#params;
    const count = this.#bins < z ? this.#bins : z;
    if (count < zscoreMinPeriods) return 0;
    const { sorted } = this.#history;
    let score = 0;
    for (let derivative = 0; derivative < 3; derivative++) {
      const from = runsAt + derivative * z;
      const median = medianSorted(sorted, from, count);
      const scale = madToSigma * madSorted(sorted, from, count, median);
      if (scale <= scaleFloor) continue;
      const zScore = (this.current[slot * spectrumStride + 1 + derivative]! - median) / scale;
      score += this.#derivativeWeights[derivative]! * tanh(zScore / tanhScale);
    }
    return score > 1 ? 1 : score < -1 ? -1 : score;
  }

  #activate(slot: number): void {
    this.#isActive[slot] = 1;
    this.#quietBins[slot] = 0;
    this.#active[this.#activeCount++] = slot;
  }

  /** Ends a slot whose ratios and derivatives have all been zero for as long as anything remembers. */
  #deactivate(slot: number): void {
    this.#isActive[slot] = 0;
    this.current.fill(0, slot * spectrumStride, (slot + 1) * spectrumStride);
  }

  #listActive(): void {
    this.#activeCount = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#isActive[slot] === 1) this.#active[this.#activeCount++] = slot;
    }
  }
}

/**
 * Adds `weight` times the mean of each active slot's last `n` ratios to its composite. Those lie in the slot's ring at
 * [wrapped, longest) and [from, to), oldest first. Sums run over whole groups of lanes: `active` and `composites` have
 * room for one more group.
 */
function addMeans(
  composites: Float64Array,
  ratios: Float64Array,
  active: Int32Array,
  activeCount: number,
  longest: number,
  wrapped: number,
  from: number,
  to: number,
  n: number,
  weight: number,
): void {
  for (let i = 0; i < activeCount; i += lanes) {
    const ring0 = active[i]! * longest;
    const ring1 = active[i + 1]! * longest;
    const ring2 = active[i + 2]! * longest;
    const ring3 = active[i + 3]! * longest;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let at = wrapped; at < longest; at++) {
      sum0 += ratios[ring0 + at]!;
      sum1 += ratios[ring1 + at]!;
      sum2 += ratios[ring2 + at]!;
      sum3 += ratios[ring3 + at]!;
    }
    for (let at = from; at < to; at++) {
      sum0 += ratios[ring0 + at]!;
      sum1 += ratios[ring1 + at]!;
      sum2 += ratios[ring2 + at]!;
      sum3 += ratios[ring3 + at]!;
    }
    composites[i]! += weight * (sum0 / n);
    composites[i + 1]! += weight * (sum1 / n);
    composites[i + 2]! += weight * (sum2 / n);
    composites[i + 3]! += weight * (sum3 / n);
  }
}
