import { assert } from '../errors.ts';

/**
 * Fast Fourier transform of complex numbers, in place, for one power of two. The spectrum stands in bit-reversed order,
 * which products of spectra do not mind, so that neither direction has to sort.
 * Source: Gentleman & Sande (1966) forwards, Cooley & Tukey (1965) backwards, two stages of radix 2 at a time.
 */
export class Fft {
  readonly size: number;
  /** cos and sin of 2πk/size, k < 3/4·size. */
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  constructor(size: number) {
    assert(size >= 2 && Number.isInteger(Math.log2(size)), 'a transform needs a power of two');
    this.size = size;
    const length = Math.ceil(0.75 * size);
    this.#cos = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  }

  /** X_k = Σ x_j·e^{−2πi·jk/size}, in bit-reversed order. */
  forward(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    let quarter = size / 4;
    for (let stride = 1; quarter >= 1; quarter /= 4, stride *= 4) {
      for (let start = 0; start < size; start += 4 * quarter) this.#split(re, im, start, quarter, stride);
    }
    if (quarter === 0.5) addPairs(re, im);
  }

  /** size·x from X as `forward` leaves it. */
  inverse(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    const isOdd = Math.log2(size) % 2 === 1;
    if (isOdd) addPairs(re, im);
    for (let quarter = isOdd ? 2 : 1; quarter < size; quarter *= 4) {
      const stride = size / (4 * quarter);
      for (let start = 0; start < size; start += 4 * quarter) this.#merge(re, im, start, quarter, stride);
    }
  }

  /** A transform of 4·quarter values becomes four of `quarter`. */
  #split(re: Float64Array, im: Float64Array, start: number, quarter: number, stride: number): void {
    const cos = this.#cos;
    const sin = this.#sin;
    for (let j = 0, k = 0, a = start; j < quarter; j++, k += stride, a++) {
      const b = a + quarter;
      const c = b + quarter;
      const d = c + quarter;
      const sumRe = re[a]! + re[c]!;
      const sumIm = im[a]! + im[c]!;
      const oddRe = re[b]! + re[d]!;
      const oddIm = im[b]! + im[d]!;
      const evenRe = re[a]! - re[c]!;
      const evenIm = im[a]! - im[c]!;
      // −i·(x_b − x_d).
      const turnedRe = im[b]! - im[d]!;
      const turnedIm = re[d]! - re[b]!;
      re[a] = sumRe + oddRe;
      im[a] = sumIm + oddIm;
      rotate(re, im, b, sumRe - oddRe, sumIm - oddIm, cos[2 * k]!, -sin[2 * k]!);
      rotate(re, im, c, evenRe + turnedRe, evenIm + turnedIm, cos[k]!, -sin[k]!);
      rotate(re, im, d, evenRe - turnedRe, evenIm - turnedIm, cos[3 * k]!, -sin[3 * k]!);
    }
  }

  /** Undoes `#split`, but for a factor of 4. */
  #merge(re: Float64Array, im: Float64Array, start: number, quarter: number, stride: number): void {
    const cos = this.#cos;
    const sin = this.#sin;
    for (let j = 0, k = 0, a = start; j < quarter; j++, k += stride, a++) {
      const b = a + quarter;
      const c = b + quarter;
      const d = c + quarter;
      rotate(re, im, b, re[b]!, im[b]!, cos[2 * k]!, sin[2 * k]!);
      rotate(re, im, c, re[c]!, im[c]!, cos[k]!, sin[k]!);
      rotate(re, im, d, re[d]!, im[d]!, cos[3 * k]!, sin[3 * k]!);
      const sumRe = re[a]! + re[b]!;
      const sumIm = im[a]! + im[b]!;
      const oddRe = re[a]! - re[b]!;
      const oddIm = im[a]! - im[b]!;
      const evenRe = re[c]! + re[d]!;
      const evenIm = im[c]! + im[d]!;
      // i·(X_c − X_d).
      const turnedRe = im[d]! - im[c]!;
      const turnedIm = re[c]! - re[d]!;
      re[a] = sumRe + evenRe;
      im[a] = sumIm + evenIm;
      re[b] = oddRe + turnedRe;
      im[b] = oddIm + turnedIm;
      re[c] = sumRe - evenRe;
      im[c] = sumIm - evenIm;
      re[d] = oddRe - turnedRe;
      im[d] = oddIm - turnedIm;
    }
  }
}

/** Puts (x + iy)·(c + is) at `at`. */
function rotate(re: Float64Array, im: Float64Array, at: number, x: number, y: number, c: number, s: number): void {
  re[at] = x * c - y * s;
  im[at] = x * s + y * c;
}

/** The stage of radix 2 that is left over when the logarithm of the size is odd. */
function addPairs(re: Float64Array, im: Float64Array): void {
  for (let a = 0; a < re.length; a += 2) {
    const x = re[a + 1]!;
    const y = im[a + 1]!;
    re[a + 1] = re[a]! - x;
    im[a + 1] = im[a]! - y;
    re[a]! += x;
    im[a]! += y;
  }
}

/** Where the frequency −k stands in a spectrum in bit-reversed order that has k at `index`. */
export function conjugate(index: number): number {
  return index === 0 ? 0 : index ^ ((1 << (31 - Math.clz32(index))) - 1);
}
