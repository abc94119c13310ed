import { OrderTable, sideBid } from '../book/index.ts';
import { wordUnits } from '../dbn/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { orderEventCode } from './event_kinds.ts';
import type { OrderEventRows } from './event_rows.ts';
import type { OrderEventParams } from './params.ts';
import { RollingSizes } from './rolling_sizes.ts';

/** Numbers of an execution in the ring: time, size, level, the level's generation, id low, id high, sequence. */
const fields = 7;
/** Numbers of a level: sum, generation, since when it is away (NaN: it is the best), last time at the percentile, price. */
const levelFields = 5;
/** Numbers of a crossing that waits for the end of its event: execution, level, sum, threshold. */
const crossingFields = 4;

/**
 * Volume executed at a price within the last seconds, against its percentile among the last such sums. What a price absorbed
 * counts anew when it was not the best of its side at the end of an event and did not come back in time.
 */
export class Absorption {
  readonly #params: OrderEventParams;
  readonly #sums: RollingSizes;
  #index = new OrderTable(1024);
  #levels = new Float64Array(256 * levelFields);
  #sides = new Uint8Array(256);
  #levelCount = 0;
  /** Executions of the window, numbered from `#first` to `#end`; number n is at n modulo the capacity. */
  #ring = new Float64Array(1024 * fields);
  #first = 0;
  #end = 0;
  /** Levels executed in the event, and crossings of the percentile. */
  #touched = new Int32Array(64);
  #touchedCount = 0;
  #crossings = new Float64Array(16 * crossingFields);
  #crossingCount = 0;

  constructor(params: OrderEventParams) {
    this.#params = params;
    this.#sums = new RollingSizes(params.absorptionWindow, params.percentile);
  }

  /** An execution of a resting order at `price`. */
  execute(
    nowNs: number,
    side: number,
    price: number,
    size: number,
    idLo: number,
    idHi: number,
    sequence: number,
  ): void {
    const { absorptionNs, absorptionAwayNs, absorptionMinimum } = this.#params;
    this.#forget(nowNs - absorptionNs);
    const level = this.#levelOf(side, price);
    const levels = this.#levels;
    if (nowNs - levels[level + 2]! > absorptionAwayNs) this.#restart(level);
    levels[level]! += size;
    this.#push(nowNs, size, level, levels[level + 1]!, idLo, idHi, sequence);
    if (this.#touchedCount === this.#touched.length) this.#touched = doubled(this.#touched, Int32Array);
    this.#touched[this.#touchedCount++] = level;
    const sum = levels[level]!;
    if (this.#sums.count >= absorptionMinimum) {
      const threshold = this.#sums.percentile();
      if (sum >= threshold) {
        if (!(nowNs - levels[level + 3]! < absorptionNs)) this.#cross(level, sum, threshold);
        levels[level + 3] = nowNs;
      }
    }
    this.#sums.add(sum);
  }

  /** A side's best price became another, at the end of an event; NaN for none. */
  bestMoved(nowNs: number, side: number, from: number, to: number): void {
    const left = this.#known(side, from);
    if (left >= 0) this.#levels[left + 2] = nowNs;
    const come = this.#known(side, to);
    if (come >= 0) {
      if (nowNs - this.#levels[come + 2]! > this.#params.absorptionAwayNs) this.#restart(come);
      this.#levels[come + 2] = Number.NaN;
    }
  }

  /** Ends an event after `bestMoved`; writes what crossed the percentile in it. */
  endEvent(nowNs: number, bestBid: number, bestAsk: number, rows: OrderEventRows): void {
    const levels = this.#levels;
    for (let i = 0; i < this.#crossingCount; i++) this.#write(i * crossingFields, nowNs, bestBid, bestAsk, rows);
    this.#crossingCount = 0;
    for (let i = 0; i < this.#touchedCount; i++) {
      const level = this.#touched[i]!;
      const isBest = levels[level + 4] === (this.#isBid(level) ? bestBid : bestAsk);
      if (isBest) levels[level + 2] = Number.NaN;
      else if (Number.isNaN(levels[level + 2]!)) levels[level + 2] = nowNs;
    }
    this.#touchedCount = 0;
  }

  /** The book was emptied: nothing of what prices absorbed counts any more. */
  clear(): void {
    for (let level = 0; level < this.#levelCount * levelFields; level += levelFields) this.#restart(level);
    this.#first = this.#end;
    this.#touchedCount = 0;
    this.#crossingCount = 0;
  }

  save(writer: StateWriter): void {
    this.#sums.save(writer);
    writer.array(this.#levels.slice(0, this.#levelCount * levelFields));
    writer.array(Int32Array.from(this.#sides.subarray(0, this.#levelCount)));
    const executions = new Float64Array((this.#end - this.#first) * fields);
    const capacity = this.#ring.length / fields;
    for (let n = this.#first; n < this.#end; n++) {
      const at = (n % capacity) * fields;
      executions.set(this.#ring.subarray(at, at + fields), (n - this.#first) * fields);
    }
    writer.array(executions);
    writer.array(this.#touched.slice(0, this.#touchedCount));
    const crossings = this.#crossings.slice(0, this.#crossingCount * crossingFields);
    for (let at = 0; at < crossings.length; at += crossingFields) crossings[at]! -= this.#first;
    writer.array(crossings);
  }

  restore(reader: StateReader): void {
    this.#sums.restore(reader);
    const levels = reader.float64s();
    const sides = reader.int32s();
    this.#index = new OrderTable(1024);
    this.#levelCount = 0;
    for (let at = 0; at < levels.length; at += levelFields) {
      const level = this.#levelOf(sides[at / levelFields]!, levels[at + 4]!);
      this.#levels.set(levels.subarray(at, at + levelFields), level);
    }
    const executions = reader.float64s();
    this.#first = 0;
    this.#end = 0;
    for (let at = 0; at < executions.length; at += fields) {
      const [tsNs, size, level, generation, idLo, idHi, sequence] = executions.subarray(at, at + fields);
      this.#push(tsNs!, size!, level!, generation!, idLo!, idHi!, sequence!);
    }
    const touched = reader.int32s();
    this.#touchedCount = touched.length;
    while (this.#touched.length < touched.length) this.#touched = doubled(this.#touched, Int32Array);
    this.#touched.set(touched);
    const crossings = reader.float64s();
    this.#crossingCount = crossings.length / crossingFields;
    while (this.#crossings.length < crossings.length) this.#crossings = doubled(this.#crossings, Float64Array);
    this.#crossings.set(crossings);
  }

  #isBid(level: number): boolean {
    return this.#sides[level / levelFields] === sideBid;
  }

  #cross(level: number, sum: number, threshold: number): void {
    const at = this.#crossingCount++ * crossingFields;
    if (at === this.#crossings.length) this.#crossings = doubled(this.#crossings, Float64Array);
    this.#crossings[at] = this.#end - 1;
    this.#crossings[at + 1] = level;
    this.#crossings[at + 2] = sum;
    this.#crossings[at + 3] = threshold;
  }

  #write(at: number, nowNs: number, bestBid: number, bestAsk: number, rows: OrderEventRows): void {
    const [execution, level, sum, threshold] = this.#crossings.subarray(at, at + crossingFields);
    const price = this.#levels[level! + 4]!;
    const isBid = this.#isBid(level!);
    const capacity = this.#ring.length / fields;
    const generation = this.#levels[level! + 1];
    let executions = 0;
    for (let n = this.#first; n <= execution!; n++) {
      const from = (n % capacity) * fields;
      if (this.#ring[from + 2] !== level || this.#ring[from + 3] !== generation) continue;
      if (executions++ === 0) {
        rows.begin(orderEventCode.absorption, nowNs, this.#ring[from]!, isBid ? 1 : 2, price, sum!, 1);
      }
      rows.orderId(this.#ring[from + 4]!, this.#ring[from + 5]!);
      rows.sequence(this.#ring[from + 6]!);
    }
    rows.detail(0, executions);
    rows.detail(1, threshold!);
    rows.detail(2, price === (isBid ? bestBid : bestAsk) ? 1 : 0);
  }

  /** Forgets executions before a time. */
  #forget(fromNs: number): void {
    const ring = this.#ring;
    const capacity = ring.length / fields;
    const levels = this.#levels;
    for (; this.#first < this.#end; this.#first++) {
      const at = (this.#first % capacity) * fields;
      if (ring[at]! >= fromNs) return;
      const level = ring[at + 2]!;
      if (levels[level + 1] === ring[at + 3]) levels[level]! -= ring[at + 1]!;
    }
  }

  #restart(level: number): void {
    this.#levels[level] = 0;
    this.#levels[level + 1]!++;
    this.#levels[level + 2] = Number.NaN;
  }

  #push(tsNs: number, size: number, level: number, generation: number, lo: number, hi: number, sequence: number): void {
    let capacity = this.#ring.length / fields;
    if (this.#end - this.#first === capacity) {
      const larger = new Float64Array(capacity * 2 * fields);
      for (let n = this.#first; n < this.#end; n++) {
        const from = (n % capacity) * fields;
        larger.set(this.#ring.subarray(from, from + fields), (n % (capacity * 2)) * fields);
      }
      this.#ring = larger;
      capacity *= 2;
    }
    const ring = this.#ring;
    const at = (this.#end++ % capacity) * fields;
    ring[at] = tsNs;
    ring[at + 1] = size;
    ring[at + 2] = level;
    ring[at + 3] = generation;
    ring[at + 4] = lo;
    ring[at + 5] = hi;
    ring[at + 6] = sequence;
  }

  /** Offset of a known level; −1 for one that was never executed. */
  #known(side: number, price: number): number {
    if (Number.isNaN(price)) return -1;
    const found = this.#index.find(price | 0, highWordOf(side, price));
    return found < 0 ? -1 : this.#index.size(found) * levelFields;
  }

  #levelOf(side: number, price: number): number {
    const lo = price | 0;
    const hi = highWordOf(side, price);
    const found = this.#index.find(lo, hi);
    if (found >= 0) return this.#index.size(found) * levelFields;
    const number = this.#levelCount++;
    const level = number * levelFields;
    if (level === this.#levels.length) {
      this.#levels = doubled(this.#levels, Float64Array);
      this.#sides = doubled(this.#sides, Uint8Array);
    }
    this.#levels.fill(0, level, level + levelFields);
    this.#levels[level + 2] = Number.NaN;
    this.#levels[level + 3] = Number.NEGATIVE_INFINITY;
    this.#levels[level + 4] = price;
    this.#sides[number] = side;
    this.#index.insert(found, lo, hi, side, price, number);
    return level;
  }
}

/** The high word of a price, with the side: prices are whole and below 2^53. */
function highWordOf(side: number, price: number): number {
  return (Math.floor(price / wordUnits) << 1) | (side - 1);
}

function doubled<T extends Float64Array | Int32Array | Uint8Array>(from: T, type: new (length: number) => T): T {
  const to = new type(from.length * 2);
  to.set(from);
  return to;
}
