import type { OrderEventParams } from '../../src/orders/index.ts';
import type { Mbo } from './mbo.ts';
import { NaiveBook, type Side } from './naive_book.ts';

/** An event in comparable form; order ids ascending. */
export interface LiteralEvent {
  readonly kind: string;
  readonly tsNs: number;
  readonly startNs: number;
  readonly side: string;
  readonly price: number;
  readonly size: number;
  readonly levels: number;
  readonly ids: string;
  readonly details: readonly number[];
}

interface State {
  sinceNs: number;
  size: number;
  large: boolean;
  executed: boolean;
  /** Of an iceberg: start, refills, executed. */
  iceberg: { startNs: number; refills: number; executed: number } | null;
  /** Ids of the chain that ends with this order. */
  chain: { ids: bigint[]; startNs: number } | null;
}

interface Execution {
  readonly tsNs: number;
  readonly key: string;
  readonly side: Side;
  readonly price: bigint;
  readonly size: number;
  readonly id: bigint;
  /** Ends of events that came before it. */
  readonly ends: number;
}

interface End {
  readonly tsNs: number;
  readonly best: Record<Side, bigint | null>;
  /** Prices and quantities of the best levels. */
  readonly top: Record<Side, readonly (readonly [bigint, number])[]>;
}

/** Nearest rank, by sorting. */
function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? 0;
}

/** The definitions of docs/order-events.md as they read, over everything that happened: nothing is kept that could be computed anew. */
export class LiteralOrderEvents {
  readonly events: LiteralEvent[] = [];
  readonly #params: OrderEventParams;
  readonly #tick: bigint;
  readonly #book = new NaiveBook();
  #states = new Map<bigint, State>();
  readonly #adds: number[] = [];
  readonly #trades: number[] = [];
  readonly #sums: number[] = [];
  #executions: Execution[] = [];
  #ends: End[] = [];
  #gone: { tsNs: number; side: Side; price: bigint; size: number; id: bigint; chain: State['chain']; used: boolean }[] =
    [];
  #pulls: { tsNs: number; side: Side; price: bigint; size: number; sinceNs: number; id: bigint }[] = [];
  readonly #above = new Map<string, number>();
  readonly #stackedNs: Record<Side, number> = { B: Number.NEGATIVE_INFINITY, A: Number.NEGATIVE_INFINITY };
  /** Records T and F of the event, with the aggressor of each T among `#aggressors`. */
  #group: {
    aggressors: { id: bigint; side: string; rested: boolean; trades: Mbo[]; fills: bigint[]; remainder: number }[];
    fills: (Execution & { own: boolean; rest: bigint })[];
    open: boolean;
  } = { aggressors: [], fills: [], open: false };
  #absorbed: { execution: Execution; sum: number; threshold: number; window: Execution[] }[] = [];
  #pulledSides = new Set<Side>();
  #nowNs = Number.NEGATIVE_INFINITY;

  constructor(params: OrderEventParams, tick: bigint) {
    this.#params = params;
    this.#tick = tick;
  }

  apply(record: Mbo, nowNs: number): void {
    if (nowNs !== this.#nowNs && this.#group.open) this.#endTrades();
    this.#nowNs = nowNs;
    const isSnapshot = (record.flags & 32) !== 0;
    const isLast = (record.flags & 128) !== 0 && !isSnapshot;
    const { action, orderId: id } = record;
    const resting = this.#book.orders.get(id);
    const step = this.#book.apply(record, BigInt(nowNs));
    if (action === 'R' || (isSnapshot && step.swept.length > 0)) this.#clear();
    if (isSnapshot) {
      if (step.after !== undefined && step.acted) this.#come(id, step.after.size);
    } else if (action === 'T') this.#trade(record, resting !== undefined);
    else if (action === 'F' && resting !== undefined) this.#fill(record, resting);
    else if ('ACM'.includes(action) && step.acted) this.#change(record, step);
    if (isLast) this.#end();
  }

  finish(): void {
    if (this.#group.aggressors.length > 0 || this.#group.fills.length > 0) this.#endTrades();
  }

  #come(id: bigint, size: number): void {
    this.#states.set(id, { sinceNs: this.#nowNs, size, large: false, executed: false, iceberg: null, chain: null });
  }

  #clear(): void {
    this.finish();
    this.#states = new Map();
    this.#executions = [];
    this.#ends = [];
    this.#gone = [];
    this.#pulls = [];
    this.#absorbed = [];
    this.#pulledSides = new Set();
  }

  #trade(record: Mbo, rested: boolean): void {
    const { orderId: id, side } = record;
    const group = this.#group;
    const last = group.aggressors.at(-1);
    const goesOn = id === 0n && last?.id === 0n && last.side === side;
    if (group.open && !goesOn) this.#endTrades();
    const { aggressors } = this.#group;
    let mine = id === 0n ? (goesOn ? last : undefined) : aggressors.find((one) => one.id === id);
    if (mine === undefined) {
      mine = { id, side, rested, trades: [], fills: [], remainder: 0 };
      aggressors.push(mine);
    }
    mine.trades.push(record);
    this.#lastAggressor = mine;
  }

  #lastAggressor: { fills: bigint[] } | null = null;

  #isOwn(id: bigint): boolean {
    return id !== 0n && this.#group.aggressors.some((one) => one.id === id);
  }

  #fill(record: Mbo, resting: { side: Side; price: bigint }): void {
    const { orderId: id, size, price } = record;
    const own = this.#isOwn(id);
    const { side } = resting;
    const execution = { tsNs: this.#nowNs, key: `${side}${price}`, side, price, size, id, ends: this.#ends.length };
    this.#group.fills.push({ ...execution, own, rest: resting.price });
    if (this.#group.aggressors.length > 0) this.#lastAggressor?.fills.push(id);
    if (own) return;
    const state = this.#states.get(id);
    if (state !== undefined) state.executed = true;
    this.#absorb(execution);
  }

  /** The sum of a price within the window, back to when it was lost. */
  #absorb(execution: Execution): void {
    const { absorptionNs, absorptionMinimum, absorptionWindow, percentile: share } = this.#params;
    const before = this.#executions.filter(({ key }) => key === execution.key);
    const lastLost = before.findLastIndex((one, i) => this.#wasLost(one, before[i + 1] ?? execution));
    const window = [...before.slice(lastLost + 1), execution].filter(({ tsNs }) => tsNs >= this.#nowNs - absorptionNs);
    const sum = window.reduce((total, { size }) => total + size, 0);
    if (this.#sums.length >= absorptionMinimum) {
      const threshold = percentile(this.#sums.slice(-absorptionWindow), share);
      if (sum >= threshold) {
        const above = this.#above.get(execution.key);
        if (above === undefined || this.#nowNs - above >= absorptionNs)
          this.#absorbed.push({ execution, sum, threshold, window });
        this.#above.set(execution.key, this.#nowNs);
      }
    }
    this.#sums.push(sum);
    this.#executions.push(execution);
  }

  /** Whether a price was not its side's best for too long between two executions of it. */
  #wasLost(from: Execution, to: Execution): boolean {
    let awayNs: number | null = null;
    for (const end of this.#ends.slice(from.ends, to.ends)) {
      const isBest = end.best[from.side] === from.price;
      if (awayNs !== null && isBest && end.tsNs - awayNs > this.#params.absorptionAwayNs) return true;
      if (isBest) awayNs = null;
      else awayNs ??= end.tsNs;
    }
    return awayNs !== null && to.tsNs - awayNs > this.#params.absorptionAwayNs;
  }

  #change(record: Mbo, step: ReturnType<NaiveBook['apply']>): void {
    const { action, orderId: id } = record;
    const { before, after, fill } = step;
    const own = this.#isOwn(id);
    const inTrade = this.#group.aggressors.length > 0 || this.#group.fills.length > 0;
    const isAdd = action === 'A' || before === undefined;
    if (after !== undefined && own && this.#group.aggressors.length > 0) {
      const mine = this.#group.aggressors.find((one) => one.id === id);
      if (mine !== undefined && (action === 'A' || before !== undefined)) mine.remainder = after.size;
    }
    if (isAdd) {
      if (before !== undefined) this.#leave(id, before, 2);
      if (after === undefined) return;
      this.#come(id, after.size);
      if (action === 'A') this.#add(id, after, own);
      return;
    }
    if (before === undefined) return;
    const stays = after !== undefined && after.side === before.side && after.price === before.price;
    const left = Math.max(0, before.size - fill);
    const isExecuted = fill > 0 && !own;
    const state = this.#states.get(id);
    // What its owner changes at its price is its size from then on.
    if (stays && fill === 0 && state !== undefined) {
      state.size = Math.min(Math.max(state.size + after.size - before.size, 0), 0xffff_ffff);
    }
    if (isExecuted && state !== undefined) {
      const refills = action === 'M' && stays && after.size > left;
      if (state.iceberg === null && (refills || fill > before.size))
        state.iceberg = { startNs: this.#nowNs, refills: 0, executed: 0 };
      if (state.iceberg !== null) {
        state.iceberg.executed += fill;
        if (refills) state.iceberg.refills++;
        if (stays) this.#tellIceberg(id, state.iceberg, before, after.size, 0);
      } else if (after === undefined && state.size >= this.#params.replaceMinimumSize) {
        const chain = state.chain;
        state.chain = null;
        this.#gone.push({
          tsNs: this.#nowNs,
          side: before.side,
          price: before.price,
          size: state.size,
          id,
          chain,
          used: false,
        });
      }
    }
    const pulled = action === 'C' ? before.size - (after?.size ?? 0) : after === undefined || !stays ? before.size : 0;
    if (!isExecuted && pulled > 0 && (own || !inTrade) && state !== undefined)
      this.#pull(id, state, before, pulled, !stays);
    if (!stays) this.#leave(id, before, action === 'C' || after === undefined ? (isExecuted ? 1 : 2) : 2);
    if (!stays && after !== undefined) this.#come(id, after.size);
    if (after !== undefined && action === 'M' && (!stays || after.size > before.size))
      this.#large(id, after, stays ? 1 : 2, own);
  }

  #add(id: bigint, order: { side: Side; price: bigint; size: number }, own: boolean): void {
    const { replaceNs, replaceMinimumSize, replaceMedians, chainOrders } = this.#params;
    this.#large(id, order, 0, own);
    const { side, price, size } = order;
    const median = percentile(this.#adds.slice(-this.#params.addWindow), 0.5);
    const gone = this.#gone.find((one) => {
      return (
        !one.used &&
        one.side === side &&
        one.price === price &&
        one.size === size &&
        this.#nowNs - one.tsNs <= replaceNs
      );
    });
    this.#adds.push(size);
    if (own || gone === undefined || size < replaceMinimumSize || size < median * replaceMedians) return;
    gone.used = true;
    const ids = [...(gone.chain?.ids ?? [gone.id]), id];
    const startNs = gone.chain?.startNs ?? gone.tsNs;
    const state = this.#states.get(id);
    if (state !== undefined) state.chain = { ids, startNs };
    if (ids.length < chainOrders) return;
    const told = ids.length === chainOrders ? ids : ids.slice(-2);
    this.#tell('suspected_iceberg', startNs, side, price, size, 1, told, [ids.length, this.#nowNs - gone.tsNs]);
  }

  #large(id: bigint, order: { side: Side; price: bigint; size: number }, how: number, own: boolean): void {
    const { addMinimum, addWindow, percentile: share, largeOrderTicks, fastPullTicks } = this.#params;
    if (this.#adds.length < addMinimum) return;
    const threshold = percentile(this.#adds.slice(-addWindow), share);
    const best = this.#book.best(order.side);
    if (order.size < threshold || best === null) return;
    const away = best > order.price ? best - order.price : order.price - best;
    const ticks = Number(away / this.#tick);
    if (ticks > largeOrderTicks) return;
    this.#tell(
      'large_order',
      this.#nowNs,
      order.side,
      order.price,
      order.size,
      1,
      [id],
      [how, own ? 1 : 0, ticks, threshold],
    );
    const state = this.#states.get(id);
    if (how === 0 && ticks <= fastPullTicks && state !== undefined) state.large = true;
  }

  #pull(
    id: bigint,
    state: State,
    { side, price }: { side: Side; price: bigint },
    size: number,
    isWhole: boolean,
  ): void {
    this.#pulls.push({ tsNs: this.#nowNs, side, price, size, sinceNs: state.sinceNs, id });
    this.#pulledSides.add(side);
    const age = this.#nowNs - state.sinceNs;
    if (!isWhole || !state.large || state.executed || age > this.#params.fastPullNs) return;
    this.#tell('fast_pull', state.sinceNs, side, price, state.size, 1, [id], [age]);
  }

  #leave(id: bigint, order: { side: Side; price: bigint }, how: number): void {
    const state = this.#states.get(id);
    if (state?.iceberg) this.#tellIceberg(id, state.iceberg, order, 0, how);
    this.#states.delete(id);
  }

  #tellIceberg(
    id: bigint,
    { startNs, refills, executed }: { startNs: number; refills: number; executed: number },
    { side, price }: { side: Side; price: bigint },
    displayed: number,
    how: number,
  ): void {
    this.#tell('iceberg', startNs, side, price, executed, 1, [id], [refills, executed, displayed, how]);
  }

  #end(): void {
    for (const side of ['B', 'A'] as const) if (this.#pulledSides.has(side)) this.#stacked(side);
    this.#pulledSides = new Set();
    const end: End = {
      tsNs: this.#nowNs,
      best: { B: this.#book.best('B'), A: this.#book.best('A') },
      top: { B: this.#top('B'), A: this.#top('A') },
    };
    for (const side of ['B', 'A'] as const) this.#exhausted(side, end);
    this.#ends.push(end);
    for (const { execution, sum, threshold, window } of this.#absorbed) {
      const { side, price } = execution;
      const held = end.best[side] === price ? 1 : 0;
      const ids = window.map(({ id }) => id);
      this.#tell('absorption', window[0]?.tsNs ?? 0, side, price, sum, 1, ids, [window.length, threshold, held]);
    }
    this.#absorbed = [];
    const { aggressors, fills } = this.#group;
    if (aggressors.length === 0 && fills.length === 0) return;
    if (aggressors.at(-1)?.id === 0n) this.#group.open = true;
    else this.#endTrades();
  }

  #top(side: Side): (readonly [bigint, number])[] {
    const levels = this.#book.levels(side).slice(0, this.#params.stackedLevels);
    return levels.map(({ price, size }) => [price, size] as const);
  }

  #stacked(side: Side): void {
    const { stackedNs, stackedShare } = this.#params;
    const fromNs = this.#nowNs - stackedNs;
    const then = this.#ends.findLast(({ tsNs }) => tsNs <= fromNs);
    if (then === undefined || this.#nowNs - this.#stackedNs[side] < stackedNs) return;
    const displayed = then.top[side].reduce((sum, [, size]) => sum + size, 0);
    const worst = then.top[side].at(-1)?.[0];
    if (worst === undefined) return;
    const pulls = this.#pulls.filter(
      (one) =>
        one.side === side &&
        one.tsNs > fromNs &&
        one.sinceNs <= fromNs &&
        (side === 'B' ? one.price >= worst : one.price <= worst),
    );
    const pulled = pulls.reduce((sum, { size }) => sum + size, 0);
    if (pulled < stackedShare * displayed || pulled === 0) return;
    this.#stackedNs[side] = this.#nowNs;
    const prices = pulls.map(({ price }) => price).sort((a, b) => Number(side === 'B' ? b - a : a - b));
    const ids = pulls.map(({ id }) => id);
    const details = [displayed, pulled / displayed, Number(worst)];
    this.#tell('stacked_pull', fromNs, side, prices[0] ?? 0n, pulled, new Set(prices).size, ids, details);
  }

  #exhausted(side: Side, end: End): void {
    const last = this.#ends.at(-1);
    const was = last?.best[side] ?? null;
    if (last === undefined || was === null || end.best[side] === was) return;
    const now = end.best[side];
    if (now !== null && (side === 'B' ? now > was : now < was)) return;
    if (last.best.B !== null && last.best.A !== null && last.best.B >= last.best.A) return;
    let first = this.#ends.length - 1;
    while (first > 0 && this.#ends[first - 1]?.best[side] === was) first--;
    const sinceNs = this.#ends[first]?.tsNs ?? 0;
    const fills = this.#group.fills.filter((one) => !one.own && one.side === side && one.rest === was);
    if (this.#nowNs - sinceNs < this.#params.exhaustedNs || fills.length === 0) return;
    const size = fills.reduce((sum, one) => sum + one.size, 0);
    const ids = fills.map(({ id }) => id);
    this.#tell('exhausted_level', sinceNs, side, was, size, 1, ids, [this.#nowNs - sinceNs, fills.length]);
  }

  #endTrades(): void {
    const { aggressors } = this.#group;
    this.#group = { aggressors: [], fills: [], open: false };
    const { sweepLevels, stopRunStops, tradeMinimum, tradeWindow, percentile: share } = this.#params;
    const pricesOf = (trades: readonly Mbo[]): bigint[] => [...new Set(trades.map(({ price }) => price))];
    const sizeOf = (trades: readonly Mbo[]): number => trades.reduce((sum, { size }) => sum + size, 0);
    const all = aggressors.flatMap(({ trades }) => trades);
    const eventLevels = pricesOf(all).length;
    const idsOf = (some: typeof aggressors): bigint[] =>
      some.flatMap(({ id, fills }) => (id === 0n ? fills : [id, ...fills]));
    const stops = aggressors.slice(1).filter(({ id }) => id !== 0n);
    for (const one of aggressors) {
      const { trades, side, rested, remainder } = one;
      const stop = stops.indexOf(one) + 1;
      const type = stop > 0 ? 2 : rested ? 1 : 0;
      const price = trades[0]?.price ?? 0n;
      const last = Number(trades.at(-1)?.price ?? 0n);
      const size = sizeOf(trades);
      const levels = pricesOf(trades).length;
      const tell = (kind: string, details: number[]): void =>
        this.#tell(kind, this.#nowNs, side, price, size, levels, idsOf([one]), details);
      tell('trade', [type, remainder, last]);
      if (stop > 0) tell('stop', [stop, last]);
      if (this.#trades.length >= tradeMinimum) {
        const threshold = percentile(this.#trades.slice(-tradeWindow), share);
        if (size >= threshold) tell('large_trade', [type, threshold]);
      }
      this.#trades.push(size);
      if (levels >= sweepLevels) tell('sweep', [0, sizeOf(all), eventLevels, last]);
    }
    if (stops.length >= stopRunStops) {
      const trades = stops.flatMap((one) => one.trades);
      const prices = pricesOf(trades).map(Number);
      const details = [stops.length, Math.min(...prices), Math.max(...prices)];
      const [first] = trades;
      this.#tell(
        'stop_run',
        this.#nowNs,
        stops[0]?.side ?? 'N',
        first?.price ?? 0n,
        sizeOf(trades),
        prices.length,
        idsOf(stops),
        details,
      );
    }
    const isSweep =
      eventLevels >= sweepLevels && aggressors.every(({ trades }) => pricesOf(trades).length < sweepLevels);
    if (!isSweep) return;
    const details = [1, sizeOf(all), eventLevels, Number(aggressors.at(-1)?.trades.at(-1)?.price ?? 0n)];
    this.#tell(
      'sweep',
      this.#nowNs,
      aggressors[0]?.side ?? 'N',
      all[0]?.price ?? 0n,
      sizeOf(all),
      eventLevels,
      idsOf(aggressors),
      details,
    );
  }

  #tell(
    kind: string,
    startNs: number,
    side: string,
    price: bigint,
    size: number,
    levels: number,
    ids: readonly bigint[],
    details: readonly number[],
  ): void {
    const sorted = [...new Set(ids)].sort((a, b) => Number(a - b)).join(',');
    this.events.push({
      kind,
      tsNs: this.#nowNs,
      startNs,
      side,
      price: Number(price),
      size,
      levels,
      ids: sorted,
      details,
    });
  }
}
