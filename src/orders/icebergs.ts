import { OrderTable } from '../book/index.ts';
import { assert } from '../errors.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { icebergState, orderEventCode } from './event_kinds.ts';
import type { OrderEventRows } from './event_rows.ts';

/** Of an order: event (0: not told yet), updates, refills, executed, start. */
const fields = 5;

/** Orders that proved to be icebergs, while they rest: one event each, with a row for every change. */
export class Icebergs {
  readonly #index = new OrderTable(256);
  #values = new Float64Array(64 * fields);
  #count = 0;
  readonly #free: number[] = [];

  /** Begins the event of an order. */
  begin(idLo: number, idHi: number, startNs: number): void {
    const found = this.#index.find(idLo, idHi);
    assert(found < 0, 'an iceberg begins once');
    const number = this.#free.pop() ?? this.#count++;
    if (number * fields === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set([0, 0, 0, 0, startNs], number * fields);
    this.#index.insert(found, idLo, idHi, 1, 0, number);
  }

  /** Notes an execution, and whether a refill followed it. */
  execute(idLo: number, idHi: number, size: number, isRefill: boolean): void {
    const at = this.#at(idLo, idHi);
    this.#values[at + 3]! += size;
    if (isRefill) this.#values[at + 2]!++;
  }

  /** Writes how an order stands; the caller adds sequence numbers. */
  write(
    rows: OrderEventRows,
    idLo: number,
    idHi: number,
    nowNs: number,
    side: number,
    price: number,
    displayed: number,
    state: number,
  ): void {
    const at = this.#at(idLo, idHi);
    const values = this.#values;
    rows.begin(orderEventCode.iceberg, nowNs, values[at + 4]!, side, price, values[at + 3]!, 1);
    if (values[at] === 0) values[at] = rows.event[rows.count - 1]!;
    else rows.continues(values[at]!, values[at + 1]!);
    values[at + 1]!++;
    rows.orderId(idLo, idHi);
    rows.detail(0, values[at + 2]!);
    rows.detail(1, values[at + 3]!);
    rows.detail(2, displayed);
    rows.detail(3, state);
    if (state === icebergState.resting) return;
    const found = this.#index.find(idLo, idHi);
    this.#free.push(this.#index.size(found));
    this.#index.remove(found);
  }

  clear(): void {
    this.#index.clear();
    this.#count = 0;
    this.#free.length = 0;
  }

  save(writer: StateWriter): void {
    this.#index.save(writer);
    writer.array(this.#values.slice(0, this.#count * fields));
    writer.array(Float64Array.from(this.#free));
  }

  restore(reader: StateReader): void {
    this.#index.restore(reader);
    const values = reader.float64s();
    this.#count = values.length / fields;
    while (this.#values.length < values.length) this.#values = new Float64Array(this.#values.length * 2);
    this.#values.set(values);
    this.#free.length = 0;
    this.#free.push(...reader.float64s());
  }

  #at(idLo: number, idHi: number): number {
    const found = this.#index.find(idLo, idHi);
    assert(found >= 0, 'an iceberg is in its table');
    return this.#index.size(found) * fields;
  }
}
