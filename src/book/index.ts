export { Book, type BookCounters, change } from './book.ts';
export { sideAsk, sideBid } from './order_table.ts';
export type { PriceLevels } from './price_levels.ts';
