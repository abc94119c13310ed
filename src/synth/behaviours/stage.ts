import { away, type QueueBook, type Side } from '../book.ts';
import type { Exchange } from '../exchange.ts';
import type { OwnOrder } from '../execution.ts';
import type { Random } from '../random.ts';
import type { TruthEvent, TruthLog } from '../truth.ts';

type Task = (timeNs: number) => void;

/** An own order of this size or more is a large order, beyond nearly all that the flow draws. */
export const largeSize = 25;

/**
 * Where planted traders act: between the events of the flow, at times of their own. Everything that they do goes through the
 * exchange, so the flow sees it and answers.
 */
export class Stage {
  readonly exchange: Exchange;
  readonly book: QueueBook;
  readonly random: Random;
  readonly #truth: TruthLog | null;
  /** Due tasks, the next one last. */
  readonly #tasks: { readonly timeNs: number; readonly task: Task }[] = [];

  constructor(exchange: Exchange, random: Random, truth: TruthLog | null) {
    this.exchange = exchange;
    this.book = exchange.book;
    this.random = random;
    this.#truth = truth;
  }

  /** Calls `task` at a time, nanoseconds since the session's start; those of one time in the order of their calls. */
  at(timeNs: number, task: Task): void {
    const tasks = this.#tasks;
    let low = 0;
    let high = tasks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tasks[middle]!.timeNs > timeNs) low = middle + 1;
      else high = middle;
    }
    tasks.splice(low, 0, { timeNs, task });
  }

  /** Calls `task` so often a minute on average, at independent times. */
  often(perMinute: number, task: Task): void {
    const wait = () => (60e9 / perMinute) * this.random.exponential();
    const act = (timeNs: number): void => {
      task(timeNs);
      this.at(timeNs + wait(), act);
    };
    this.at(wait(), act);
  }

  /** Does the next task that is due before `timeNs`; false when there is none. */
  actBefore(timeNs: number): boolean {
    const next = this.#tasks.at(-1);
    if (next === undefined || next.timeNs >= timeNs) return false;
    this.#tasks.pop();
    next.task(next.timeNs);
    return true;
  }

  /** Uniform in [low, high), and a whole number in [low, high]. */
  between(low: number, high: number): number {
    return low + (high - low) * this.random.unit();
  }

  whole(low: number, high: number): number {
    return low + this.random.below(high - low + 1);
  }

  side(): Side {
    return this.random.below(2) as Side;
  }

  /** Whether a side may quote a level without crossing, and the level is no farther than `ticks` from its best price. */
  canQuote(side: Side, level: number, ticks: number): boolean {
    const { best } = this.book;
    const other = best[1 - side]!;
    return (other - level) * away(side) < 0 && (level - best[side]!) * away(side) <= ticks;
  }

  /** A watched order `distance` ticks behind the best price of its side; a large one is told. */
  addAt(timeNs: number, side: Side, distance: number, size: number): OwnOrder {
    return this.addLevel(timeNs, side, this.book.best[side]! + away(side) * distance, size);
  }

  addLevel(timeNs: number, side: Side, level: number, size: number): OwnOrder {
    const order = this.exchange.addOwn(timeNs, side, level, size);
    if (size >= largeSize) this.tellOrder('large_order', null, order, order.addedNs, [order.addSequence]);
    return order;
  }

  /** Cancels what is left of a watched order. */
  cancel(timeNs: number, order: OwnOrder): void {
    if (!order.isGone) this.exchange.cancel(timeNs, order.slot);
  }

  /** Displayed contracts that would be executed before an order and with it. */
  through(order: OwnOrder): number {
    let sum = 0;
    for (let slot = this.book.head[order.level]!; slot !== order.slot; slot = this.book.next[slot]!) {
      sum += this.book.size[slot]!;
    }
    return sum + this.book.size[order.slot]!;
  }

  isBest({ side, level }: OwnOrder): boolean {
    return this.book.best[side] === level;
  }

  tell(event: TruthEvent): void {
    this.#truth?.add(event);
  }

  /** Writes down what one order did until now. */
  tellOrder(
    kind: TruthEvent['kind'],
    lookalike: string | null,
    { id, side, level, size }: OwnOrder,
    startNs: number,
    sequences: readonly number[],
  ): void {
    const tsNs = this.exchange.eventNs;
    this.tell({ kind, lookalike, tsNs, startNs, side, level, size, levels: 1, orderIds: [id], sequences });
  }
}
