import { isUndefinedPrice, isUndefinedTimestamp, wordUnits } from './codes.ts';

/** High words below this leave a 64-bit integer exact in a double. */
const exactHi = 0x20_0000;
const nsPerS = 1_000_000_000;

/**
 * Writes 64-bit integers, given as unsigned low and high words, as text; remembers the last second that it wrote, since
 * neighbours in a stream mostly share it.
 */
export class NumberText {
  readonly #prettyPrices: boolean;
  readonly #prettyTimes: boolean;
  /** The remembered second: its first nanosecond in words and its text up to the decimal point. */
  #secondLo = 0;
  #secondHi = -1;
  #secondText = '';

  constructor(prettyPrices: boolean, prettyTimes: boolean) {
    this.#prettyPrices = prettyPrices;
    this.#prettyTimes = prettyTimes;
  }

  unsigned(lo: number, hi: number): string {
    if (hi < exactHi) return String(hi * wordUnits + lo);
    return ((BigInt(hi) << 32n) | BigInt(lo)).toString();
  }

  signed(lo: number, hi: number): string {
    const high = hi | 0;
    if (high < exactHi && high >= -exactHi) return String(high * wordUnits + lo);
    return ((BigInt(high) << 32n) | BigInt(lo)).toString();
  }

  /** A price in units of 1e-9; as a decimal, empty when undefined. */
  price(lo: number, hi: number): string {
    if (!this.#prettyPrices) return this.signed(lo, hi);
    if (isUndefinedPrice(lo, hi)) return '';
    const text = this.signed(lo, hi);
    const isNegative = text.startsWith('-');
    const digits = (isNegative ? text.slice(1) : text).padStart(10, '0');
    return `${isNegative ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
  }

  /** A time in UNIX nanoseconds; as ISO 8601, empty when 0 or undefined. */
  timestamp(lo: number, hi: number): string {
    if (!this.#prettyTimes) return this.unsigned(lo, hi);
    if (isUndefinedTimestamp(lo, hi) || (hi === 0 && lo === 0)) return '';
    let ns = (hi - this.#secondHi) * wordUnits + (lo - this.#secondLo);
    if (!(ns >= 0 && ns < nsPerS)) {
      const ts = (BigInt(hi) << 32n) | BigInt(lo);
      ns = Number(ts % 1_000_000_000n);
      const start = ts - BigInt(ns);
      this.#secondLo = Number(start & 0xffff_ffffn);
      this.#secondHi = Number(start >> 32n);
      this.#secondText = new Date(Number(start / 1_000_000n)).toISOString().slice(0, 19);
    }
    return `${this.#secondText}.${String(ns).padStart(9, '0')}Z`;
  }
}
