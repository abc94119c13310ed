import { tanh } from '../elementary.ts';
import { type Physics, tick, tickStride } from '../physics/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { madToSigma } from './rolling_robust_z.ts';
import { insertSorted, madSorted, medianSorted, replaceSorted } from './sorted_window.ts';

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

/** A scale at or below this counts as none. */
const scaleFloor = 1e-9;
/** Slots beyond the scored window whose sorted histories are kept up, so that a spot that wavers costs no sorting. */
const marginSlots = 4;
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
  /** d1, d2, d3 per slot and bin: `[slot][derivative][bin % zscoreWindowBins]`. */
  readonly #history: Float64Array;
  /** The three values that the last bin pushed out of the history, per slot. */
  readonly #evicted: Float64Array;
  /** Slots with a history that is not all zero. */
  readonly #active: Int32Array;
  #activeCount = 0;
  readonly #isActive: Uint8Array;
  /** Bins since a slot's ratio was last not zero. */
  readonly #quietBins: Int32Array;
  /** Sorted histories of the slots near spot, at index slot modulo their number. */
  readonly #sorted: Float64Array;
  readonly #sortedSlots: number;
  readonly #sortedOwner: Int32Array;
  readonly #sortedBins: Float64Array;

  /** @param scoredSlots the most slots that `score` is asked for at once */
  constructor(slots: number, scoredSlots: number, params: SpectrumParams) {
    const z = params.zscoreWindowBins;
    this.#params = params;
    this.#slots = slots;
    this.#weights = normalised(params.rollupWeights);
    this.#derivativeWeights = normalised(params.derivativeWeights);
    this.#longest = Math.max(...params.windows);
    this.current = new Float64Array(slots * spectrumStride);
    this.#ratios = new Float64Array(slots * this.#longest);
    this.#history = new Float64Array(slots * 3 * z);
    this.#evicted = new Float64Array(slots * 3);
    this.#active = new Int32Array(slots);
    this.#isActive = new Uint8Array(slots);
    this.#quietBins = new Int32Array(slots);
    this.#sortedSlots = scoredSlots + 2 * marginSlots;
    this.#sorted = new Float64Array(this.#sortedSlots * 3 * z);
    this.#sortedOwner = new Int32Array(this.#sortedSlots).fill(-1);
    this.#sortedBins = new Float64Array(this.#sortedSlots);
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
    let kept = 0;
    for (let i = 0; i < this.#activeCount; i++) {
      const slot = this.#active[i]!;
      const at = slot * tickStride;
      this.#pushSlot(slot, state[at + tick.pressure]!, state[at + tick.vacuum]!);
      if (this.#quietBins[slot]! > this.#longest + this.#params.zscoreWindowBins + 3) this.#deactivate(slot);
      else this.#active[kept++] = slot;
    }
    this.#activeCount = kept;
  }

  /**
   * Writes flow score and state code of `rows` slots from `firstSlot` on; call once after each `push`.
   * Slots outside the grid get 0.
   */
  score(firstSlot: number, rows: number, scores: Float64Array, codes: Int8Array): void {
    const last = Math.min(firstSlot + rows + marginSlots, this.#slots);
    const threshold = this.#params.neutralThreshold;
    scores.fill(0, 0, rows);
    codes.fill(0, 0, rows);
    for (let slot = Math.max(firstSlot - marginSlots, 0); slot < last; slot++) {
      if (this.#isActive[slot] === 0) continue;
      const index = slot % this.#sortedSlots;
      this.#keepSorted(slot, index);
      const row = slot - firstSlot;
      if (row < 0 || row >= rows) continue;
      const score = this.#scoreSlot(slot, index);
      scores[row] = score;
      codes[row] = score >= threshold ? 1 : score <= -threshold ? -1 : 0;
    }
  }

  /** Follows the grid by `shift` slots (see `Physics.recentre`). */
  recentre(shift: number): void {
    const kept = Math.max(this.#slots - Math.abs(shift), 0);
    const from = shift > 0 ? this.#slots - kept : 0;
    const to = shift > 0 ? 0 : this.#slots - kept;
    const [enteredFrom, enteredTo] = shift > 0 ? [kept, this.#slots] : [0, this.#slots - kept];
    for (const [values, width] of [
      [this.current, spectrumStride],
      [this.#ratios, this.#longest],
      [this.#history, 3 * this.#params.zscoreWindowBins],
      [this.#isActive, 1],
      [this.#quietBins, 1],
    ] as const) {
      values.copyWithin(to * width, from * width, (from + kept) * width);
      values.fill(0, enteredFrom * width, enteredTo * width);
    }
    this.#listActive();
  }

  save(writer: StateWriter): void {
    const { zscoreWindowBins } = this.#params;
    const active = this.#active.slice(0, this.#activeCount).sort();
    writer.number(this.#bins);
    writer.array(active);
    for (const [values, width] of [
      [this.current, spectrumStride],
      [this.#ratios, this.#longest],
      [this.#history, 3 * zscoreWindowBins],
    ] as const) {
      const packed = new Float64Array(active.length * width);
      active.forEach((slot, i) => {
        packed.set(values.subarray(slot * width, (slot + 1) * width), i * width);
      });
      writer.array(packed);
    }
    writer.array(Int32Array.from(active, (slot) => this.#quietBins[slot]!));
  }

  restore(reader: StateReader): void {
    this.#bins = reader.number();
    this.#isActive.fill(0);
    const active = reader.int32s();
    for (const [values, width] of [
      [this.current, spectrumStride],
      [this.#ratios, this.#longest],
      [this.#history, 3 * this.#params.zscoreWindowBins],
    ] as const) {
      const packed = reader.float64s();
      values.fill(0);
      active.forEach((slot, i) => {
        values.set(packed.subarray(i * width, (i + 1) * width), slot * width);
      });
    }
    const quietBins = reader.int32s();
    active.forEach((slot, i) => {
      this.#isActive[slot] = 1;
      this.#quietBins[slot] = quietBins[i]!;
    });
    this.#listActive();
  }

  #pushSlot(slot: number, pressure: number, vacuum: number): void {
    const { binS, zscoreWindowBins } = this.#params;
    const bins = this.#bins;
    const longest = this.#longest;
    const ratio = (pressure - vacuum) / (Math.abs(pressure) + Math.abs(vacuum) + 1e-12);
    const ringAt = slot * longest;
    const position = (bins - 1) % longest;
    this.#ratios[ringAt + position] = ratio;
    const composite = this.#rollUp(ringAt, position);
    this.#quietBins[slot] = ratio === 0 ? this.#quietBins[slot]! + 1 : 0;

    const at = slot * spectrumStride;
    const current = this.current;
    let d1 = 0;
    let d2 = 0;
    let d3 = 0;
    if (bins > 1) {
      d1 = (composite - current[at]!) / binS;
      d2 = (d1 - current[at + 1]!) / binS;
      d3 = (d2 - current[at + 2]!) / binS;
    }
    current[at] = composite;
    current[at + 1] = d1;
    current[at + 2] = d2;
    current[at + 3] = d3;
    const historyAt = slot * 3 * zscoreWindowBins + ((bins - 1) % zscoreWindowBins);
    for (let derivative = 0; derivative < 3; derivative++) {
      const valueAt = historyAt + derivative * zscoreWindowBins;
      this.#evicted[slot * 3 + derivative] = this.#history[valueAt]!;
      this.#history[valueAt] = current[at + 1 + derivative]!;
    }
  }

  /**
   * Weighted mean of the means over each window. Each sum is taken anew, oldest first: a running sum would carry
   * rounding along, which third differences over a bin multiply by a thousand and more.
   */
  #rollUp(ringAt: number, position: number): number {
    const { windows } = this.#params;
    const ratios = this.#ratios;
    const bins = this.#bins;
    const ringEnd = ringAt + this.#longest;
    let composite = 0;
    for (let i = 0; i < windows.length; i++) {
      const n = bins < windows[i]! ? bins : windows[i]!;
      let sum = 0;
      const oldest = ringAt + position - n + 1;
      for (let at = oldest + this.#longest; at < ringEnd; at++) sum += ratios[at]!;
      for (let at = oldest < ringAt ? ringAt : oldest; at <= ringAt + position; at++) sum += ratios[at]!;
      composite += this.#weights[i]! * (sum / n);
    }
    return composite;
  }

  /** Brings the sorted history of a slot to the current bin. */
  #keepSorted(slot: number, index: number): void {
    const z = this.#params.zscoreWindowBins;
    const bins = this.#bins;
    const count = bins < z ? bins : z;
    const fresh = this.#sortedOwner[index] !== slot || this.#sortedBins[index] !== bins - 1;
    for (let derivative = 0; derivative < 3; derivative++) {
      const from = (index * 3 + derivative) * z;
      const historyFrom = (slot * 3 + derivative) * z;
      if (fresh) {
        this.#sorted.set(this.#history.subarray(historyFrom, historyFrom + count), from);
        this.#sorted.subarray(from, from + count).sort();
      } else if (bins > z) {
        const value = this.#history[historyFrom + ((bins - 1) % z)]!;
        replaceSorted(this.#sorted, from, z, this.#evicted[slot * 3 + derivative]!, value);
      } else {
        insertSorted(this.#sorted, from, bins - 1, this.#history[historyFrom + bins - 1]!);
      }
    }
    this.#sortedOwner[index] = slot;
    this.#sortedBins[index] = bins;
  }

  #scoreSlot(slot: number, index: number): number {
    const { zscoreWindowBins: z, zscoreMinPeriods, tanhScale } = this.#params;
    const count = this.#bins < z ? this.#bins : z;
    if (count < zscoreMinPeriods) return 0;
    let score = 0;
    for (let derivative = 0; derivative < 3; derivative++) {
      const from = (index * 3 + derivative) * z;
      const median = medianSorted(this.#sorted, from, count);
      const scale = madToSigma * madSorted(this.#sorted, from, count, median);
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
    this.#evicted.fill(0, slot * 3, slot * 3 + 3);
  }

  #listActive(): void {
    this.#activeCount = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#isActive[slot] === 1) this.#active[this.#activeCount++] = slot;
    }
    this.#sortedOwner.fill(-1);
  }
}
