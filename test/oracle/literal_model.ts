import { type CaptureWindow, type RuntimeConfig, tickSizeInt } from '../../src/config/index.ts';
import { flag } from '../../src/dbn/index.ts';
import { type Bin, type ColumnName, gridColumns } from '../../src/engine/index.ts';
import { LiteralSignal } from './literal_signal.ts';
import { LiteralSpectrum } from './literal_spectrum.ts';
import { channels, type Deltas, LiteralTick, noDeltas } from './literal_tick.ts';
import { type Mbo, undefinedTime } from './mbo.ts';
import { NaiveBook, type Order, type Side, type Step } from './naive_book.ts';

/** A bin as the model defines it. */
export interface LiteralBin extends Omit<Bin, 'firing' | 'firingThreshold'> {
  readonly columns: Readonly<Record<ColumnName, readonly number[]>>;
}

const nsPerMs = 1_000_000n;
const warmUpNs = 30n * 60n * 1000n * nsPerMs;

/** 2 bull vacuum, 1 bull pressure, 0 mixed, −1 bear pressure, −2 bear vacuum; [k > 0, k < 0] by (sa, sb). */
const state5Table: Record<string, readonly [number, number]> = {
  '1,1': [2, 1],
  '1,0': [-1, -2],
  '1,-1': [-1, -2],
  '0,1': [2, 1],
  '0,0': [0, 0],
  '0,-1': [-1, -2],
  '-1,1': [0, 0],
  '-1,0': [-1, -2],
  '-1,-1': [-1, -2],
};

const depthOf = (side: Side) => (side === 'B' ? 'bid' : 'ask');

const floorDiv = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

/**
 * model.md §1 to §8 transcribed line by line: an unbounded grid in a map, every tick scored at every bin, all histories
 * kept. Slow and obvious; what it says is what the engine must say.
 */
export class LiteralModel {
  readonly book = new NaiveBook();
  readonly counters = {
    events: 0,
    otherInstrument: 0,
    otherPublisher: 0,
    beforeSession: 0,
    outOfSession: 0,
    late: 0,
    receiveTime: 0,
    nullTime: 0,
    remaps: 0,
  };
  readonly #config: RuntimeConfig;
  readonly #capture: CaptureWindow;
  readonly #instrumentId: number;
  /** The publisher that makes the book. */
  readonly #publisherId: number;
  readonly #tick: bigint;
  readonly #cellNs: bigint;
  readonly #ticks = new Map<bigint, LiteralTick>();
  readonly #spectra = new Map<bigint, LiteralSpectrum>();
  readonly #signal = new LiteralSignal();
  /** Before all time until the first record that has one. */
  #nowNs = -(2n ** 64n);
  #anchored = false;
  #binStartNs: bigint;
  #binEvents = 0;
  #bins = 0;
  #lastBest: Readonly<Record<Side, bigint | null>> = { A: null, B: null };
  #done = false;

  constructor(config: RuntimeConfig, capture: CaptureWindow, instrumentId: number, publisherId = 1) {
    this.#config = config;
    this.#capture = capture;
    this.#instrumentId = instrumentId;
    this.#publisherId = publisherId;
    this.#tick = BigInt(tickSizeInt(config));
    this.#cellNs = BigInt(config.cell_width_ms) * nsPerMs;
    this.#binStartNs = capture.startNs;
  }

  /** Takes the next record of the file; returns the bins that it closed. */
  feed(record: Mbo): LiteralBin[] {
    if (this.#done || !this.#isOurs(record)) return [];
    const ts = this.#timeOf(record);
    const place = this.#placeOf(record, ts);
    if (place === 'before') this.#applyBefore(record, ts);
    if (place !== 'event') return [];
    const nowNs = ts > this.#nowNs ? ts : this.#nowNs;
    const closed: LiteralBin[] = [];
    const endNs = this.#capture.endNs ?? this.#capture.sessionEndNs;
    while (nowNs >= this.#binStartNs + this.#cellNs && this.#binStartNs + this.#cellNs <= endNs) {
      closed.push(this.#close());
    }
    if (nowNs >= endNs) {
      this.#done = true;
      if (this.#binEvents > 0) closed.push(this.#close());
      return closed;
    }
    this.counters.events++;
    this.#countTime(record);
    if (ts < this.#nowNs && !(record.flags & flag.snapshot)) this.counters.late++;
    this.#nowNs = nowNs;
    if (nowNs >= this.#capture.startNs) this.#binEvents++;
    const step = this.book.apply(record, nowNs);
    if (nowNs < this.#capture.startNs - warmUpNs) return closed;
    // What was swept before the grid had a place was never on it.
    if (this.#anchored) this.#sweep(step.swept, nowNs);
    if (this.book.twoSided && !this.book.inSnapshot) this.#anchored = true;
    if (this.#anchored) this.#flow(record, step, nowNs);
    return closed;
  }

  /** End of the file: the last bin, if it had an event. */
  finish(): LiteralBin | null {
    if (this.#done || this.#binEvents === 0) return null;
    this.#done = true;
    return this.#close();
  }

  /** model.md §1.2. */
  #isOurs(record: Mbo): boolean {
    if (record.instrumentId !== this.#instrumentId) this.counters.otherInstrument++;
    else if ((record.publisherId ?? 1) !== this.#publisherId) this.counters.otherPublisher++;
    else return true;
    return false;
  }

  /** model.md §1.3. */
  #timeOf(record: Mbo): bigint {
    const isSnapshot = (record.flags & flag.snapshot) !== 0;
    if (!isSnapshot && record.tsEvent !== undefinedTime) return record.tsEvent;
    return record.tsRecv === undefinedTime ? this.#nowNs : record.tsRecv;
  }

  #countTime(record: Mbo): void {
    const isSnapshot = (record.flags & flag.snapshot) !== 0;
    if (!isSnapshot && record.tsEvent !== undefinedTime) return;
    if (record.tsRecv === undefinedTime) this.counters.nullTime++;
    else if (!isSnapshot) this.counters.receiveTime++;
  }

  /** model.md §1.4. */
  #placeOf(record: Mbo, ts: bigint): 'before' | 'event' | 'after' {
    if (ts >= this.#capture.sessionEndNs) {
      this.counters.outOfSession++;
      return 'after';
    }
    const isInside = ts >= this.#capture.sessionStartNs;
    return isInside || record.flags & flag.snapshot || record.action === 'R' ? 'event' : 'before';
  }

  /** The book alone: no flow, no event count, no time. */
  #applyBefore(record: Mbo, ts: bigint): void {
    this.counters.beforeSession++;
    this.#countTime(record);
    this.book.applyBefore(record, ts);
    const isPhysics = this.#nowNs >= this.#capture.startNs - warmUpNs;
    if (isPhysics && this.book.twoSided && !this.book.inSnapshot) this.#anchored = true;
  }

  /** model.md §3; what a snapshot, a clear, a replaced side or a displaced order does to depth is no flow. */
  #flow(record: Mbo, { acted, before, after, fill }: Step, nowNs: bigint): void {
    const isSnapshot = (record.flags & flag.snapshot) !== 0;
    const touch = (order: Order, depth: number, add: number, pull: number, filled: number) => {
      const flow = isSnapshot ? {} : { add, pull, fill: filled };
      this.#touch(this.#tickOf(order.price), { ...noDeltas, ...flow, [depthOf(order.side)]: depth }, nowNs);
    };
    if (!acted) return;
    if (before !== undefined && (record.action === 'C' || after === undefined)) {
      const removed = before.size - (after?.size ?? 0);
      touch(before, -removed, 0, removed - Math.min(fill, removed), fill);
    } else if (after !== undefined && (record.action === 'A' || before === undefined)) {
      if (before !== undefined) touch(before, -before.size, 0, 0, 0);
      touch(after, after.size, after.size, 0, 0);
    } else if (after !== undefined && before !== undefined) {
      const rest = before.size - Math.min(fill, before.size);
      if (before.side === after.side && this.#tickOf(before.price) === this.#tickOf(after.price)) {
        const add = Math.max(after.size - rest, 0);
        touch(after, after.size - before.size, add, Math.max(rest - after.size, 0), fill);
      } else {
        touch(before, -before.size, 0, rest, fill);
        touch(after, after.size, after.size, 0, 0);
      }
    }
  }

  #sweep(swept: readonly Order[], nowNs: bigint): void {
    const depths = new Map<bigint, { bid: number; ask: number }>();
    for (const order of swept) {
      const depth = depths.get(this.#tickOf(order.price)) ?? { bid: 0, ask: 0 };
      depth[depthOf(order.side)] -= order.size;
      depths.set(this.#tickOf(order.price), depth);
    }
    for (const [tick, depth] of depths) this.#touch(tick, { ...noDeltas, ...depth }, nowNs);
  }

  #touch(tick: bigint, x: Deltas, nowNs: bigint): void {
    const state = this.#ticks.get(tick) ?? new LiteralTick();
    this.#ticks.set(tick, state);
    state.update(nowNs, x, this.#config);
    state.lastEventId = this.counters.events;
  }

  /** floor(price/tick + 1/2). */
  #tickOf(price: bigint): bigint {
    return floorDiv(2n * price + this.#tick, 2n * this.#tick);
  }

  #close(): LiteralBin {
    const startNs = this.#binStartNs;
    const endNs = startNs + this.#cellNs;
    for (const state of this.#ticks.values()) {
      if (state.lastNs !== null && state.lastNs < endNs) state.update(endNs, noDeltas, this.#config);
    }
    for (const [tick, state] of this.#ticks) {
      const spectrum = this.#spectra.get(tick) ?? new LiteralSpectrum(this.#bins);
      this.#spectra.set(tick, spectrum);
      spectrum.push(state.pressure, state.vacuum, Number(this.#cellNs) / 1e9, this.#config);
    }
    const bid = this.book.best('B');
    const ask = this.book.best('A');
    const twoSided = bid !== null && ask !== null;
    const spot = twoSided ? floorDiv(bid + ask + this.#tick, 2n * this.#tick) : null;
    const columns = this.#window(spot);
    const sessionStart = this.#capture.sessionStartNs;
    const bin = {
      seq: this.#bins++,
      startNs: Number(startNs - sessionStart),
      endNs: Number(endNs - sessionStart),
      eventCount: this.#binEvents,
      eventId: this.counters.events,
      hasBid: bid !== null,
      hasAsk: ask !== null,
      midPrice: twoSided ? Number(bid + ask) / 2 / 1e9 : 0,
      spotPriceInt: spot === null ? 0 : Number(spot * this.#tick),
      bestBidPriceInt: Number(bid ?? 0n),
      bestAskPriceInt: Number(ask ?? 0n),
      bookValid: this.book.valid,
      signal: this.#signal.update(columns.state5_code, this.#config),
      columns,
    };
    this.#binStartNs = endNs;
    this.#binEvents = 0;
    this.#lastBest = { A: ask, B: bid };
    return bin;
  }

  #window(spot: bigint | null): LiteralBin['columns'] {
    const radius = this.#config.grid_radius_ticks;
    const depths = { B: this.#depths('B'), A: this.#depths('A') };
    const rows = Array.from({ length: 2 * radius + 1 }, (_, row) => this.#row(row - radius, spot, depths));
    const columns = Object.fromEntries(gridColumns.map(([name]) => [name, rows.map((row) => row[name])]));
    return columns as unknown as LiteralBin['columns'];
  }

  #row(
    k: number,
    spot: bigint | null,
    depths: Readonly<Record<Side, Map<bigint, number>>>,
  ): Record<ColumnName, number> {
    const row = Object.fromEntries(gridColumns.map(([name]) => [name, 0])) as Record<ColumnName, number>;
    row.k = k;
    if (spot === null) return row;
    const tick = spot + BigInt(k);
    const state = this.#ticks.get(tick) ?? new LiteralTick();
    const spectrum = this.#spectra.get(tick);
    row.pressure_variant = state.pressure;
    row.vacuum_variant = state.vacuum;
    row.add_mass = state.masses.add;
    row.pull_mass = state.masses.pull;
    row.fill_mass = state.masses.fill;
    row.bid_depth = depths.B.get(tick) ?? 0;
    row.ask_depth = depths.A.get(tick) ?? 0;
    row.rest_depth = row.bid_depth + row.ask_depth;
    for (const order of ['v', 'a', 'j'] as const) {
      for (const name of channels) {
        const column = `${order}_${name}${name === 'bid' || name === 'ask' ? '_depth' : ''}` as ColumnName;
        row[column] = state.chains[name][order];
      }
      row[`${order}_rest_depth`] = state.chains.bid[order] + state.chains.ask[order];
    }
    if (spectrum !== undefined) {
      row.composite = spectrum.composites.at(-1)!;
      spectrum.derivatives.forEach((derivative, i) => {
        row[`composite_d${i + 1}` as ColumnName] = derivative.at(-1)!;
      });
      row.flow_score = spectrum.scores.at(-1)!;
      row.flow_state_code = spectrum.code;
    }
    row.last_event_id = state.lastEventId;
    this.#label(row, k);
    return row;
  }

  /** model.md §7. */
  #label(row: Record<ColumnName, number>, k: number): void {
    const move = (side: Side) => {
      const best = this.book.best(side);
      const last = this.#lastBest[side];
      return best === null || last === null ? 0 : Number(this.#tickOf(best) - this.#tickOf(last));
    };
    const sa = Math.sign(move('A'));
    const sb = Math.sign(move('B'));
    row.best_ask_move_ticks = move('A');
    row.best_bid_move_ticks = move('B');
    row.ask_reprice_sign = sa;
    row.bid_reprice_sign = sb;
    row.microstate_id = (sa + 1) * 3 + (sb + 1);
    row.chase_up_flag = sa > 0 && sb > 0 ? 1 : 0;
    row.chase_down_flag = sa < 0 && sb < 0 ? 1 : 0;
    row.state5_code = k === 0 ? 0 : state5Table[`${sa},${sb}`]![k > 0 ? 0 : 1];
  }

  /** Displayed depth of a side by tick; none before the grid has its place. */
  #depths(side: Side): Map<bigint, number> {
    const depths = new Map<bigint, number>();
    for (const { price, size } of this.#anchored ? this.book.levels(side) : []) {
      const tick = this.#tickOf(price);
      depths.set(tick, (depths.get(tick) ?? 0) + size);
    }
    return depths;
  }
}
