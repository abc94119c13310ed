import { OrderTable } from '../book/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { orderEventCode } from './event_kinds.ts';
import type { OrderEventRows } from './event_rows.ts';
import { GrowingRing } from './growing_ring.ts';
import type { OrderEventParams } from './params.ts';

/** Of an order that was fully executed: time, side, price, size, id low, id high, sequence, its chain (−1: none), replaced. */
const goneFields = 9;
/** Of a chain: event (0: not yet), updates, orders, start, first id (two words), the two sequences of its first replacement. */
const chainFields = 8;

/**
 * Orders that are fully executed and at once replaced by equal ones: a suspected iceberg, when enough of them make a chain.
 * The caller remembers which resting orders are the last of a chain.
 */
export class Replacements {
  readonly #params: OrderEventParams;
  readonly #gone = new GrowingRing(goneFields);
  readonly #chainOf = new OrderTable(256);
  #chains = new Float64Array(64 * chainFields);
  #chainCount = 0;
  readonly #free: number[] = [];

  constructor(params: OrderEventParams) {
    this.#params = params;
  }

  /** A resting order was fully executed; `isChained` where it is the last of a chain. */
  executed(
    nowNs: number,
    side: number,
    price: number,
    size: number,
    idLo: number,
    idHi: number,
    sequence: number,
    isChained: boolean,
  ): void {
    this.#forget(nowNs);
    const chain = isChained ? this.#takeChain(idLo, idHi) : -1;
    const at = this.#gone.push();
    const { values } = this.#gone;
    values[at] = nowNs;
    values[at + 1] = side;
    values[at + 2] = price;
    values[at + 3] = size;
    values[at + 4] = idLo;
    values[at + 5] = idHi;
    values[at + 6] = sequence;
    values[at + 7] = chain;
    values[at + 8] = 0;
  }

  /** The last order of a chain left without being executed: the chain ends. */
  left(idLo: number, idHi: number): void {
    this.#freeChain(this.#takeChain(idLo, idHi));
  }

  /** Whether an order of this kind was just executed and not replaced: the number of its entry, else −1. */
  replacedBy(nowNs: number, side: number, price: number, size: number): number {
    if (this.#gone.length === 0) return -1;
    this.#forget(nowNs);
    const { values } = this.#gone;
    for (let i = 0; i < this.#gone.length; i++) {
      const at = this.#gone.at(i);
      if (values[at + 3] !== size || values[at + 2] !== price || values[at + 1] !== side) continue;
      if (values[at + 8] === 0) return i;
    }
    return -1;
  }

  /** An added order replaces the entry that `replacedBy` found. */
  replace(entry: number, nowNs: number, idLo: number, idHi: number, sequence: number, rows: OrderEventRows): void {
    const at = this.#gone.at(entry);
    const { values } = this.#gone;
    values[at + 8] = 1;
    const chain = values[at + 7]! < 0 ? this.#open(at, sequence) : values[at + 7]!;
    values[at + 7] = -1;
    const from = chain * chainFields;
    const chains = this.#chains;
    chains[from + 2]!++;
    const vacant = this.#chainOf.find(idLo, idHi);
    if (vacant < 0) this.#chainOf.insert(vacant, idLo, idHi, 1, 0, chain);
    else this.#chainOf.setSize(vacant, chain);
    if (chains[from + 2]! < this.#params.chainOrders) return;
    const isFirst = chains[from] === 0;
    rows.begin(
      orderEventCode.suspectedIceberg,
      nowNs,
      chains[from + 3]!,
      values[at + 1]!,
      values[at + 2]!,
      values[at + 3]!,
      1,
    );
    if (!isFirst) rows.continues(chains[from]!, chains[from + 1]!);
    chains[from + 1]!++;
    if (isFirst) {
      chains[from] = rows.event[rows.count - 1]!;
      rows.orderId(chains[from + 4]!, chains[from + 5]!);
      rows.sequence(chains[from + 6]!);
      rows.sequence(chains[from + 7]!);
    }
    rows.orderId(values[at + 4]!, values[at + 5]!);
    rows.orderId(idLo, idHi);
    rows.sequence(values[at + 6]!);
    rows.sequence(sequence);
    rows.detail(0, chains[from + 2]!);
    rows.detail(1, nowNs - values[at]!);
  }

  clear(): void {
    this.#gone.clear();
    this.#chainOf.clear();
    this.#chainCount = 0;
    this.#free.length = 0;
  }

  save(writer: StateWriter): void {
    this.#gone.save(writer);
    this.#chainOf.save(writer);
    writer.array(this.#chains.slice(0, this.#chainCount * chainFields));
    writer.array(Float64Array.from(this.#free));
  }

  restore(reader: StateReader): void {
    this.#gone.restore(reader);
    this.#chainOf.restore(reader);
    const chains = reader.float64s();
    this.#chainCount = chains.length / chainFields;
    while (this.#chains.length < chains.length) this.#chains = new Float64Array(this.#chains.length * 2);
    this.#chains.set(chains);
    this.#free.length = 0;
    this.#free.push(...reader.float64s());
  }

  #forget(nowNs: number): void {
    const { values } = this.#gone;
    while (this.#gone.length > 0 && nowNs - values[this.#gone.at(0)]! > this.#params.replaceNs) {
      this.#freeChain(values[this.#gone.at(0) + 7]!);
      this.#gone.shift();
    }
  }

  #open(gone: number, sequence: number): number {
    const { values } = this.#gone;
    const chain = this.#free.pop() ?? this.#chainCount++;
    if (chain * chainFields === this.#chains.length) {
      const larger = new Float64Array(this.#chains.length * 2);
      larger.set(this.#chains);
      this.#chains = larger;
    }
    const first = [0, 0, 1, values[gone]!, values[gone + 4]!, values[gone + 5]!, values[gone + 6]!, sequence];
    this.#chains.set(first, chain * chainFields);
    return chain;
  }

  #takeChain(idLo: number, idHi: number): number {
    const found = this.#chainOf.find(idLo, idHi);
    if (found < 0) return -1;
    const chain = this.#chainOf.size(found);
    this.#chainOf.remove(found);
    return chain;
  }

  #freeChain(chain: number): void {
    if (chain >= 0) this.#free.push(chain);
  }
}
