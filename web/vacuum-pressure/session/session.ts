import type { BinSummary } from './bin_summary.ts';
import type { BookDepth } from './book_depth.ts';
import type { SessionContract } from './contract.ts';
import type { EventLedger } from './event_ledger.ts';
import type { FeatureLedger } from './feature_ledger.ts';
import type { FillGroups } from './fill_groups.ts';
import type { FillLedger } from './fills.ts';
import type { MarkGroups } from './mark_groups.ts';
import type { RecentBooks } from './recent_books.ts';
import type { SessionStore } from './session_store.ts';
import type { TradeLedger } from './trade_ledger.ts';

/** A stream's contract and everything received so far. */
export interface Session {
  readonly contract: SessionContract;
  readonly store: SessionStore;
  /** The book beyond the window of the grid. */
  readonly book: BookDepth;
  /** The books and activity of the newest bins, for the ladder. */
  readonly recent: RecentBooks;
  readonly trades: TradeLedger;
  readonly events: EventLedger;
  /** Its events, gathered for the marks on the chart. */
  readonly markGroups: MarkGroups;
  readonly features: FeatureLedger;
  readonly fills: FillLedger;
  readonly fillGroups: FillGroups;
  readonly summary: BinSummary;
}
