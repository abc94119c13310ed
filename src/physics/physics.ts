import { sideAsk as ask, type Book, sideBid as bid, change as changes } from '../book/index.ts';
import { exp4 } from '../elementary.ts';
import { assert } from '../errors.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { shiftedRange } from './shifted_range.ts';
import { tickStride as stride, tick as tickOffsets } from './tick_state.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const: 7 % of the replay.
const change = { ...changes };
const sideBid = bid;
const sideAsk = ask;
const tick = { ...tickOffsets };
const tickStride = stride;

/** Time constants in seconds and coefficients of model.md §4. */
export interface PhysicsParams {
  tauVelocity: number;
  tauAcceleration: number;
  tauJerk: number;
  tauRestDecay: number;
  c1VAdd: number;
  c2VRestPos: number;
  c3AAdd: number;
  c4VPull: number;
  c5VFill: number;
  c6VRestNeg: number;
  c7APull: number;
}

/** Below this a mass or derivative is set to zero, long before denormal arithmetic would slow every bin down. */
const negligible = 1e-100;
/** Bins between two looks for negligible ticks. */
const sweepBins = 64;

/** Gains and decays of one time step Δt: v' = gv·x + bv·v, a' = ga·(v' − v) + ba·a, j' = gj·(a' − a) + bj·j. */
interface StepFactors {
  mass: number;
  gv: number;
  bv: number;
  ga: number;
  ba: number;
  gj: number;
  bj: number;
}

/**
 * The tick grid: what each event adds, pulls and fills at its price, and how that ages (model.md §3 and §4).
 *
 * A slot is a tick of the grid; `state` holds `tickStride` quantities per slot. Times are nanoseconds on any one scale,
 * prices integers of 1e-9. Untouched ticks cost nothing; live ones are listed in `live`.
 */
export class Physics {
  readonly slots: number;
  readonly tickInt: number;
  readonly state: Float64Array;
  /** Slots with something to age: `live[0 … liveCount)`, in no order that matters. */
  readonly live: Int32Array;
  liveCount = 0;
  /** Tick number (price / tick) of slot `slots / 2`; NaN until both sides have been present. */
  anchorTick = Number.NaN;
  /** Changes of the book at prices without a slot. */
  outOfRange = 0;

  readonly #params: PhysicsParams;
  readonly #factors: StepFactors = { mass: 1, gv: 0, bv: 1, ga: 0, ba: 1, gj: 0, bj: 1 };
  readonly #decays = new Float64Array(4);
  #lastPassiveNs = Number.NEGATIVE_INFINITY;
  #bins = 0;

  constructor(slots: number, tickInt: number, params: PhysicsParams) {
    assert(slots > 0 && slots % 2 === 0 && tickInt > 0, 'the grid has an even number of slots and a positive tick');
    this.slots = slots;
    this.tickInt = tickInt;
    this.#params = params;
    this.state = new Float64Array(slots * tickStride);
    this.live = new Int32Array(slots);
    this.#forgetTicks(0, slots);
  }

  /** Whether the grid has a place: both sides have been present outside a snapshot. */
  get anchored(): boolean {
    return !Number.isNaN(this.anchorTick);
  }

  /** Tick number of a price. */
  tickOf(priceInt: number): number {
    return Math.floor(priceInt / this.tickInt + 0.5);
  }

  /** Slot of a price; outside [0, slots) or NaN where the grid has none. */
  slotOf(priceInt: number): number {
    return Math.floor(priceInt / this.tickInt + 0.5) - this.anchorTick + this.slots / 2;
  }

  /** Forgets all history and puts the grid around the book's mid, if it has one (model.md §4, §5). */
  reset(book: Book): void {
    this.#forgetTicks(0, this.slots);
    this.liveCount = 0;
    this.#lastPassiveNs = Number.NEGATIVE_INFINITY;
    this.#bins = 0;
    this.anchorTick = Number.NaN;
    this.#anchor(book);
    if (this.anchored) this.#loadDepth(book);
  }

  /** Turns the book's last change into flow at its ticks, including the record that anchors the grid. */
  apply(book: Book, isSnapshot: boolean, nowNs: number, eventId: number): void {
    if (this.anchored) {
      this.#apply(book, isSnapshot, nowNs, eventId);
      return;
    }
    this.#anchor(book);
    if (!this.anchored) return;
    this.#apply(book, isSnapshot, nowNs, eventId);
    // The book holds what the record did already, and all that came before the grid had a place.
    this.#loadDepth(book);
  }

  /** Takes the displayed depth from a book that records without flow and time have changed; history stays. */
  follow(book: Book): void {
    if (!this.anchored) this.#anchor(book);
    if (this.anchored) this.#loadDepth(book);
  }

  /** Ages every touched tick to the bin's end (model.md §4, "Passive time"). */
  passive(endNs: number): void {
    const state = this.state;
    const f = this.#factors;
    let factorsDtNs = Number.NaN;
    for (let i = 0; i < this.liveCount; i++) {
      const at = this.live[i]! * tickStride;
      const dtNs = endNs - state[at + tick.lastNs]!;
      if (dtNs <= 0) continue;
      if (dtNs !== factorsDtNs) {
        this.#setFactors(dtNs);
        factorsDtNs = dtNs;
      }
      state[at + tick.addMass]! *= f.mass;
      state[at + tick.pullMass]! *= f.mass;
      state[at + tick.fillMass]! *= f.mass;
      for (let chain = at + tick.vAdd; chain <= at + tick.vAsk; chain += 3) stepChain(state, chain, 0, f);
      this.#setForces(at);
      state[at + tick.lastNs] = endNs;
    }
    this.#lastPassiveNs = endNs;
    if (++this.#bins % sweepBins === 0) this.#retireNegligible();
  }

  /** Moves the grid by whole ticks so that `spotTick` is central, keeping every state that stays inside. */
  recentre(book: Book, spotTick: number): number {
    const shift = spotTick - this.anchorTick;
    assert(Number.isInteger(shift), 'only an anchored grid moves, and by whole ticks');
    const { kept, from, to, enteredFrom, enteredTo } = shiftedRange(this.slots, shift);
    this.state.copyWithin(to * tickStride, from * tickStride, (from + kept) * tickStride);
    this.anchorTick = spotTick;
    this.#forgetTicks(enteredFrom, enteredTo);
    this.#addDepth(book, enteredFrom, enteredTo);
    this.#listLive();
    return shift;
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.of(this.anchorTick, this.outOfRange, this.#lastPassiveNs, this.#bins));
    const slots: number[] = [];
    for (let slot = 0; slot < this.slots; slot++) {
      const at = slot * tickStride;
      const touched = this.state[at + tick.lastNs] !== Number.NEGATIVE_INFINITY;
      if (touched || this.state[at + tick.bidDepth] !== 0 || this.state[at + tick.askDepth] !== 0) slots.push(slot);
    }
    const packed = new Float64Array(slots.length * tickStride);
    slots.forEach((slot, i) => {
      packed.set(this.state.subarray(slot * tickStride, (slot + 1) * tickStride), i * tickStride);
    });
    writer.array(Int32Array.from(slots));
    writer.array(packed);
  }

  restore(reader: StateReader): void {
    const [anchorTick, outOfRange, lastPassiveNs, bins] = reader.float64s();
    this.anchorTick = anchorTick!;
    this.outOfRange = outOfRange!;
    this.#lastPassiveNs = lastPassiveNs!;
    this.#bins = bins!;
    this.#forgetTicks(0, this.slots);
    const slots = reader.int32s();
    const packed = reader.float64s();
    slots.forEach((slot, i) => {
      this.state.set(packed.subarray(i * tickStride, (i + 1) * tickStride), slot * tickStride);
    });
    this.#listLive();
  }

  /** Puts the grid around the book's mid, if the book has one to trust (model.md §4). */
  #anchor(book: Book): void {
    if (!book.twoSided || book.inSnapshot) return;
    this.anchorTick = Math.floor((book.bids.best + book.asks.best) / (2 * this.tickInt) + 0.5);
  }

  /** Takes the displayed depth of every slot from the book. */
  #loadDepth(book: Book): void {
    for (let slot = 0; slot < this.slots; slot++) {
      this.state[slot * tickStride + tick.bidDepth] = 0;
      this.state[slot * tickStride + tick.askDepth] = 0;
    }
    this.#addDepth(book, 0, this.slots);
  }

  #apply(book: Book, isSnapshot: boolean, nowNs: number, eventId: number): void {
    const flow = isSnapshot ? 0 : 1;
    if (isSnapshot && book.emptied) this.#clearDepth(true, true, nowNs, eventId);
    switch (book.kind) {
      case change.add:
        this.#place(book, flow, nowNs, eventId);
        break;
      case change.cancel: {
        const pull = book.removed - (book.fill < book.removed ? book.fill : book.removed);
        this.#touchPrice(book.oldPrice, book.oldSide, -book.removed, nowNs, eventId, 0, flow * pull, flow * book.fill);
        break;
      }
      case change.modify:
        this.#modify(book, flow, nowNs, eventId);
        break;
      case change.replaceSide:
        this.#clearDepth(book.newSide === sideBid, book.newSide === sideAsk, nowNs, eventId);
        if (book.newSize > 0) this.#place(book, flow, nowNs, eventId);
        break;
      case change.clear:
        this.#clearDepth(true, true, nowNs, eventId);
        break;
    }
  }

  #place(book: Book, flow: number, nowNs: number, eventId: number): void {
    if (book.displaced) this.#touchPrice(book.oldPrice, book.oldSide, -book.oldSize, nowNs, eventId, 0, 0, 0);
    this.#touchPrice(book.newPrice, book.newSide, book.newSize, nowNs, eventId, flow * book.newSize, 0, 0);
  }

  #modify(book: Book, flow: number, nowNs: number, eventId: number): void {
    const { oldSize, newSize, oldSide, newSide, oldPrice, newPrice, fill } = book;
    const rest = oldSize - (fill < oldSize ? fill : oldSize);
    if (newSide === oldSide && this.tickOf(newPrice) === this.tickOf(oldPrice)) {
      const add = newSize > rest ? newSize - rest : 0;
      const pull = rest > newSize ? rest - newSize : 0;
      this.#touchPrice(oldPrice, oldSide, newSize - oldSize, nowNs, eventId, flow * add, flow * pull, flow * fill);
    } else {
      this.#touchPrice(oldPrice, oldSide, -oldSize, nowNs, eventId, 0, flow * rest, flow * fill);
      this.#touchPrice(newPrice, newSide, newSize, nowNs, eventId, flow * newSize, 0, 0);
    }
  }

  #touchPrice(
    priceInt: number,
    side: number,
    depthChange: number,
    nowNs: number,
    eventId: number,
    add: number,
    pull: number,
    fill: number,
  ): void {
    const slot = this.slotOf(priceInt);
    if (!(slot >= 0 && slot < this.slots)) this.outOfRange++;
    else if (side === sideBid) this.#touch(slot | 0, nowNs, eventId, add, pull, fill, depthChange, 0);
    else this.#touch(slot | 0, nowNs, eventId, add, pull, fill, 0, depthChange);
  }

  /** The update of a touched tick (model.md §4). */
  #touch(
    slot: number,
    nowNs: number,
    eventId: number,
    add: number,
    pull: number,
    fill: number,
    bid: number,
    ask: number,
  ): void {
    const state = this.state;
    const at = slot * tickStride;
    let lastNs = state[at + tick.lastNs]!;
    state[at + tick.bidDepth]! += bid;
    state[at + tick.askDepth]! += ask;
    state[at + tick.lastNs] = nowNs;
    state[at + tick.lastEventId] = eventId;
    if (lastNs === Number.NEGATIVE_INFINITY) {
      this.live[this.liveCount++] = slot;
      state[at + tick.addMass] = add;
      state[at + tick.pullMass] = pull;
      state[at + tick.fillMass] = fill;
      return;
    }
    if (Number.isNaN(lastNs)) {
      this.live[this.liveCount++] = slot;
      lastNs = this.#lastPassiveNs;
    }
    const f = this.#factors;
    this.#setFactors(nowNs - lastNs);
    state[at + tick.addMass] = state[at + tick.addMass]! * f.mass + add;
    state[at + tick.pullMass] = state[at + tick.pullMass]! * f.mass + pull;
    state[at + tick.fillMass] = state[at + tick.fillMass]! * f.mass + fill;
    stepChain(state, at + tick.vAdd, add, f);
    stepChain(state, at + tick.vPull, pull, f);
    stepChain(state, at + tick.vFill, fill, f);
    stepChain(state, at + tick.vBid, bid, f);
    stepChain(state, at + tick.vAsk, ask, f);
    this.#setForces(at);
  }

  #setFactors(dtNs: number): void {
    const f = this.#factors;
    const p = this.#params;
    if (dtNs === 0) {
      f.mass = 1;
      f.gv = 1 / p.tauVelocity;
      f.ga = 1 / p.tauAcceleration;
      f.gj = 1 / p.tauJerk;
      f.bv = f.ba = f.bj = 1;
      return;
    }
    assert(dtNs > 0, 'a tick is never updated at a time before its last update');
    const dtS = dtNs / 1e9;
    const decays = this.#decays;
    decays[0] = -dtS / p.tauRestDecay;
    decays[1] = -dtS / p.tauVelocity;
    decays[2] = -dtS / p.tauAcceleration;
    decays[3] = -dtS / p.tauJerk;
    exp4(decays);
    f.mass = decays[0]!;
    f.bv = decays[1]!;
    f.ba = decays[2]!;
    f.bj = decays[3]!;
    f.gv = (1 - f.bv) / dtS;
    f.ga = (1 - f.ba) / dtS;
    f.gj = (1 - f.bj) / dtS;
  }

  #setForces(at: number): void {
    const state = this.state;
    const p = this.#params;
    const vRest = state[at + tick.vBid]! + state[at + tick.vAsk]!;
    const aAdd = state[at + tick.aAdd]!;
    const aPull = state[at + tick.aPull]!;
    state[at + tick.pressure] =
      p.c1VAdd * state[at + tick.vAdd]! + p.c2VRestPos * positivePart(vRest) + p.c3AAdd * positivePart(aAdd);
    state[at + tick.vacuum] =
      p.c4VPull * state[at + tick.vPull]! +
      p.c5VFill * state[at + tick.vFill]! +
      p.c6VRestNeg * positivePart(-vRest) +
      p.c7APull * positivePart(aPull);
  }

  /** Takes the depth of whole sides away, as a touch of each tick that has some. */
  #clearDepth(bids: boolean, asks: boolean, nowNs: number, eventId: number): void {
    for (let slot = 0; slot < this.slots; slot++) {
      const bid = bids ? this.state[slot * tickStride + tick.bidDepth]! : 0;
      const ask = asks ? this.state[slot * tickStride + tick.askDepth]! : 0;
      if (bid !== 0 || ask !== 0) this.#touch(slot, nowNs, eventId, 0, 0, 0, -bid, -ask);
    }
  }

  #addDepth(book: Book, fromSlot: number, toSlot: number): void {
    for (const [levels, offset] of [
      [book.bids, tick.bidDepth],
      [book.asks, tick.askDepth],
    ] as const) {
      for (let depth = 0; depth < levels.length; depth++) {
        const slot = this.slotOf(levels.priceAt(depth));
        if (slot >= fromSlot && slot < toSlot) this.state[slot * tickStride + offset]! += levels.sizeAt(depth);
      }
    }
  }

  #forgetTicks(fromSlot: number, toSlot: number): void {
    this.state.fill(0, fromSlot * tickStride, toSlot * tickStride);
    for (let slot = fromSlot; slot < toSlot; slot++) {
      this.state[slot * tickStride + tick.lastNs] = Number.NEGATIVE_INFINITY;
    }
  }

  #listLive(): void {
    this.liveCount = 0;
    for (let slot = 0; slot < this.slots; slot++) {
      if (Number.isFinite(this.state[slot * tickStride + tick.lastNs]!)) this.live[this.liveCount++] = slot;
    }
  }

  /** Sets what has decayed to nothing to zero, and stops ageing ticks of which nothing is left. */
  #retireNegligible(): void {
    const state = this.state;
    let kept = 0;
    for (let i = 0; i < this.liveCount; i++) {
      const slot = this.live[i]!;
      const at = slot * tickStride;
      let largest = 0;
      for (let q = at; q <= at + tick.jAsk; q++) {
        if (q === at + tick.bidDepth || q === at + tick.askDepth) continue;
        const magnitude = Math.abs(state[q]!);
        if (magnitude < negligible) state[q] = 0;
        else largest = magnitude;
      }
      if (largest > 0) {
        this.live[kept++] = slot;
      } else {
        state[at + tick.pressure] = 0;
        state[at + tick.vacuum] = 0;
        state[at + tick.lastNs] = Number.NaN;
      }
    }
    this.liveCount = kept;
  }
}

/** max(x, 0), exactly, by arithmetic: signs of derivatives are as good as random, and a branch here would be mispredicted half the time. */
function positivePart(x: number): number {
  return (Math.abs(x) + x) * 0.5;
}

/** One step of a chain (v, a, j) at `at`; the factors hold α/Δt, or its limit 1/τ at Δt = 0. */
function stepChain(state: Float64Array, at: number, x: number, f: StepFactors): void {
  const v = state[at]!;
  const a = state[at + 1]!;
  const nextV = f.gv * x + f.bv * v;
  const nextA = f.ga * (nextV - v) + f.ba * a;
  state[at] = nextV;
  state[at + 1] = nextA;
  state[at + 2] = f.gj * (nextA - a) + f.bj * state[at + 2]!;
}
