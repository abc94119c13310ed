import type { BinSummary } from './bin_summary.ts';
import type { BookDepth } from './book_depth.ts';
import type { SessionContract } from './contract.ts';
import type { FillGroups } from './fill_groups.ts';
import type { FillLedger } from './fills.ts';
import type { SessionStore } from './session_store.ts';

/** A stream's contract and everything received so far. */
export interface Session {
  readonly contract: SessionContract;
  readonly store: SessionStore;
  /** The book beyond the window of the grid. */
  readonly book: BookDepth;
  readonly fills: FillLedger;
  readonly fillGroups: FillGroups;
  readonly summary: BinSummary;
}
