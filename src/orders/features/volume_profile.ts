import type { StateReader, StateWriter } from '../../state.ts';

/** Volume at price, bought, sold and without a side; prices ascend. Memory is kept when it is cleared. */
export class VolumeProfile {
  /** Prices with volume. */
  count = 0;
  total = 0;
  /** Integers of 1e-9. */
  prices = new Float64Array(64);
  bought = new Float64Array(64);
  sold = new Float64Array(64);
  unsided = new Float64Array(64);
  /** What `measure` found. */
  pointOfControl = Number.NaN;
  valueAreaLow = Number.NaN;
  valueAreaHigh = Number.NaN;
  /** The volume that it was found at. */
  #measured = 0;
  /** The price of the last trade is likely that of the next one. */
  #last = 0;

  clear(): void {
    this.count = 0;
    this.total = 0;
    this.pointOfControl = Number.NaN;
    this.valueAreaLow = Number.NaN;
    this.valueAreaHigh = Number.NaN;
    this.#measured = 0;
    this.#last = 0;
  }

  /** `side`: 1 bought, 2 sold, 0 neither. */
  add(price: number, side: number, size: number): void {
    const at = this.#last < this.count && this.prices[this.#last] === price ? this.#last : this.#place(price);
    this.#last = at;
    if (side === 1) this.bought[at]! += size;
    else if (side === 2) this.sold[at]! += size;
    else this.unsided[at]! += size;
    this.total += size;
  }

  /** Volume at the price of an index; 0 beyond the ends. */
  volumeAt(index: number): number {
    if (index < 0 || index >= this.count) return 0;
    return this.bought[index]! + this.sold[index]! + this.unsided[index]!;
  }

  /**
   * Finds the point of control, the price of the largest volume (ties: the nearest to the VWAP, then the lower), and the value area:
   * from there the two next prices above or below, whichever pair has more volume (ties: above), until it holds the
   * share. Nothing is done while the volume is that of the last time.
   */
  measure(vwapInt: number, percent: number): void {
    const { prices, count, total } = this;
    if (total === this.#measured) return;
    this.#measured = total;
    let best = 0;
    let bestVolume = this.volumeAt(0);
    for (let i = 1; i < count; i++) {
      const volume = this.volumeAt(i);
      if (volume < bestVolume) continue;
      if (volume === bestVolume && Math.abs(prices[i]! - vwapInt) >= Math.abs(prices[best]! - vwapInt)) continue;
      best = i;
      bestVolume = volume;
    }
    let low = best;
    let high = best;
    let inside = bestVolume;
    while (inside * 100 < total * percent) {
      const above = this.volumeAt(high + 1) + this.volumeAt(high + 2);
      const below = this.volumeAt(low - 1) + this.volumeAt(low - 2);
      if (above >= below) high = Math.min(high + 2, count - 1);
      else low = Math.max(low - 2, 0);
      inside += Math.max(above, below);
    }
    this.pointOfControl = prices[best]!;
    this.valueAreaLow = prices[low]!;
    this.valueAreaHigh = prices[high]!;
  }

  save(writer: StateWriter): void {
    const { count, total, pointOfControl, valueAreaLow, valueAreaHigh } = this;
    writer.array(Float64Array.of(total, this.#measured, pointOfControl, valueAreaLow, valueAreaHigh));
    for (const column of [this.prices, this.bought, this.sold, this.unsided]) writer.array(column.slice(0, count));
  }

  restore(reader: StateReader): void {
    const [total, measured, pointOfControl, valueAreaLow, valueAreaHigh] = reader.float64s();
    const prices = reader.float64s();
    this.count = prices.length;
    this.total = total!;
    this.#measured = measured!;
    this.pointOfControl = pointOfControl!;
    this.valueAreaLow = valueAreaLow!;
    this.valueAreaHigh = valueAreaHigh!;
    this.#last = 0;
    while (this.prices.length < this.count) this.#grow();
    this.prices.set(prices);
    for (const column of [this.bought, this.sold, this.unsided]) column.set(reader.float64s());
  }

  /** Index of a price, which is put in where it is new. */
  #place(price: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.prices[middle]! < price) low = middle + 1;
      else high = middle;
    }
    if (low < this.count && this.prices[low] === price) return low;
    if (this.count === this.prices.length) this.#grow();
    const { prices, bought, sold, unsided } = this;
    for (let i = this.count++; i > low; i--) {
      prices[i] = prices[i - 1]!;
      bought[i] = bought[i - 1]!;
      sold[i] = sold[i - 1]!;
      unsided[i] = unsided[i - 1]!;
    }
    prices[low] = price;
    bought[low] = 0;
    sold[low] = 0;
    unsided[low] = 0;
    return low;
  }

  #grow(): void {
    const longer = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.prices = longer(this.prices);
    this.bought = longer(this.bought);
    this.sold = longer(this.sold);
    this.unsided = longer(this.unsided);
  }
}
