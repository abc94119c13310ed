/**
 * Whether a modify at the same price sends an order to the back of its queue: growth beyond what its executions in the event
 * left of it, as by an iceberg's refill, or a change of nothing at all.
 * @param executed since its last modify or partial cancel in the event
 */
export function losesPlace(oldSize: number, newSize: number, executed: number): boolean {
  return executed > 0 ? newSize > Math.max(0, oldSize - executed) : newSize >= oldSize;
}
