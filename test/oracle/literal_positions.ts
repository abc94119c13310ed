import type { OurOrder } from '../../src/execution/index.ts';
import { LiteralExecution, type LiteralFill, type LiteralOrder } from './literal_execution.ts';

export interface LiteralRules {
  readonly exitLatencyNs: number;
  readonly maxHoldNs: number;
  readonly tickInt: number;
  readonly trigger: 'trade' | 'quote';
}

/** A position to open: an entry of its own, and where to leave. */
export interface LiteralPlan {
  readonly order: OurOrder;
  readonly tpTicks: number;
  readonly slTicks: number;
}

type Event = { readonly number: number };
type Known = LiteralFill & { readonly event: number };

/** One position as a person would follow it on paper. */
export interface LiteralPosition {
  readonly plan: LiteralPlan;
  readonly entry: LiteralOrder;
  /** Fills of the entry, of the take-profit, of what left it; those of the take-profit with their event, 0 between two. */
  readonly entered: LiteralFill[];
  readonly profits: Known[];
  readonly exits: LiteralFill[];
  profitOrders: LiteralOrder[];
  exitOrders: LiteralOrder[];
  profitPrice: bigint | null;
  /** Times at which take-profits are due, with what is then to be sent anew. */
  due: { readonly tsNs: number; readonly size: number; readonly fills: number }[];
  trigger: { readonly tsNs: number; readonly event: number } | null;
  reason: 'none' | 'takeProfit' | 'stop' | 'timeout' | 'sessionEnd';
  voidFills: number;
  closedAtMid: number;
}

/** Rule 4 as it is written: every position has orders of its own, and every trade and event looks at every position. */
export class LiteralPositions extends LiteralExecution {
  readonly positions: LiteralPosition[] = [];
  readonly #rules: LiteralRules;
  #event: Event = { number: 1 };

  constructor(plans: readonly LiteralPlan[], rules: LiteralRules) {
    super([]);
    this.#rules = rules;
    for (const plan of plans) {
      this.positions.push({
        ...{ plan, entry: this.add(plan.order), entered: [], profits: [], exits: [], profitOrders: [], exitOrders: [] },
        ...{ profitPrice: null, due: [], trigger: null, reason: 'none', voidFills: 0, closedAtMid: 0 },
      });
    }
  }

  /** Leaves what is open at the last event. */
  end(): void {
    for (const position of this.positions) {
      if (position.entered.length === 0) continue;
      if (position.reason === 'none') this.#leave(position, 'sessionEnd', this.nowNs);
      const held = sizeOf(position.entered) - sizeOf(this.counting(position));
      position.closedAtMid = held - sizeOf(position.exits);
    }
  }

  protected override beforeEvent(nowNs: number): void {
    while (true) {
      const next = Math.min(...this.positions.flatMap((position) => this.#times(position)));
      if (next >= nowNs) break;
      this.arriveBefore(next);
      for (const position of this.positions) this.#exitAt(position, next);
      this.arriveBefore(next + 1);
      if (this.positions.some((position) => this.#exitNs(position) <= next)) continue;
      for (const position of this.positions) this.#profitAt(position, next);
    }
    this.arriveBefore(nowNs);
    // Its arrivals may have made something due before the event.
    if (this.positions.some((position) => Math.min(...this.#times(position)) < nowNs)) this.beforeEvent(nowNs);
    this.#event = { number: this.#event.number + 1 };
  }

  #times(position: LiteralPosition): number[] {
    if (position.reason !== 'none') return [Number.POSITIVE_INFINITY];
    return [this.#exitNs(position), ...position.due.map(({ tsNs }) => tsNs)];
  }

  /** When an exit by market arrives. */
  #exitNs({ entered, trigger, reason }: LiteralPosition): number {
    if (reason !== 'none' || entered.length === 0) return Number.POSITIVE_INFINITY;
    return (trigger?.tsNs ?? entered[0]!.tsNs + this.#rules.maxHoldNs) + this.#rules.exitLatencyNs;
  }

  #exitAt(position: LiteralPosition, nowNs: number): void {
    if (this.#exitNs(position) > nowNs) return;
    this.#leave(position, position.trigger === null ? 'timeout' : 'stop', nowNs);
  }

  /** Cancels what rests, and sells what is then held. */
  #leave(position: LiteralPosition, reason: LiteralPosition['reason'], nowNs: number): void {
    const counting = this.counting(position);
    const held = sizeOf(position.entered) - sizeOf(counting);
    for (const order of [position.entry, ...position.profitOrders]) this.cancel(order);
    position.voidFills = position.profits.length - counting.length;
    position.due = [];
    position.reason = held === 0 ? 'takeProfit' : reason;
    if (held > 0 && !this.isInEvent) this.#sell(position, held, nowNs);
  }

  #sell(position: LiteralPosition, size: number, nowNs: number): void {
    const order = { arrivalNs: nowNs, side: otherSide(position), kind: 'market', price: 0, size } as const;
    this.#placing = (our) => position.exitOrders.push(our);
    this.place({ ...order, maxWaitNs: Number.POSITIVE_INFINITY });
  }

  /** Takes an order before its first fill. */
  #placing: ((our: LiteralOrder) => void) | null = null;

  override add(order: OurOrder): LiteralOrder {
    const our = super.add(order);
    this.#placing?.(our);
    this.#placing = null;
    return our;
  }

  #profitAt(position: LiteralPosition, nowNs: number): void {
    const due = position.due.filter(({ tsNs }) => tsNs <= nowNs);
    if (position.reason !== 'none' || due.length === 0) return;
    position.due = position.due.filter(({ tsNs }) => tsNs > nowNs);
    const fills = position.entered.filter(({ tsNs }) => tsNs + this.#rules.exitLatencyNs <= nowNs);
    const price = this.#level(fills, position.plan.tpTicks * (position.plan.order.side === 'B' ? 1 : -1), position);
    let size = due.reduce((sum, one) => sum + one.size, 0);
    if (price !== position.profitPrice) {
      for (const order of position.profitOrders) {
        if (order.outcome !== 'resting' && order.outcome !== 'waiting') continue;
        size += order.left;
        this.cancel(order);
      }
      position.profitOrders = [];
    }
    position.profitPrice = price;
    const order = { arrivalNs: nowNs, side: otherSide(position), kind: 'limit', price: Number(price), size } as const;
    this.#placing = (our) => position.profitOrders.push(our);
    this.place({ ...order, maxWaitNs: Number.POSITIVE_INFINITY });
  }

  /** The average price of fills and so many ticks from it, on the tick that is further up for a long position. */
  #level(fills: readonly LiteralFill[], ticks: number, { plan }: LiteralPosition): bigint {
    const tick = BigInt(this.#rules.tickInt);
    const quantity = BigInt(sizeOf(fills));
    const total = fills.reduce((sum, { price, size }) => sum + price * BigInt(size), 0n);
    const exact = total + BigInt(Math.round(ticks * this.#rules.tickInt)) * quantity;
    const unit = tick * quantity;
    const down = (exact - (((exact % unit) + unit) % unit)) / unit;
    return (plan.order.side === 'B' && down * unit !== exact ? down + 1n : down) * tick;
  }

  protected override onFill(our: LiteralOrder): void {
    const fill = our.fills.at(-1)!;
    for (const position of this.positions) {
      if (position.entry === our) {
        position.entered.push(fill);
        const tsNs = fill.tsNs + this.#rules.exitLatencyNs;
        position.due.push({ tsNs, size: fill.size, fills: position.entered.length });
      }
      const event = this.isInEvent ? this.#event.number : 0;
      if (position.profitOrders.includes(our)) position.profits.push({ ...fill, event });
      if (position.exitOrders.includes(our)) position.exits.push(fill);
    }
  }

  protected override onTrade(price: bigint, nowNs: number): void {
    if (this.#rules.trigger === 'trade') for (const position of this.positions) this.#reach(position, price, nowNs);
  }

  protected override onEntered(our: LiteralOrder, tsNs: number): void {
    if (this.positions.some(({ entry }) => entry === our)) this.#quote(tsNs);
  }

  protected override onEventEnd(nowNs: number): void {
    this.#quote(nowNs);
  }

  #quote(nowNs: number): void {
    if (this.#rules.trigger !== 'quote' || !this.book.valid) return;
    for (const position of this.positions) {
      this.#reach(position, this.book.best(position.plan.order.side)!, nowNs);
    }
  }

  #reach(position: LiteralPosition, price: bigint, nowNs: number): void {
    const { entered, entry, plan, trigger, reason } = position;
    if (entered.length === 0 || trigger !== null || reason !== 'none') return;
    if (nowNs > entered[0]!.tsNs + this.#rules.maxHoldNs) return;
    const isLong = plan.order.side === 'B';
    const stop = this.#level(entered, isLong ? -plan.slTicks : plan.slTicks, position);
    if (isLong ? price > stop : price < stop) return;
    const event = this.isInEvent ? this.#event.number : 0;
    const earlier = position.profits.filter((fill) => event === 0 || fill.event !== event);
    if (entry.outcome !== 'resting' && sizeOf(earlier) === sizeOf(entered)) return;
    position.trigger = { tsNs: nowNs, event };
  }

  protected override onCleared(orders: readonly LiteralOrder[], nowNs: number): void {
    for (const position of this.positions) {
      for (const order of orders) {
        if (position.exitOrders.includes(order)) this.#sell(position, order.left, nowNs);
        if (!position.profitOrders.includes(order) || position.reason !== 'none') continue;
        position.due.push({ tsNs: nowNs + this.#rules.exitLatencyNs, size: order.left, fills: 0 });
      }
    }
  }

  /** Fills of its take-profit that are not void. */
  counting({ profits, trigger }: LiteralPosition): Known[] {
    return profits.filter((fill) => trigger === null || trigger.event === 0 || fill.event !== trigger.event);
  }
}

function otherSide({ plan }: LiteralPosition): 'A' | 'B' {
  return plan.order.side === 'B' ? 'A' : 'B';
}

function sizeOf(fills: readonly { readonly size: number }[]): number {
  return fills.reduce((sum, { size }) => sum + size, 0);
}
