import type { Bin } from '../engine/index.ts';
import { type Quantiles, quantilesOf } from './feed_quality.ts';
import { LogHistogram } from './log_histogram.ts';

/** Why a bin's book is not valid at its end (model.md §2). */
export type InvalidCause = 'no_bid' | 'no_ask' | 'empty' | 'crossed' | 'locked' | 'flagged';

/** Consecutive bins whose books are not valid for the same cause. */
export interface InvalidSpan {
  readonly cause: InvalidCause;
  /** Start of the first bin, nanoseconds since the session's start. */
  readonly startNs: number;
  readonly bins: number;
}

export interface BookQuality {
  readonly bins: number;
  readonly invalidBins: number;
  readonly causes: readonly { readonly cause: InvalidCause; readonly spans: number; readonly bins: number }[];
  /** The longest, longest first. */
  readonly longestSpans: readonly InvalidSpan[];
  readonly emptyBins: number;
  readonly longestEmptyRun: { readonly bins: number; readonly startNs: number };
  readonly eventsPerBin: Quantiles;
  /** Best ask − best bid in ticks, of bins with a valid book. */
  readonly spreadTicks: Quantiles & { readonly mean: number; readonly shares: readonly number[] };
}

const spansKept = 20;
/** Spreads of 1, 2, … ticks that are counted one by one; the last takes all that are wider. */
export const spreadClasses = 6;

/** Watches the books of bins go by: one pass, bounded memory. */
export class BookWatch {
  readonly #tickInt: number;
  #bins = 0;
  #invalid = 0;
  readonly #causes = new Map<InvalidCause, { spans: number; bins: number }>();
  #span: { cause: InvalidCause; startNs: number; bins: number } | null = null;
  readonly #longest: InvalidSpan[] = [];
  #empty = 0;
  #emptyRun = { bins: 0, startNs: 0 };
  #longestEmptyRun = { bins: 0, startNs: 0 };
  readonly #events = new LogHistogram();
  readonly #spread = new LogHistogram();
  readonly #spreadCounts = new Float64Array(spreadClasses);

  /** @param tickInt the grid's tick in 1e-9 */
  constructor(tickInt: number) {
    this.#tickInt = tickInt;
  }

  add(bin: Bin): void {
    this.#bins++;
    this.#events.add(bin.eventCount);
    this.#addEmpty(bin);
    const cause = bin.bookValid ? null : causeOf(bin);
    if (this.#span !== null && this.#span.cause !== cause) this.#endSpan();
    if (cause !== null) {
      this.#invalid++;
      this.#span ??= { cause, startNs: bin.startNs, bins: 0 };
      this.#span.bins++;
      return;
    }
    const ticks = Math.round((bin.bestAskPriceInt - bin.bestBidPriceInt) / this.#tickInt);
    this.#spread.add(ticks);
    this.#spreadCounts[Math.min(Math.max(ticks, 1), spreadClasses) - 1]!++;
  }

  #addEmpty(bin: Bin): void {
    if (bin.eventCount > 0) {
      this.#emptyRun.bins = 0;
      return;
    }
    this.#empty++;
    if (this.#emptyRun.bins++ === 0) this.#emptyRun.startNs = bin.startNs;
    if (this.#emptyRun.bins > this.#longestEmptyRun.bins) this.#longestEmptyRun = { ...this.#emptyRun };
  }

  #endSpan(): void {
    const span = this.#span!;
    this.#span = null;
    const total = this.#causes.get(span.cause) ?? { spans: 0, bins: 0 };
    this.#causes.set(span.cause, { spans: total.spans + 1, bins: total.bins + span.bins });
    const place = this.#longest.findIndex((other) => other.bins < span.bins);
    this.#longest.splice(place < 0 ? this.#longest.length : place, 0, span);
    if (this.#longest.length > spansKept) this.#longest.pop();
  }

  report(): BookQuality {
    if (this.#span !== null) this.#endSpan();
    const valid = this.#bins - this.#invalid;
    return {
      bins: this.#bins,
      invalidBins: this.#invalid,
      causes: [...this.#causes]
        .map(([cause, total]) => ({ cause, ...total }))
        .sort((a, b) => b.bins - a.bins || (a.cause < b.cause ? -1 : 1)),
      longestSpans: this.#longest,
      emptyBins: this.#empty,
      longestEmptyRun: this.#longestEmptyRun,
      eventsPerBin: quantilesOf(this.#events),
      spreadTicks: {
        ...quantilesOf(this.#spread),
        mean: this.#spread.mean,
        shares: Array.from(this.#spreadCounts, (count) => (valid === 0 ? Number.NaN : count / valid)),
      },
    };
  }
}

function causeOf({ bestBidPriceInt: bid, bestAskPriceInt: ask, hasBid, hasAsk }: Bin): InvalidCause {
  if (!hasBid && !hasAsk) return 'empty';
  if (!hasBid) return 'no_bid';
  if (!hasAsk) return 'no_ask';
  if (bid === ask) return 'locked';
  return bid > ask ? 'crossed' : 'flagged';
}
