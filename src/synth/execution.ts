import type { Side } from './book.ts';

/** One aggressor of an event: what it took, price by price. */
export interface Aggressor {
  readonly id: number;
  readonly taker: Side;
  /** A new order, one that rested and was moved, or a stop that another aggressor triggered. */
  readonly type: 'market' | 'modified' | 'stop';
  size: number;
  readonly levels: number[];
  /** The resting orders that it executed. */
  readonly fillIds: number[];
  /** Sequence of its records. */
  readonly sequence: number;
}

/** What an event executed of one resting order. */
export interface ExecutedOrder {
  readonly id: number;
  readonly level: number;
  /** Executed, and displayed before. */
  readonly size: number;
  readonly shown: number;
  /** Whether hidden quantity was executed or came to light. */
  readonly isRevealed: boolean;
  /** Whether it left the book. */
  readonly isGone: boolean;
}

/** One event with executions. */
export interface Execution {
  readonly tsNs: number;
  /** Sequence of the changes of the book. */
  readonly sequence: number;
  readonly aggressors: readonly Aggressor[];
  readonly orders: readonly ExecutedOrder[];
}

/** A resting order that its owner watches: the flow leaves it alone, executions reach it. */
export interface OwnOrder {
  readonly id: number;
  readonly side: Side;
  readonly level: number;
  readonly slot: number;
  /** Size at its add. */
  readonly size: number;
  readonly addedNs: number;
  readonly addSequence: number;
  executed: number;
  /** Time and sequence of the last change of the book by an execution. */
  executedNs: number;
  executedSequence: number;
  isGone: boolean;
  /** Called in the event that executes the last of it. */
  whenExecuted: (() => void) | null;
}
