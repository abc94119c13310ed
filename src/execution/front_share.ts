import type { PriorityQueues } from './priority_queues.ts';

/** Below this share of executions at the front of their queue a market does not execute first in, first out. */
export const leastFrontShare = 0.995;

/**
 * Measures whether a market executes first in, first out: the share of executions at the front of their queue. Two kinds of orders
 * count as gone although they still stand before an executed one: those that are cancelled without an execution in the same event
 * (self-match prevention, after the executions of orders behind them), and those whose displayed quantity is executed in the same
 * event (an iceberg that refills is reported last). Auctions count; an aggressor's own executions and those of unknown orders do not.
 */
export class FrontShare {
  /** Executions of resting orders. */
  executions = 0;
  /** Those with a displayed order before theirs. */
  notAtFront = 0;
  /** Of each execution of this event that is in doubt: orders before its own that nothing excuses yet. */
  #before: number[] = [];
  /** The executions in doubt of this event that wait for an order, by the order's node. */
  readonly #suspects = new Map<number, number[]>();

  /** The share at the front, 0 to 1; NaN without an execution. */
  get share(): number {
    return (this.executions - this.notAtFront) / this.executions;
  }

  /** Judges an execution of `node`, which its queue has noted. */
  execute(queues: PriorityQueues, node: number, event: number): void {
    this.executions++;
    if (this.#suspects.size > 0 && queues.executed(node, event) >= queues.size(node)) this.#excuse(node);
    const first = queues.first(queues.side(node), queues.price(node));
    if (first === node) return;
    let before = 0;
    for (let other = first; other !== node; other = queues.next(other)) {
      if (queues.executed(other, event) >= queues.size(other)) continue;
      before++;
      const waiting = this.#suspects.get(other);
      if (waiting === undefined) this.#suspects.set(other, [this.#before.length]);
      else waiting.push(this.#before.length);
    }
    if (before > 0) this.#before.push(before);
  }

  /** An order leaves its queue: a cancel excuses it, if nothing of it was executed in this event. */
  leave(queues: PriorityQueues, node: number, event: number, isCancel: boolean): void {
    if (this.#suspects.size === 0) return;
    if (isCancel && !queues.wasExecuted(node, event)) this.#excuse(node);
    this.#suspects.delete(node);
  }

  /** Counts the executions that the event leaves in doubt. */
  endEvent(): void {
    if (this.#before.length === 0) return;
    for (const before of this.#before) if (before > 0) this.notAtFront++;
    this.#before = [];
    this.#suspects.clear();
  }

  #excuse(node: number): void {
    for (const execution of this.#suspects.get(node) ?? []) this.#before[execution]!--;
    this.#suspects.delete(node);
  }
}
