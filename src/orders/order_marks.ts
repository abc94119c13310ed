/** Marks that events put at orders in the book; they go when an order comes to another price. */
export const orderMark = {
  /** It was large at its add, and near the best price. */
  largeNear: 1,
  /** It was executed at its price. */
  executed: 2,
  /** It is an iceberg of the table of icebergs. */
  iceberg: 4,
  /** It is the last order of a chain of replacements. */
  chained: 8,
} as const;
