import { exp } from '../../src/elementary.ts';
import type { PhysicsParams } from '../../src/physics/index.ts';
import type { Change, NaiveBook } from './book.ts';

/** Velocity, acceleration and jerk of one channel, one array each over all ticks. */
export interface Chain {
  v: Float64Array;
  a: Float64Array;
  j: Float64Array;
}

/** The grid as an array program has it: one array a quantity, and passive time computed for every tick anew. */
export class NaiveGrid {
  readonly masses: Float64Array[];
  readonly bid: Float64Array;
  readonly ask: Float64Array;
  /** add, pull, fill, bid depth, ask depth. */
  readonly chains: Chain[];
  readonly pressure: Float64Array;
  readonly vacuum: Float64Array;
  readonly last: Float64Array;
  readonly lastEventId: Float64Array;
  anchorTick = Number.NaN;
  readonly slots: number;
  readonly #tickInt: number;
  readonly #params: PhysicsParams;

  constructor(slots: number, tickInt: number, params: PhysicsParams) {
    const column = () => new Float64Array(slots);
    this.slots = slots;
    this.#tickInt = tickInt;
    this.#params = params;
    this.masses = [column(), column(), column()];
    this.bid = column();
    this.ask = column();
    this.chains = Array.from({ length: 5 }, () => ({ v: column(), a: column(), j: column() }));
    this.pressure = column();
    this.vacuum = column();
    this.last = column().fill(Number.NEGATIVE_INFINITY);
    this.lastEventId = column();
  }

  tickOf(price: number): number {
    return Math.floor(price / this.#tickInt + 0.5);
  }

  slotOf(price: number): number {
    return this.tickOf(price) - this.anchorTick + this.slots / 2;
  }

  apply({ before, after, fill }: Change, isFlow: boolean, nowNs: number, eventId: number): void {
    const flow = isFlow ? 1 : 0;
    if (before === null) {
      if (after !== null) this.#at(after, after.size, nowNs, eventId, flow * after.size, 0, 0);
      return;
    }
    if (after === null) {
      const pull = before.size - Math.min(fill, before.size);
      this.#at(before, -before.size, nowNs, eventId, 0, flow * pull, flow * fill);
      return;
    }
    const rest = before.size - Math.min(fill, before.size);
    if (before.side === after.side && this.tickOf(before.price) === this.tickOf(after.price)) {
      const add = flow * Math.max(after.size - rest, 0);
      const pull = flow * Math.max(rest - after.size, 0);
      this.#at(before, after.size - before.size, nowNs, eventId, add, pull, flow * fill);
    } else {
      this.#at(before, -before.size, nowNs, eventId, 0, flow * rest, flow * fill);
      this.#at(after, after.size, nowNs, eventId, flow * after.size, 0, 0);
    }
  }

  /** Puts the grid around the book's mid. */
  anchor(book: NaiveBook): void {
    this.anchorTick = Math.floor((book.bestBid + book.bestAsk) / (2 * this.#tickInt) + 0.5);
    this.loadDepth(book);
  }

  /** Takes the displayed depth of every tick from the book. */
  loadDepth(book: NaiveBook): void {
    this.bid.fill(0);
    this.ask.fill(0);
    for (const [side, depths] of [
      ['B', this.bid],
      ['A', this.ask],
    ] as const) {
      for (const [price, { size }] of book.levels[side]!) {
        const slot = this.slotOf(price);
        if (slot >= 0 && slot < this.slots) depths[slot]! += size;
      }
    }
  }

  /** All quantities, tick by tick, in the order of the engine's state. */
  tickMajor(): Float64Array {
    const chains = this.chains.flatMap(({ v, a, j }) => [v, a, j]);
    const columns = [...this.masses, this.bid, this.ask, ...chains];
    columns.push(this.pressure, this.vacuum, this.last, this.lastEventId);
    return Float64Array.from(
      { length: this.slots * columns.length },
      (_, i) => columns[i % columns.length]![Math.floor(i / columns.length)]!,
    );
  }

  /** Ages every tick of the grid that was ever touched. */
  passive(endNs: number): void {
    for (let slot = 0; slot < this.slots; slot++) {
      const lastNs = this.last[slot]!;
      if (lastNs !== Number.NEGATIVE_INFINITY && lastNs < endNs) this.#step(slot, endNs, [0, 0, 0, 0, 0]);
    }
  }

  #at(
    { side, price }: { side: string; price: number },
    depth: number,
    nowNs: number,
    eventId: number,
    ...flow: [add: number, pull: number, fill: number]
  ): void {
    const slot = this.slotOf(price);
    if (!(slot >= 0 && slot < this.slots)) return;
    const [bid, ask] = side === 'B' ? [depth, 0] : [0, depth];
    this.bid[slot]! += bid;
    this.ask[slot]! += ask;
    this.lastEventId[slot] = eventId;
    if (this.last[slot] !== Number.NEGATIVE_INFINITY) {
      this.#step(slot, nowNs, [...flow, bid, ask]);
    } else {
      this.last[slot] = nowNs;
      this.masses.forEach((mass, i) => {
        mass[slot] = flow[i]!;
      });
    }
  }

  #step(slot: number, nowNs: number, deltas: readonly number[]): void {
    const p = this.#params;
    const dtS = (nowNs - this.last[slot]!) / 1e9;
    const decay = (tau: number) => (dtS === 0 ? 1 : exp(-dtS / tau));
    const gain = (tau: number) => (dtS === 0 ? 1 / tau : (1 - exp(-dtS / tau)) / dtS);
    this.last[slot] = nowNs;
    this.masses.forEach((mass, i) => {
      mass[slot] = mass[slot]! * decay(p.tauRestDecay) + deltas[i]!;
    });
    this.chains.forEach(({ v, a, j }, i) => {
      const nextV = gain(p.tauVelocity) * deltas[i]! + decay(p.tauVelocity) * v[slot]!;
      const nextA = gain(p.tauAcceleration) * (nextV - v[slot]!) + decay(p.tauAcceleration) * a[slot]!;
      j[slot] = gain(p.tauJerk) * (nextA - a[slot]!) + decay(p.tauJerk) * j[slot]!;
      v[slot] = nextV;
      a[slot] = nextA;
    });
    const [add, pull, fill, bid, ask] = this.chains as [Chain, Chain, Chain, Chain, Chain];
    const vRest = bid.v[slot]! + ask.v[slot]!;
    this.pressure[slot] =
      p.c1VAdd * add.v[slot]! + p.c2VRestPos * Math.max(vRest, 0) + p.c3AAdd * Math.max(add.a[slot]!, 0);
    this.vacuum[slot] =
      p.c4VPull * pull.v[slot]! +
      p.c5VFill * fill.v[slot]! +
      p.c6VRestNeg * Math.max(-vRest, 0) +
      p.c7APull * Math.max(pull.a[slot]!, 0);
  }
}
