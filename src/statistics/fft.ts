import { assert } from '../errors.ts';

/**
 * Fast Fourier transform of complex numbers, in place, for one power of two. The spectrum stands in bit-reversed order:
 * products of spectra do not mind, and neither direction has to sort. `conjugate` finds the frequency −k there.
 *
 * Source: Gentleman & Sande (1966) forwards, Cooley & Tukey (1965) backwards, radix 2.
 */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  constructor(size: number) {
    assert(size >= 2 && Number.isInteger(Math.log2(size)), 'a transform needs a power of two');
    this.size = size;
    this.#cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  }

  /** X_k = Σ x_j·e^{−2πi·jk/size}, in bit-reversed order. */
  forward(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    const cos = this.#cos;
    const sin = this.#sin;
    for (let half = size / 2, stride = 1; half >= 1; half /= 2, stride *= 2) {
      for (let start = 0; start < size; start += 2 * half) {
        for (let j = 0, a = start, b = start + half; j < half; j++, a++, b++) {
          const c = cos[j * stride]!;
          const s = sin[j * stride]!;
          const dr = re[a]! - re[b]!;
          const di = im[a]! - im[b]!;
          re[a]! += re[b]!;
          im[a]! += im[b]!;
          re[b] = dr * c + di * s;
          im[b] = di * c - dr * s;
        }
      }
    }
  }

  /** size·x from X as `forward` leaves it. */
  inverse(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    const cos = this.#cos;
    const sin = this.#sin;
    for (let half = 1, stride = size / 2; half < size; half *= 2, stride /= 2) {
      for (let start = 0; start < size; start += 2 * half) {
        for (let j = 0, a = start, b = start + half; j < half; j++, a++, b++) {
          const c = cos[j * stride]!;
          const s = sin[j * stride]!;
          const br = re[b]! * c - im[b]! * s;
          const bi = im[b]! * c + re[b]! * s;
          re[b] = re[a]! - br;
          im[b] = im[a]! - bi;
          re[a]! += br;
          im[a]! += bi;
        }
      }
    }
  }
}

/** Where the frequency −k stands in a spectrum in bit-reversed order that has k at `index`. */
export function conjugate(index: number): number {
  return index === 0 ? 0 : index ^ ((1 << (31 - Math.clz32(index))) - 1);
}
