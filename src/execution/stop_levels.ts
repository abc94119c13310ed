/** Stops of positions of one side by their price: those that a market reaches are found from the nearest on. */
export class StopLevels {
  readonly #sign: 1 | -1;
  /** Keys of the levels, the nearest to the market last. */
  readonly #keys: number[] = [];
  readonly #positions = new Map<number, Set<number>>();

  /** @param sign +1 for stops below the market, which long positions have, −1 for those above it */
  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  add(position: number, price: number): void {
    const key = price * this.#sign;
    const known = this.#positions.get(key);
    if (known !== undefined) {
      known.add(position);
      return;
    }
    this.#positions.set(key, new Set([position]));
    let at = this.#keys.length;
    while (at > 0 && this.#keys[at - 1]! > key) at--;
    this.#keys.splice(at, 0, key);
  }

  /** Takes out a stop that may be gone already. */
  remove(position: number, price: number): void {
    const key = price * this.#sign;
    const level = this.#positions.get(key);
    if (level === undefined || !level.delete(position) || level.size > 0) return;
    this.#positions.delete(key);
    this.#keys.splice(this.#keys.indexOf(key), 1);
  }

  /** Takes out the positions whose stop a market at `price` has reached, those of the nearest level first. */
  reached(price: number): number[] {
    const key = price * this.#sign;
    const found: number[] = [];
    while (this.#keys.length > 0 && this.#keys.at(-1)! >= key) {
      const level = this.#keys.pop()!;
      found.push(...this.#positions.get(level)!);
      this.#positions.delete(level);
    }
    return found;
  }
}
