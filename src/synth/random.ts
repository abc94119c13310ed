/** 2^(1 − e), e = 0 … 33: what scales an integer of e bits, plus a half, into [1, 2). */
const powersOfHalf = Float64Array.from({ length: 34 }, (_, e) => 2 ** (1 - e));

/**
 * Seeded random numbers: the generator sfc32 (C. Doty-Humphrey, PractRand).
 *
 * All arithmetic is integer or IEEE +, −, ×, ÷: the same seed gives the same numbers on every machine, which
 * `Math.log` would not promise.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * @param seed - any safe integer
   * @param stream - numbers of different streams of a seed are independent
   */
  constructor(seed: number, stream = 0) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 0x1_0000_0000) >>> 0;
    this.#c = (stream ^ 0x9e37_79b9) >>> 0;
    for (let i = 0; i < 20; i++) this.u32();
  }

  /** A whole number in [0, 2^32). */
  u32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.u32() * 2.3283064365386963e-10;
  }

  /** A whole number in [0, n), n < 2^20: small enough for the bias of 32 bits not to matter. */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  /** Exponentially distributed with mean 1. */
  exponential(): number {
    const u = this.u32();
    const e = 32 - Math.clz32(u);
    // −ln((u + ½) / 2^32), from ln m = ln √2 + 2·artanh((m − √2) / (m + √2)) for the mantissa m in [1, 2).
    const m = (u + 0.5) * powersOfHalf[e]!;
    const s = (m - Math.SQRT2) / (m + Math.SQRT2);
    const t = s * s;
    const artanh =
      s * (1 + t * (1 / 3 + t * (1 / 5 + t * (1 / 7 + t * (1 / 9 + t * (1 / 11 + t * (1 / 13 + t / 15)))))));
    return (33 - e) * Math.LN2 - 0.5 * Math.LN2 - 2 * artanh;
  }

  /** Mean 0, variance 1, near enough to a normal for sums of many: a sum of four uniforms. */
  normal(): number {
    const x = this.u32();
    const y = this.u32();
    return ((x & 0xffff) + (x >>> 16) + (y & 0xffff) + (y >>> 16) - 131_070) * 2.6429342e-5;
  }

  /** −1 or 1. */
  sign(): number {
    return this.u32() & 0x8000 ? 1 : -1;
  }
}
