import type { GridUpdate } from './messages.ts';

/**
 * The prices of a bin, and the sides of the book that each is made of. A price without one of its sides does not exist: on
 * the stream its number is 0, in tables it is NULL. The number itself tells nothing, since prices may be 0 or negative.
 */
export const sidesOfPrice = {
  mid_price: ['has_bid', 'has_ask'],
  spot_ref_price_int: ['has_bid', 'has_ask'],
  best_bid_price_int: ['has_bid'],
  best_ask_price_int: ['has_ask'],
} as const satisfies Partial<Record<keyof GridUpdate, readonly ('has_bid' | 'has_ask')[]>>;

/** Whether a field of `grid_update` is a price that may be missing. */
export function isPrice(name: string): name is keyof typeof sidesOfPrice {
  return Object.hasOwn(sidesOfPrice, name);
}

/** Whether a bin lacks a side that the price needs. */
export function isPriceMissing(name: keyof typeof sidesOfPrice, update: GridUpdate): boolean {
  return sidesOfPrice[name].some((side) => !update[side]);
}
