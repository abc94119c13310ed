import { assert } from '../errors.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { OrderEventRows } from './event_rows.ts';

const capacity = 16;

/**
 * The trades and executions of one event: its aggressors in the order in which they came, each with its prices, and the resting
 * orders that it executed. Memory is kept from event to event.
 */
export class TradeGroup {
  /** Aggressors. */
  count = 0;
  idLo = new Int32Array(capacity);
  idHi = new Int32Array(capacity);
  /** 1 bought, 2 sold, 0 neither (auction). */
  side = new Uint8Array(capacity);
  size = new Float64Array(capacity);
  firstPrice = new Float64Array(capacity);
  lastPrice = new Float64Array(capacity);
  levels = new Int32Array(capacity);
  /** 1 where the aggressor rested before its first trade. */
  rested = new Uint8Array(capacity);
  remainder = new Float64Array(capacity);

  /** Trade records: aggressor, price, sequence. */
  trades = 0;
  tradeOf = new Int32Array(capacity);
  tradePrice = new Float64Array(capacity);
  tradeSequence = new Uint32Array(capacity);

  /** Executions of resting orders: aggressor (−1 before any trade), order, its side and price in the book, size, sequence. */
  fills = 0;
  fillOf = new Int32Array(capacity);
  fillLo = new Int32Array(capacity);
  fillHi = new Int32Array(capacity);
  fillSide = new Uint8Array(capacity);
  fillPrice = new Float64Array(capacity);
  fillSize = new Float64Array(capacity);
  fillSequence = new Uint32Array(capacity);

  get isEmpty(): boolean {
    return this.trades === 0 && this.fills === 0;
  }

  /** Whether its aggressors have no ids, so that its trades are one only by following each other. */
  get hasNoIds(): boolean {
    const last = this.count - 1;
    return last >= 0 && this.idLo[last] === 0 && this.idHi[last] === 0;
  }

  /** Whether a trade belongs to those of the last aggressor without an id. */
  goesOn(idLo: number, idHi: number, side: number): boolean {
    return idLo === 0 && idHi === 0 && this.hasNoIds && this.side[this.count - 1] === side;
  }

  clear(): void {
    this.count = 0;
    this.trades = 0;
    this.fills = 0;
  }

  /** The aggressor of an id other than 0; −1 where the event has none of it. */
  find(idLo: number, idHi: number): number {
    if (idLo === 0 && idHi === 0) return -1;
    for (let i = 0; i < this.count; i++) if (this.idLo[i] === idLo && this.idHi[i] === idHi) return i;
    return -1;
  }

  trade(
    idLo: number,
    idHi: number,
    side: number,
    price: number,
    size: number,
    rested: boolean,
    sequence: number,
  ): void {
    let aggressor = this.find(idLo, idHi);
    // Trades without an id are one as long as they follow each other on one side.
    if (aggressor < 0 && this.goesOn(idLo, idHi, side)) aggressor = this.count - 1;
    if (aggressor < 0) aggressor = this.#open(idLo, idHi, side, price, rested);
    let isNew = true;
    for (let i = 0; i < this.trades && isNew; i++) {
      if (this.tradeOf[i] === aggressor && this.tradePrice[i] === price) isNew = false;
    }
    if (isNew) this.levels[aggressor]!++;
    this.size[aggressor]! += size;
    this.lastPrice[aggressor] = price;
    if (this.trades === this.tradeOf.length) this.#growTrades();
    this.tradeOf[this.trades] = aggressor;
    this.tradePrice[this.trades] = price;
    this.tradeSequence[this.trades++] = sequence;
  }

  fill(idLo: number, idHi: number, side: number, price: number, size: number, sequence: number): void {
    if (this.fills === this.fillOf.length) this.#growFills();
    const at = this.fills++;
    this.fillOf[at] = this.trades === 0 ? -1 : this.tradeOf[this.trades - 1]!;
    this.fillLo[at] = idLo;
    this.fillHi[at] = idHi;
    this.fillSide[at] = side;
    this.fillPrice[at] = price;
    this.fillSize[at] = size;
    this.fillSequence[at] = sequence;
  }

  /** Distinct prices of all trades. */
  distinctPrices(): number {
    let distinct = 0;
    for (let i = 0; i < this.trades; i++) {
      let isNew = true;
      for (let j = 0; j < i && isNew; j++) isNew = this.tradePrice[j] !== this.tradePrice[i];
      if (isNew) distinct++;
    }
    return distinct;
  }

  /** Adds to the current row the ids and sequence numbers of an aggressor's trades and executions. */
  prove(rows: OrderEventRows, aggressor: number): void {
    if (this.idLo[aggressor] !== 0 || this.idHi[aggressor] !== 0)
      rows.orderId(this.idLo[aggressor]!, this.idHi[aggressor]!);
    for (let i = 0; i < this.trades; i++) if (this.tradeOf[i] === aggressor) rows.sequence(this.tradeSequence[i]!);
    for (let i = 0; i < this.fills; i++) {
      if (this.fillOf[i] !== aggressor) continue;
      rows.orderId(this.fillLo[i]!, this.fillHi[i]!);
      rows.sequence(this.fillSequence[i]!);
    }
  }

  save(writer: StateWriter): void {
    const { count, trades, fills } = this;
    for (const column of [this.idLo, this.idHi, this.levels]) writer.array(column.slice(0, count));
    for (const column of [this.size, this.firstPrice, this.lastPrice, this.remainder])
      writer.array(column.slice(0, count));
    writer.array(Int32Array.from(this.side.subarray(0, count)));
    writer.array(Int32Array.from(this.rested.subarray(0, count)));
    writer.array(this.tradeOf.slice(0, trades));
    writer.array(this.tradePrice.slice(0, trades));
    writer.array(this.tradeSequence.slice(0, trades));
    for (const column of [this.fillOf, this.fillLo, this.fillHi]) writer.array(column.slice(0, fills));
    for (const column of [this.fillPrice, this.fillSize]) writer.array(column.slice(0, fills));
    writer.array(this.fillSequence.slice(0, fills));
    writer.array(Int32Array.from(this.fillSide.subarray(0, fills)));
  }

  restore(reader: StateReader): void {
    const idLo = reader.int32s();
    this.count = idLo.length;
    while (this.idLo.length < this.count) this.#growAggressors();
    this.idLo.set(idLo);
    for (const column of [this.idHi, this.levels]) column.set(reader.int32s());
    for (const column of [this.size, this.firstPrice, this.lastPrice, this.remainder]) column.set(reader.float64s());
    for (const column of [this.side, this.rested]) column.set(reader.int32s());
    const tradeOf = reader.int32s();
    this.trades = tradeOf.length;
    while (this.tradeOf.length < this.trades) this.#growTrades();
    this.tradeOf.set(tradeOf);
    this.tradePrice.set(reader.float64s());
    this.tradeSequence.set(reader.uint32s());
    const fillOf = reader.int32s();
    this.fills = fillOf.length;
    while (this.fillOf.length < this.fills) this.#growFills();
    this.fillOf.set(fillOf);
    for (const column of [this.fillLo, this.fillHi]) column.set(reader.int32s());
    for (const column of [this.fillPrice, this.fillSize]) column.set(reader.float64s());
    this.fillSequence.set(reader.uint32s());
    this.fillSide.set(reader.int32s());
  }

  #open(idLo: number, idHi: number, side: number, price: number, rested: boolean): number {
    if (this.count === this.idLo.length) this.#growAggressors();
    const at = this.count++;
    this.idLo[at] = idLo;
    this.idHi[at] = idHi;
    this.side[at] = side;
    this.size[at] = 0;
    this.firstPrice[at] = price;
    this.levels[at] = 0;
    this.rested[at] = rested ? 1 : 0;
    this.remainder[at] = 0;
    return at;
  }

  #growAggressors(): void {
    const length = this.idLo.length * 2;
    this.idLo = longer(this.idLo, new Int32Array(length));
    this.idHi = longer(this.idHi, new Int32Array(length));
    this.side = longer(this.side, new Uint8Array(length));
    this.size = longer(this.size, new Float64Array(length));
    this.firstPrice = longer(this.firstPrice, new Float64Array(length));
    this.lastPrice = longer(this.lastPrice, new Float64Array(length));
    this.levels = longer(this.levels, new Int32Array(length));
    this.rested = longer(this.rested, new Uint8Array(length));
    this.remainder = longer(this.remainder, new Float64Array(length));
  }

  #growTrades(): void {
    const length = this.tradeOf.length * 2;
    assert(length < 2 ** 26, 'an event has an end');
    this.tradeOf = longer(this.tradeOf, new Int32Array(length));
    this.tradePrice = longer(this.tradePrice, new Float64Array(length));
    this.tradeSequence = longer(this.tradeSequence, new Uint32Array(length));
  }

  #growFills(): void {
    const length = this.fillOf.length * 2;
    this.fillOf = longer(this.fillOf, new Int32Array(length));
    this.fillLo = longer(this.fillLo, new Int32Array(length));
    this.fillHi = longer(this.fillHi, new Int32Array(length));
    this.fillSide = longer(this.fillSide, new Uint8Array(length));
    this.fillPrice = longer(this.fillPrice, new Float64Array(length));
    this.fillSize = longer(this.fillSize, new Float64Array(length));
    this.fillSequence = longer(this.fillSequence, new Uint32Array(length));
  }
}

function longer<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
