/** Follows what happens to orders of ours while records pass by, and may add to them when it is `called`. */
export interface OrderWatcher {
  /** An order got a fill, by a `fillReason`. */
  filled(order: number, tsNs: number, price: number, size: number, reason: number): void;
  /** An order met a book that was valid, and took what was in its reach. */
  entered(order: number, tsNs: number): void;
  /** Orders were cancelled by a clear or snapshot of the book. */
  cleared(orders: readonly number[], nowNs: number): void;
  /** The feed shows a trade: a T, or the executions of one that names no side. */
  traded(price: number, nowNs: number): void;
  /** An event is over. */
  eventEnded(nowNs: number): void;
  /** A time has come that it asked for, between two events. */
  called(number: number, nowNs: number): void;
}
