import { assert } from '../errors.ts';
import { conjugate, Fft } from './fft.ts';
import { normalCdf } from './normal.ts';

/**
 * Where a trial fired in one session: positions, ascending, among its tradable bins after warm-up; long and short apart.
 */
export interface ShiftedFirings {
  readonly long: Int32Array;
  readonly short: Int32Array;
}

/** A trial's statistic in one session against those of its circular shifts. */
export interface ShiftMoments {
  /** Firings, long and short. */
  readonly firings: number;
  /** T_0 = A_0/√Q_0, of the firings where they are; 0 where every gain is 0. */
  readonly observed: number;
  /** Mean and variance of T over the shifts. */
  readonly mean: number;
  readonly variance: number;
}

export interface ShiftTest extends ShiftMoments {
  /** Share of all shifts, the identity among them, with T_s ≥ T_0. */
  readonly pTiming: number;
}

/**
 * Gains at every tradable bin of a session, against which firings are shifted: T_s = A_s/√Q_s, A_s and Q_s the sums of gain
 * and squared gain of the firings moved together, long and short, by s positions round the session. Gains are gross mid PnL
 * in half ticks, integers, so that sums are exact in any order. One table serves all trials with the same outcomes; it holds
 * scratch space and is not shared between threads.
 *
 * Source: circular shifts as in Politis & Romano, "A circular block-resampling procedure" (1992), with one block, all of
 * them; T as the self-normalised sum of de la Peña, Lai & Shao (2009).
 */
export class ShiftTable {
  readonly positions: number;
  /** Gains twice over. */
  readonly #long: Float64Array;
  readonly #short: Float64Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #phases: { readonly long: Phases; readonly short: Phases } | null = null;
  #spectra: Spectra | null = null;

  /** `gainLong` and `gainShort` hold each position's gain of a trade opened there, half ticks; equal lengths. */
  constructor(gainLong: Int32Array, gainShort: Int32Array) {
    assert(gainLong.length === gainShort.length, 'long and short gains need the same positions');
    this.positions = gainLong.length;
    this.#long = twice(gainLong);
    this.#short = twice(gainShort);
    this.#sums = new Float64Array(this.positions);
    this.#squares = new Float64Array(this.positions);
  }

  /**
   * Mean and variance of T over the shifts that are multiples of `step` (1 = all of them): ⌈hold/10⌉ gives the same z to
   * 0.01. Costs firings × positions/step; what a step needs is kept for the next
   * trial with the same. Null without firings.
   */
  moments(firings: ShiftedFirings, step: number): ShiftMoments | null {
    const count = firings.long.length + firings.short.length;
    if (count === 0) return null;
    const shifts = Math.ceil(this.positions / step);
    this.#shiftedSums(firings, step, shifts);
    return { firings: count, ...momentsOf(this.#sums, this.#squares, shifts) };
  }

  /** The exact test over all shifts, directly or by Fourier transform, whichever costs less. Null without firings. */
  test(firings: ShiftedFirings): ShiftTest | null {
    const count = firings.long.length + firings.short.length;
    if (count === 0) return null;
    const size = transformSize(this.positions);
    const direct = count * this.positions < 4 * size * Math.log2(size);
    if (direct || !this.#transformedSums(firings, count)) this.#shiftedSums(firings, 1, this.positions);
    const moments = momentsOf(this.#sums, this.#squares, this.positions);
    // Equal ratios of different integers may differ in the last bit; a tie must count as a tie.
    const threshold = moments.observed - 1e-12 * Math.abs(moments.observed);
    let atLeast = 0;
    for (let s = 0; s < this.positions; s++) if (ratio(this.#sums[s]!, this.#squares[s]!) >= threshold) atLeast++;
    return { firings: count, ...moments, pTiming: atLeast / this.positions };
  }

  #shiftedSums(firings: ShiftedFirings, step: number, shifts: number): void {
    if (this.#phases?.long.step !== step) {
      this.#phases = { long: new Phases(this.#long, step), short: new Phases(this.#short, step) };
    }
    this.#sums.fill(0);
    this.#squares.fill(0);
    this.#phases.long.addShifted(firings.long, shifts, this.#sums, this.#squares);
    this.#phases.short.addShifted(firings.short, shifts, this.#sums, this.#squares);
  }

  /** Whether rounding gave the exact integers for certain: else nothing is to be read from the sums. */
  #transformedSums(firings: ShiftedFirings, count: number): boolean {
    this.#spectra ??= new Spectra(this.#long, this.#short, this.positions);
    return this.#spectra.correlate(firings, count, this.#sums, this.#squares);
  }
}

/**
 * A power of two in which shifts of all positions run into each other not at all, or so seldom that summing these pairs
 * directly costs less than a transform of twice the size.
 */
function transformSize(positions: number): number {
  const least = 2 ** Math.ceil(Math.log2(Math.max(2, positions)));
  return 2 * positions - least <= positions / 4 ? least : 2 * least;
}

function twice(gains: Int32Array): Float64Array {
  const out = new Float64Array(2 * gains.length);
  out.set(gains);
  out.set(gains, gains.length);
  return out;
}

const ratio = (sum: number, square: number): number => (square > 0 ? sum / Math.sqrt(square) : 0);

function momentsOf(sums: Float64Array, squares: Float64Array, shifts: number) {
  let mean = 0;
  for (let s = 0; s < shifts; s++) mean += ratio(sums[s]!, squares[s]!) / shifts;
  let variance = 0;
  for (let s = 0; s < shifts; s++) variance += (ratio(sums[s]!, squares[s]!) - mean) ** 2 / shifts;
  return { observed: ratio(sums[0]!, squares[0]!), mean, variance };
}

/** A gain and its square as one number, gain + squareUnit·gain²: one addition adds both, and the sum tells them apart. */
const squareUnit = 2 ** 26;

/**
 * Gains in an order in which every `step`-th position follows the one before: position p stands at
 * (p mod step)·length + ⌊p/step⌋. Shifts by multiples of `step` then read memory in sequence.
 */
class Phases {
  readonly step: number;
  readonly #length: number;
  readonly #gains: Float64Array;
  /** Each gain with its square. */
  readonly #both: Float64Array;
  /** Firings of which the sum of squares stays below squareUnit/2, and with it that of gains: both are exact then. */
  readonly #mostAtOnce: number;

  /** `gains` stand twice over, so that a shifted firing needs no modulo. */
  constructor(gains: Float64Array, step: number) {
    this.step = step;
    this.#length = Math.ceil(gains.length / step);
    this.#gains = new Float64Array(step * this.#length);
    this.#both = new Float64Array(step * this.#length);
    const [ordered, both] = [this.#gains, this.#both];
    let largest = 1;
    for (let phase = 0; phase < step; phase++) {
      for (let p = phase, at = phase * this.#length; p < gains.length; p += step, at++) {
        const gain = gains[p]!;
        const square = gain * gain;
        ordered[at] = gain;
        both[at] = gain + squareUnit * square;
        if (square > largest) largest = square;
      }
    }
    this.#mostAtOnce = Math.floor((squareUnit / 2 - 1) / largest);
  }

  #at(position: number): number {
    return (position % this.step) * this.#length + Math.floor(position / this.step);
  }

  /** Adds gain and squared gain of every firing, moved by 0, step, 2·step, …, to the first `shifts` values. */
  addShifted(firings: Int32Array, shifts: number, sums: Float64Array, squares: Float64Array): void {
    if (this.#mostAtOnce === 0) this.#addLarge(firings, shifts, sums, squares);
    else this.#addTogether(firings, shifts, sums, squares);
  }

  #addTogether(firings: Int32Array, shifts: number, sums: Float64Array, squares: Float64Array): void {
    const most = this.#mostAtOnce;
    for (let from = 0; from < firings.length; from += most) {
      const added = this.#sumOfBoth(firings.subarray(from, from + most), shifts);
      for (let s = 0; s < shifts; s++) {
        const square = Math.round(added[s]! / squareUnit);
        squares[s]! += square;
        sums[s]! += added[s]! - squareUnit * square;
      }
    }
  }

  #sumOfBoth(firings: Int32Array, shifts: number): Float64Array {
    const added = new Float64Array(shifts);
    const both = this.#both;
    const at = (index: number) => this.#at(firings[index]!);
    let index = 0;
    // Eight firings at a time save most of the traffic of the sums.
    for (; index + 7 < firings.length; index += 8) {
      const [a, b, c, d] = [at(index), at(index + 1), at(index + 2), at(index + 3)];
      const [e, f, g, h] = [at(index + 4), at(index + 5), at(index + 6), at(index + 7)];
      addEight(both, added, a, b, c, d, e, f, g, h);
    }
    for (; index < firings.length; index++) {
      const from = at(index);
      for (let s = 0; s < shifts; s++) added[s]! += both[from + s]!;
    }
    return added;
  }

  /** The same for gains of which a single square is too large. */
  #addLarge(firings: Int32Array, shifts: number, sums: Float64Array, squares: Float64Array): void {
    for (const firing of firings) {
      for (let s = 0, a = this.#at(firing); s < shifts; s++, a++) {
        const gain = this.#gains[a]!;
        sums[s]! += gain;
        squares[s]! += gain * gain;
      }
    }
  }
}

/** Adds eight stretches of `table`, each from its own place on; places in one array cost a third less than eight views. */
function addEight(
  table: Float64Array,
  sums: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
): void {
  for (let s = 0; s < sums.length; s++) {
    sums[s]! +=
      table[a + s]! +
      table[b + s]! +
      (table[c + s]! + table[d + s]!) +
      (table[e + s]! + table[f + s]! + (table[g + s]! + table[h + s]!));
  }
}

/** A spectrum of complex numbers in the order of `Fft`. */
interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Transforms by size, and spectra of firings (long + i·short): tables of one session with other payoffs share them. */
const transforms = new Map<number, Fft>();
const firingSpectra = new WeakMap<ShiftedFirings, Spectrum>();

function transformOf(size: number): Fft {
  let fft = transforms.get(size);
  if (fft === undefined) {
    fft = new Fft(size);
    transforms.set(size, fft);
  }
  return fft;
}

function spectrumOf(firings: ShiftedFirings, size: number): Spectrum {
  let spectrum = firingSpectra.get(firings);
  if (spectrum?.re.length !== size) {
    spectrum = { re: new Float64Array(size), im: new Float64Array(size) };
    for (const at of firings.long) spectrum.re[at] = 1;
    for (const at of firings.short) spectrum.im[at] = 1;
    transformOf(size).forward(spectrum.re, spectrum.im);
    firingSpectra.set(firings, spectrum);
  }
  return spectrum;
}

/** Spectra of gain + i·gain² of either side; a product with the real firings' spectrum gives both sums at once. */
class Spectra {
  readonly #fft: Fft;
  readonly #positions: number;
  readonly #gains: { readonly long: Float64Array; readonly short: Float64Array };
  readonly #long: Spectrum;
  readonly #short: Spectrum;
  /** √Σ|gain + i·gain²|² of both sides. */
  readonly #norm: number;
  readonly #product: Spectrum;

  /** `long` and `short` hold the gains twice over. */
  constructor(long: Float64Array, short: Float64Array, positions: number) {
    this.#fft = transformOf(transformSize(positions));
    this.#positions = positions;
    this.#gains = { long, short };
    this.#long = this.#spectrumOfGains(long);
    this.#short = this.#spectrumOfGains(short);
    let norm = 0;
    for (const gains of [long, short]) for (const gain of gains) norm += gain ** 2 + gain ** 4;
    this.#norm = Math.sqrt(norm);
    const { size } = this.#fft;
    this.#product = { re: new Float64Array(size), im: new Float64Array(size) };
  }

  #spectrumOfGains(gains: Float64Array): Spectrum {
    const { size } = this.#fft;
    const [re, im] = [new Float64Array(size), new Float64Array(size)];
    const fitting = gains.subarray(0, size);
    re.set(fitting);
    im.set(fitting.map((gain) => gain * gain));
    this.#fft.forward(re, im);
    return { re, im };
  }

  /** A and Q of all shifts to `sums` and `squares`; false where rounding errors might reach half a unit. */
  correlate(firings: ShiftedFirings, count: number, sums: Float64Array, squares: Float64Array): boolean {
    const { size } = this.#fft;
    // Error of a circular convolution by transforms, with a factor of 8 to spare: Higham (2002), §24.1.
    if (8 * 2 ** -53 * Math.log2(size) * Math.sqrt(count) * this.#norm > 0.25) return false;
    const { re, im } = spectrumOf(firings, size);
    const { re: longRe, im: longIm } = this.#long;
    const { re: shortRe, im: shortIm } = this.#short;
    const { re: outRe, im: outIm } = this.#product;
    for (let k = 0; k < size; k++) {
      const m = conjugate(k);
      // Conjugates of the spectra of the long and of the short firings, which are real.
      const lr = (re[k]! + re[m]!) / 2;
      const li = (im[m]! - im[k]!) / 2;
      const sr = (im[k]! + im[m]!) / 2;
      const si = (re[k]! - re[m]!) / 2;
      outRe[k] = lr * longRe[k]! - li * longIm[k]! + sr * shortRe[k]! - si * shortIm[k]!;
      outIm[k] = lr * longIm[k]! + li * longRe[k]! + sr * shortIm[k]! + si * shortRe[k]!;
    }
    this.#fft.inverse(outRe, outIm);
    for (let s = 0; s < this.#positions; s++) {
      sums[s] = Math.round(outRe[s]! / size);
      squares[s] = Math.round(outIm[s]! / size);
    }
    this.#unwrap(firings.long, this.#gains.long, sums, squares);
    this.#unwrap(firings.short, this.#gains.short, sums, squares);
    return true;
  }

  /** Puts right the sums of those shifts that took a firing beyond the transform's size, back to its beginning. */
  #unwrap(fired: Int32Array, gains: Float64Array, sums: Float64Array, squares: Float64Array): void {
    const { size } = this.#fft;
    for (const at of fired) {
      for (let s = size - at; s < this.#positions; s++) {
        const right = gains[at + s]!;
        const wrong = gains[at + s - size]!;
        sums[s]! += right - wrong;
        squares[s]! += right * right - wrong * wrong;
      }
    }
  }
}

/** Timing of a trial over several sessions. */
export interface PooledTiming {
  readonly z: number;
  readonly pTiming: number;
  /** Sessions with enough firings. */
  readonly sessions: number;
}

const minFirings = 5;

/**
 * z = Σ(T_0 − m)/√Σ v over the sessions with at least five firings, which is nearly normal when the moments of the firings
 * do not matter. Null when there is no such session or nothing varies.
 */
export function pooledTiming(sessions: readonly ShiftMoments[]): PooledTiming | null {
  let excess = 0;
  let variance = 0;
  let count = 0;
  for (const session of sessions) {
    if (session.firings < minFirings) continue;
    count++;
    excess += session.observed - session.mean;
    variance += session.variance;
  }
  if (!(variance > 0)) return null;
  const z = excess / Math.sqrt(variance);
  return { z, pTiming: normalCdf(-z), sessions: count };
}
