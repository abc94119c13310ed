import { tanh } from '../elementary.ts';
import { assert } from '../errors.ts';
import { type Physics, shiftedRange, tickStride as stride, tick as tickOffsets } from '../physics/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { compositeBins, DerivativeHistory } from './derivative_history.ts';
import { RatioHistory } from './ratio_history.ts';
import { normalisedWeights } from './weights.ts';

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

// V8 reads an imported binding through a module cell and inlines a module-local const: 7 % of the replay.
const tick = { ...tickOffsets };
const tickStride = stride;

/** Where `Spectrum.score` writes, an element a row; named as grid frames name them. */
export interface SpectrumColumns {
  readonly composite: Float64Array;
  readonly composite_d1: Float64Array;
  readonly composite_d2: Float64Array;
  readonly composite_d3: Float64Array;
  readonly flow_score: Float64Array;
  readonly flow_state_code: Int8Array;
}

/**
 * Composite, its derivatives and the flow score of every tick on its own history (model.md §6).
 *
 * The result is as if every slot were scored at every bin. Only the ratio is kept for every slot; composites and
 * derivatives are computed from it for the slots that are asked for, and slots with an all-zero history are skipped.
 */
export class Spectrum {
  readonly #params: SpectrumParams;
  readonly #slots: number;
  readonly #derivativeWeights: Float64Array;
  #bins = 0;
  readonly #ratios: RatioHistory;
  readonly #history: DerivativeHistory;
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
    this.#derivativeWeights = normalisedWeights(params.derivativeWeights);
    const { zscoreWindowBins, windows, rollupWeights, binS } = params;
    this.#ratios = new RatioHistory(slots, compositeBins(zscoreWindowBins), windows, normalisedWeights(rollupWeights));
    this.#history = new DerivativeHistory(this.#ratios, scoredSlots, zscoreWindowBins, binS);
    this.#active = new Int32Array(slots);
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
    this.#retireQuiet();
  }

  /** Writes the rows of `rows` slots from `firstSlot` on, after a `push`; slots outside the grid get 0. */
  score(firstSlot: number, rows: number, out: SpectrumColumns): void {
    assert(this.#bins > 0, 'slots are scored after a bin');
    const threshold = this.#params.neutralThreshold;
    const { latest } = this.#history;
    for (let row = 0; row < rows; row++) {
      const slot = firstSlot + row;
      const isActive = slot >= 0 && slot < this.#slots && this.#isActive[slot] === 1;
      const place = isActive ? this.#history.follow(slot, this.#bins) : 0;
      const score = isActive ? this.#scoreAt(place) : 0;
      out.composite[row] = isActive ? latest[place * 4]! : 0;
      out.composite_d1[row] = isActive ? latest[place * 4 + 1]! : 0;
      out.composite_d2[row] = isActive ? latest[place * 4 + 2]! : 0;
      out.composite_d3[row] = isActive ? latest[place * 4 + 3]! : 0;
      out.flow_score[row] = score;
      out.flow_state_code[row] = +(score >= threshold) - +(score <= -threshold);
    }
  }

  /** Follows the grid by `shift` slots (see `Physics.recentre`). */
  recentre(shift: number): void {
    assert(Number.isInteger(shift), 'the grid moves by whole ticks');
    const { kept, from, to, enteredFrom, enteredTo } = shiftedRange(this.#slots, shift);
    const move = (values: Int32Array | Uint8Array) => {
      values.copyWithin(to, from, from + kept);
      values.fill(0, enteredFrom, enteredTo);
    };
    this.#moveRatios(shift);
    move(this.#isActive);
    move(this.#quietBins);
    this.#history.forget();
    this.#listActive();
  }

  save(writer: StateWriter): void {
    const active = this.#active.slice(0, this.#activeCount).sort();
    writer.number(this.#bins);
    writer.array(active);
    const { values, bins } = this.#ratios;
    const packed = new Float64Array(active.length * bins);
    active.forEach((slot, i) => {
      packed.set(values.subarray(slot * bins, (slot + 1) * bins), i * bins);
    });
    writer.array(packed);
    writer.array(Int32Array.from(active, (slot) => this.#quietBins[slot]!));
  }

  /** Takes a saved state; only a new spectrum can. */
  restore(reader: StateReader): void {
    assert(this.#bins === 0, 'a spectrum that takes a state has none of its own');
    this.#bins = reader.number();
    const active = reader.int32s();
    const { values, bins } = this.#ratios;
    const packed = reader.float64s();
    active.forEach((slot, i) => {
      values.set(packed.subarray(i * bins, (i + 1) * bins), slot * bins);
    });
    const quietBins = reader.int32s();
    active.forEach((slot, i) => {
      this.#isActive[slot] = 1;
      this.#quietBins[slot] = quietBins[i]!;
    });
    this.#listActive();
  }

  /** Moves the histories of the active slots; those of all others are zero, and their memory stays untouched. */
  #moveRatios(shift: number): void {
    const { values, bins } = this.#ratios;
    const active = this.#active.subarray(0, this.#activeCount).sort();
    const count = active.length;
    for (let i = 0; i < count; i++) {
      // In the order in which no history lands on one that is still to be moved.
      const slot = active[shift > 0 ? i : count - 1 - i]!;
      const target = slot - shift;
      if (target >= 0 && target < this.#slots) values.copyWithin(target * bins, slot * bins, (slot + 1) * bins);
      values.fill(0, slot * bins, (slot + 1) * bins);
    }
  }

  /** Takes the ratio of every active slot at this bin. */
  #pushRatios(state: Float64Array): void {
    const active = this.#active;
    const count = this.#activeCount;
    const { values, bins } = this.#ratios;
    const quietBins = this.#quietBins;
    const position = (this.#bins - 1) % bins;
    for (let i = 0; i < count; i++) {
      const slot = active[i]!;
      const at = slot * tickStride;
      const pressure = state[at + tick.pressure]!;
      const vacuum = state[at + tick.vacuum]!;
      const ratio = (pressure - vacuum) / (Math.abs(pressure) + Math.abs(vacuum) + 1e-12);
      values[slot * bins + position] = ratio;
      quietBins[slot] = ratio === 0 ? quietBins[slot]! + 1 : 0;
    }
  }

  #retireQuiet(): void {
    let kept = 0;
    for (let i = 0; i < this.#activeCount; i++) {
      const slot = this.#active[i]!;
      // Ratios that have all been zero for as long as any is remembered: nothing tells such a slot from an untouched one.
      if (this.#quietBins[slot]! >= this.#ratios.bins) this.#isActive[slot] = 0;
      else this.#active[kept++] = slot;
    }
    this.#activeCount = kept;
  }

  /** The flow score of the slot at a place of the history. */
  #scoreAt(place: number): number {
    const { zscoreWindowBins, zscoreMinPeriods, tanhScale } = this.#params;
    if (Math.min(this.#bins, zscoreWindowBins) < zscoreMinPeriods) return 0;
    let score = 0;
    for (let derivative = 0; derivative < 3; derivative++) {
      const z = this.#history.zScoreAt(place, derivative, this.#bins);
      if (z !== 0) score += this.#derivativeWeights[derivative]! * tanh(z / tanhScale);
    }
    return score > 1 ? 1 : score < -1 ? -1 : score;
  }

  #activate(slot: number): void {
    this.#isActive[slot] = 1;
    this.#quietBins[slot] = 0;
    this.#active[this.#activeCount++] = slot;
  }

  #listActive(): void {
    this.#activeCount = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#isActive[slot] === 1) this.#active[this.#activeCount++] = slot;
    }
  }
}
