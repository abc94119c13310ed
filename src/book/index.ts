export { Admission, type AdmissionCounters, type AdmissionOptions, eventTimeWord, verdict } from './admission.ts';
export { Book, type BookCounters, change } from './book.ts';
export { activityFields, BookActivity } from './book_activity.ts';
export { type FeedClock, InstrumentFeed } from './instrument_feed.ts';
export { OrderTable, sideAsk, sideBid } from './order_table.ts';
export type { PriceLevels } from './price_levels.ts';
export { actsOnBook, PublisherCounts } from './publisher_counts.ts';
