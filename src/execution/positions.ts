import { assert } from '../errors.ts';
import type { ExecutionPass } from './execution_pass.ts';
import type { OrderWatcher } from './order_watcher.ts';
import { type OurOrder, type OurOrders, outcome } from './our_orders.ts';
import {
  type Entry,
  type ExitRules,
  exitReason,
  newEntry,
  newPosition,
  newTakeProfit,
  type Position,
  type PositionFill,
  type PositionSettings,
  quantityOf,
  type TakeProfit,
} from './position.ts';
import { StopLevels } from './stop_levels.ts';

/** What an order of ours is for. */
export type OrderRole =
  | { readonly entry: Entry }
  | { readonly takeProfit: TakeProfit }
  | { readonly position: Position };

/** What a call is about: the kind and the number of its subject share one integer. */
const call = { exit: 0, timeout: 1, profit: 2, decisionMid: 3, timeoutMid: 4, probe: 5 } as const;
const callKinds = 8;

/**
 * Opens positions and leaves them again by the rules of docs/fills.md, "Positions": entries that an `ExecutionPass` follows, with
 * take-profits as limit orders in the real queue, and stops, time-outs and the session's end by market. Positions share their
 * entry, and those of one take-profit its orders, for orders of ours do not see each other.
 */
export class Positions implements OrderWatcher {
  readonly entries: Entry[] = [];
  readonly positions: Position[] = [];
  readonly #pass: ExecutionPass;
  readonly #ours: OurOrders;
  readonly #settings: PositionSettings;
  /** By number of the order. */
  readonly roles: OrderRole[] = [];
  readonly #takeProfits: TakeProfit[] = [];
  readonly #stops: readonly [long: StopLevels, short: StopLevels] = [new StopLevels(1), new StopLevels(-1)];
  /** Entries whose average has changed since their stops were placed. */
  readonly #changed = new Set<Entry>();

  /** @param ours the orders of `pass`, none yet */
  constructor(pass: ExecutionPass, ours: OurOrders, settings: PositionSettings) {
    assert(ours.count === 0, 'positions are the only ones to add orders');
    this.#pass = pass;
    this.#ours = ours;
    this.#settings = settings;
    pass.watch(this);
  }

  /** Adds an entry before the records begin. */
  enter(order: OurOrder, rules: ExitRules): Entry {
    const number = this.#pass.add(order);
    const { probesNs } = this.#settings;
    const entry = newEntry(this.entries.length, number, order.side === 'B' ? 1 : -1, rules, probesNs.length);
    this.entries.push(entry);
    this.roles[number] = { entry };
    this.#call(call.decisionMid, entry.number, this.#ours.decisionNs[number]!);
    const expiryNs = this.#ours.expiryNs[number]!;
    if (Number.isFinite(expiryNs))
      for (const ns of [0, ...probesNs]) this.#call(call.probe, entry.number, expiryNs + ns);
    return entry;
  }

  /** Adds a position of an entry. */
  open(entry: Entry, tpTicks: number, slTicks: number): Position {
    let takeProfit = entry.takeProfits.find(({ ticks }) => ticks === tpTicks);
    if (takeProfit === undefined) {
      takeProfit = newTakeProfit(this.#takeProfits.length, entry, tpTicks);
      this.#takeProfits.push(takeProfit);
      entry.takeProfits.push(takeProfit);
    }
    const position = newPosition(this.positions.length, takeProfit, slTicks);
    this.positions.push(position);
    takeProfit.positions.push(position);
    takeProfit.open++;
    entry.open++;
    return position;
  }

  filled(order: number, tsNs: number, price: number, size: number, reason: number): void {
    const role = this.roles[order]!;
    const fill: PositionFill = { order, tsNs, price, size, reason, event: this.#pass.event, mid: this.#pass.lastMid };
    if ('takeProfit' in role) role.takeProfit.fills.push(fill);
    else if ('position' in role) role.position.exitFills.push(fill);
    else this.#open(role.entry, fill);
  }

  entered(order: number, tsNs: number): void {
    const role = this.roles[order]!;
    if (!('entry' in role) || role.entry.fills.length === 0) return;
    this.#placeStops();
    this.#checkQuotes(tsNs);
  }

  cleared(orders: readonly number[], nowNs: number): void {
    for (const order of orders) {
      const role = this.roles[order]!;
      if ('takeProfit' in role) {
        const { takeProfit } = role;
        takeProfit.lost += this.#ours.left[order]!;
        this.#call(call.profit, takeProfit.number, nowNs + takeProfit.entry.rules.exitLatencyNs);
      } else if ('position' in role) this.#leave(role.position, this.#ours.left[order]!, nowNs);
    }
  }

  traded(price: number, nowNs: number): void {
    if (this.#settings.trigger !== 'trade') return;
    this.#placeStops();
    for (const stops of this.#stops) for (const number of stops.reached(price)) this.#trigger(number, nowNs);
  }

  eventEnded(nowNs: number): void {
    this.#placeStops();
    this.#checkQuotes(nowNs);
  }

  called(number: number, nowNs: number): void {
    const [kind, at] = [number % callKinds, Math.floor(number / callKinds)];
    if (kind === call.exit) this.#leaveByStop(this.positions[at]!, nowNs);
    else if (kind === call.timeout) this.#timeOut(this.entries[at]!, nowNs);
    else if (kind === call.profit) this.#sendProfit(this.#takeProfits[at]!, nowNs);
    else if (kind === call.decisionMid) this.entries[at]!.decisionMid = this.#pass.lastMid;
    else if (kind === call.timeoutMid) this.entries[at]!.timeoutMid = this.#pass.lastMid;
    else this.#keepProbe(this.entries[at]!, nowNs);
  }

  /** Leaves what is still open, at the last event; the pass has finished. */
  finish(): void {
    const { clockNs, isInEvent, lastMid } = this.#pass;
    for (const position of this.positions) {
      const { entry } = position.takeProfit;
      if (entry.fills.length === 0) continue;
      if (position.reason === exitReason.none) {
        const held = this.#settle(position, exitReason.sessionEnd, lastMid);
        // Nothing arrives inside an event.
        if (held > 0 && !isInEvent) this.#leave(position, held, clockNs);
      }
      position.closedAtMid = heldBy(position) - quantityOf(position.exitFills);
    }
  }

  /** A fill of an entry: its take-profits, its time-out and its stops follow from it. */
  #open(entry: Entry, fill: PositionFill): void {
    const { exitLatencyNs, maxHoldNs } = entry.rules;
    entry.fills.push(fill);
    entry.average.add(fill.price, fill.size);
    this.#changed.add(entry);
    for (const { number } of entry.takeProfits) this.#call(call.profit, number, fill.tsNs + exitLatencyNs);
    if (entry.fills.length > 1) return;
    this.#call(call.timeoutMid, entry.number, fill.tsNs + maxHoldNs);
    this.#call(call.timeout, entry.number, fill.tsNs + maxHoldNs + exitLatencyNs, true);
    for (const ns of this.#settings.probesNs) this.#call(call.probe, entry.number, fill.tsNs + ns);
  }

  /** Sends the take-profit for what was filled; where its level has moved, all of it anew. */
  #sendProfit(takeProfit: TakeProfit, nowNs: number): void {
    const { entry, average, ticks } = takeProfit;
    const { exitLatencyNs } = entry.rules;
    const { tickInt } = this.#settings;
    if (takeProfit.open === 0) return;
    let size = takeProfit.lost;
    takeProfit.lost = 0;
    for (; takeProfit.answered < entry.fills.length; takeProfit.answered++) {
      const fill = entry.fills[takeProfit.answered]!;
      if (fill.tsNs + exitLatencyNs > nowNs) break;
      average.add(fill.price, fill.size);
      size += fill.size;
    }
    if (size === 0) return;
    const price = average.levelAt(entry.sign * Math.round(ticks * tickInt), tickInt, entry.sign === 1);
    if (price !== takeProfit.price) size += this.#withdraw(takeProfit);
    takeProfit.price = price;
    const order = this.#ours.count;
    this.roles[order] = { takeProfit };
    takeProfit.orders.push(order);
    takeProfit.sent.push(order);
    this.#pass.place({ ...this.#leaving(entry, size, nowNs), kind: 'limit', price });
  }

  /** Cancels what rests of a take-profit; gives its quantity. */
  #withdraw(takeProfit: TakeProfit): number {
    let size = 0;
    for (const order of takeProfit.orders) {
      if (!this.#isLive(order)) continue;
      size += this.#ours.left[order]!;
      this.#pass.cancel(order);
    }
    takeProfit.orders = [];
    return size;
  }

  #placeStops(): void {
    if (this.#changed.size === 0) return;
    const { tickInt } = this.#settings;
    for (const { average, sign, takeProfits } of this.#changed) {
      const stops = this.#stops[sign === 1 ? 0 : 1];
      for (const position of takeProfits.flatMap(({ positions }) => positions)) {
        if (position.reason !== exitReason.none || position.trigger !== null) continue;
        const level = average.levelAt(-sign * Math.round(position.slTicks * tickInt), tickInt, sign === 1);
        if (level === position.stop) continue;
        stops.remove(position.number, position.stop);
        stops.add(position.number, level);
        position.stop = level;
      }
    }
    this.#changed.clear();
  }

  #checkQuotes(nowNs: number): void {
    const { bids, asks, valid } = this.#pass.book;
    if (this.#settings.trigger !== 'quote' || !valid) return;
    for (const number of this.#stops[0].reached(bids.best)) this.#trigger(number, nowNs);
    for (const number of this.#stops[1].reached(asks.best)) this.#trigger(number, nowNs);
  }

  #trigger(number: number, tsNs: number): void {
    const position = this.positions[number]!;
    const { entry, fills } = position.takeProfit;
    const { event, lastMid: mid } = this.#pass;
    if (position.reason !== exitReason.none || tsNs > entry.fills[0]!.tsNs + entry.rules.maxHoldNs) return;
    const earlier = fills.filter((fill) => !isVoid(fill, event));
    if (!this.#isLive(entry.order) && quantityOf(earlier) === entry.average.quantity) {
      this.#settle(position, exitReason.takeProfit, mid);
      return;
    }
    position.trigger = { tsNs, event, mid };
    this.#call(call.exit, number, tsNs + entry.rules.exitLatencyNs, true);
  }

  #leaveByStop(position: Position, nowNs: number): void {
    if (position.reason === exitReason.none) this.#close(position, exitReason.stop, position.trigger!.mid, nowNs);
  }

  #timeOut({ takeProfits, timeoutMid }: Entry, nowNs: number): void {
    for (const position of takeProfits.flatMap(({ positions }) => positions)) {
      if (position.reason !== exitReason.none) continue;
      // A stop that was triggered at the very time of the decision came before it.
      if (position.trigger !== null) this.#leaveByStop(position, nowNs);
      else this.#close(position, exitReason.timeout, timeoutMid, nowNs);
    }
  }

  #close(position: Position, reason: number, mid: number, nowNs: number): void {
    const held = this.#settle(position, reason, mid);
    if (held > 0) this.#leave(position, held, nowNs);
  }

  /** Ends a position's part in what it shares; gives what it holds. */
  #settle(position: Position, reason: number, mid: number): number {
    const { takeProfit, trigger } = position;
    const { entry } = takeProfit;
    position.entryFills = entry.fills.length;
    position.profitFills = takeProfit.fills.filter((fill) => trigger === null || !isVoid(fill, trigger.event));
    position.voidFills = takeProfit.fills.length - position.profitFills.length;
    const held = heldBy(position);
    position.reason = held === 0 ? exitReason.takeProfit : reason;
    position.exitMid = mid;
    this.#stops[entry.sign === 1 ? 0 : 1].remove(position.number, position.stop);
    if (--takeProfit.open === 0) this.#withdraw(takeProfit);
    if (--entry.open === 0) this.#pass.cancel(entry.order);
    return held;
  }

  /** Sends a market order for what is held. */
  #leave(position: Position, size: number, nowNs: number): void {
    const order = this.#ours.count;
    this.roles[order] = { position };
    position.exitOrders.push(order);
    if (Number.isNaN(position.exitArrivalNs)) position.exitArrivalNs = nowNs;
    this.#pass.place({ ...this.#leaving(position.takeProfit.entry, size, nowNs), kind: 'market', price: 0 });
  }

  #leaving({ order, sign }: Entry, size: number, arrivalNs: number): Omit<OurOrder, 'kind' | 'price'> {
    const withoutMet = this.#ours.withoutMet[order] === 1;
    return { arrivalNs, side: sign === 1 ? 'A' : 'B', size, maxWaitNs: Number.POSITIVE_INFINITY, withoutMet };
  }

  #isLive(order: number): boolean {
    const state = this.#ours.outcome[order];
    return state === outcome.resting || state === outcome.waiting;
  }

  #keepProbe(entry: Entry, nowNs: number): void {
    const fromNs = entry.fills[0]?.tsNs ?? this.#ours.expiryNs[entry.order]!;
    if (entry.fills.length === 0 && nowNs === fromNs) entry.missMid = this.#pass.lastMid;
    const at = this.#settings.probesNs.findIndex((ns) => fromNs + ns === nowNs);
    if (at >= 0) entry.probes[at] = this.#pass.lastMid;
  }

  #call(kind: number, number: number, timeNs: number, isWithdrawal = false): void {
    this.#pass.callAt(timeNs, number * callKinds + kind, isWithdrawal);
  }
}

/** Whether a take-profit's fill is void where the stop was triggered in event `event`; 0 is no event. */
function isVoid(fill: PositionFill, event: number): boolean {
  return event !== 0 && fill.event === event;
}

/** What a position held when it was left by market. */
function heldBy({ takeProfit: { entry }, entryFills, profitFills }: Position): number {
  return quantityOf(entry.fills.slice(0, entryFills)) - quantityOf(profitFills);
}
