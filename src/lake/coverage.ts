import type { CaptureWindow, ProductType } from '../config/index.ts';
import {
  action,
  type Gap,
  GapList,
  isUndefinedTimestamp,
  mboWord as mboWords,
  type RecordBatch,
  rtypeMbo,
} from '../dbn/index.ts';
import { Admission, type AdmissionOptions, eventTimeWord, verdict, warmUpNs } from '../engine/index.ts';
import { formatDurationS, formatPriceInt, plural } from '../format.ts';

/**
 * How much of a capture the records cover, as a manifest stores it. Moments and lengths in nanoseconds; moments since the
 * session's start, null where there is none.
 */
export interface Coverage {
  readonly last_event_ns: number | null;
  /** Stretches of at least `longGapNs` without an event: of a stock in its regular hours alone. */
  readonly long_gaps: number;
  readonly longest_gap_start_ns: number | null;
  readonly longest_gap_ns: number;
  /** Adds and modifies at prices below $1 between two ticks of the grid. */
  readonly off_grid_prices: number;
  /** Of a live recording: how much of the warm-up before the first bin it lacks; absent where it lacks none. */
  readonly warm_up_short_ns?: number;
  /** Marked gaps of a live recording between the session's start and the capture's end; absent where there is none. */
  readonly gaps?: CoverageGaps;
}

export interface CoverageGaps {
  readonly count: number;
  /** Time that they cover together. */
  readonly missing_ns: number;
  /** The first 1,000 of them. */
  readonly list: readonly { readonly from_ns: number; readonly to_ns: number; readonly cause: string }[];
}

/** What shapes the words about a coverage. */
export interface CoverageSubject {
  readonly capture: CaptureWindow;
  readonly productType: ProductType;
  /** Tick of the grid in 1e-9. */
  readonly tickInt: number;
}

/** A stretch without an event that is this long is worth a sentence: the shortest halt of a stock lasts so long. */
export const longGapNs = 5 * 60e9;
/** Regular trading of stocks: the last hours of their session, from 09:30. */
const regularHoursNs = 6.5 * 3600e9;

// V8 reads an imported binding through a module cell and inlines a module-local const: 7 % of the replay.
const mboWord = { ...mboWords };
const { add: actionAdd, modify: actionModify } = action;
const { event } = verdict;
const dollarInt = 1e9;

/** Watches the records of a capture go by: when events stop, and which prices the grid cannot hold apart. */
export class CoverageWatch {
  readonly #admission: Admission | null;
  readonly #tickInt: number;
  readonly #sessionLo: number;
  readonly #sessionHi: number;
  readonly #endNs: number;
  /** From here on stretches without an event count. */
  readonly #fromNs: number;
  #nowNs: number;
  #anyEvent = false;
  #isDone = false;
  #longGaps = 0;
  #longestStartNs = 0;
  #longestNs = 0;
  #offGrid = 0;
  readonly #capture: CaptureWindow;
  readonly #gaps = new GapList();
  /** Time of a recording's first order record, since the session's start; null before it, and for historical files. */
  #recordedFromNs: number | null = null;
  #awaitsFirstRecord: boolean;

  /**
   * @param followed whose records count; null for all of a file
   * @param isRecording whether the file is a live recording: its metadata has no schema
   */
  constructor(
    { capture, productType, tickInt }: CoverageSubject,
    followed: Pick<AdmissionOptions, 'symbol' | 'instrumentId' | 'publisherId'> | null,
    isRecording: boolean,
  ) {
    this.#awaitsFirstRecord = isRecording;
    const { sessionStartNs, sessionEndNs, startNs, endNs } = capture;
    this.#capture = capture;
    const relative = (ns: bigint): number => Number(ns - sessionStartNs);
    const session = { startNs: sessionStartNs, endNs: sessionEndNs };
    this.#admission = followed === null ? null : new Admission({ ...followed, session });
    this.#tickInt = tickInt;
    this.#sessionLo = Number(sessionStartNs & 0xffffffffn);
    this.#sessionHi = Number(sessionStartNs >> 32n);
    this.#endNs = relative(endNs ?? sessionEndNs);
    const regularNs = productType === 'equity_mbo' ? relative(sessionEndNs) - regularHoursNs : 0;
    this.#fromNs = Math.max(relative(startNs), regularNs);
    this.#nowNs = relative(startNs);
  }

  add(batch: RecordBatch): void {
    const { rtype, words, count, recordBytes } = batch;
    const admission = this.#admission;
    if (rtype !== rtypeMbo) {
      admission?.map(batch);
      this.#gaps.add(batch, (gap) => this.#isInCapture(gap));
    }
    if (rtype !== rtypeMbo || this.#isDone) return;
    if (this.#awaitsFirstRecord) {
      this.#awaitsFirstRecord = false;
      this.#recordedFromNs = this.#timeOf(words, 0);
    }
    const stride = recordBytes >>> 2;
    const [endNs, tickInt] = [this.#endNs, this.#tickInt];
    let nowNs = this.#nowNs;
    let offGrid = 0;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      if (admission !== null && admission.admit(words, at) !== event) continue;
      const ns = admission === null ? this.#timeOf(words, at) : admission.nowNs;
      admission?.accept();
      if (ns >= endNs) {
        // What comes later is no part of the capture, however the records are cut into batches.
        this.#isDone = true;
        break;
      }
      if (ns > nowNs) {
        if (ns - nowNs >= longGapNs) this.#addGap(nowNs, ns);
        nowNs = ns;
      }
      // Prices below $1 fit one word.
      if (words[at + mboWord.priceHi] !== 0 || words[at + mboWord.priceLo]! >= dollarInt) continue;
      const code = (words[at + mboWord.flagsChannelActionSide]! >>> 16) & 0xff;
      if (code !== actionAdd && code !== actionModify) continue;
      if (words[at + mboWord.priceLo]! % tickInt !== 0) offGrid++;
    }
    this.#anyEvent ||= nowNs > this.#nowNs;
    this.#nowNs = nowNs;
    this.#offGrid += offGrid;
  }

  #isInCapture({ fromNs, toNs }: Gap): boolean {
    const { sessionStartNs, sessionEndNs, endNs } = this.#capture;
    return !this.#isDone && toNs >= sessionStartNs && fromNs < (endNs ?? sessionEndNs);
  }

  /** Event time of a record since the session's start; NaN where it has none. */
  #timeOf(words: Uint32Array, at: number): number {
    const timeAt = eventTimeWord(words, at);
    const [lo, hi] = [words[timeAt]!, words[timeAt + 1]!];
    if (isUndefinedTimestamp(lo, hi)) return Number.NaN;
    return (hi - this.#sessionHi) * 4294967296 + (lo - this.#sessionLo);
  }

  #addGap(nowNs: number, ns: number): void {
    const fromNs = Math.max(nowNs, this.#fromNs);
    const lengthNs = ns - fromNs;
    if (lengthNs < longGapNs) return;
    this.#longGaps++;
    if (lengthNs <= this.#longestNs) return;
    this.#longestNs = lengthNs;
    this.#longestStartNs = fromNs;
  }

  report(): Coverage {
    return {
      last_event_ns: this.#anyEvent ? this.#nowNs : null,
      long_gaps: this.#longGaps,
      longest_gap_start_ns: this.#longGaps > 0 ? this.#longestStartNs : null,
      longest_gap_ns: this.#longestNs,
      off_grid_prices: this.#offGrid,
      ...this.#reportWarmUp(),
      ...(this.#gaps.count > 0 && { gaps: this.#reportGaps() }),
    };
  }

  #reportWarmUp(): Pick<Coverage, 'warm_up_short_ns'> {
    const startNs = Number(this.#capture.startNs - this.#capture.sessionStartNs);
    const shortNs = Math.min((this.#recordedFromNs ?? Number.NaN) - (startNs - warmUpNs), warmUpNs);
    return shortNs > 0 ? { warm_up_short_ns: shortNs } : {};
  }

  #reportGaps(): CoverageGaps {
    const { count, missingNs, listed } = this.#gaps;
    const relative = (ns: bigint): number => Number(ns - this.#capture.sessionStartNs);
    return {
      count,
      missing_ns: Number(missingNs),
      list: listed.map(({ fromNs, toNs, cause }) => ({ from_ns: relative(fromNs), to_ns: relative(toNs), cause })),
    };
  }
}

/** How long before the capture's end the last event is; 0 where it is not worth a word. */
export function endsEarlyNs({ last_event_ns }: Coverage, captureEndNs: number | null): number {
  if (last_event_ns === null || captureEndNs === null) return 0;
  const earlyNs = captureEndNs - last_event_ns;
  return earlyNs >= longGapNs ? earlyNs : 0;
}

/** What a coverage lacks, in sentences; empty for a capture that is covered from start to end. */
export function describeCoverage(coverage: Coverage, { capture, productType, tickInt }: CoverageSubject): string[] {
  const isStock = productType === 'equity_mbo';
  const { sessionStartNs, sessionEndNs, endNs } = capture;
  const clock = (ns: number): string =>
    Temporal.Instant.fromEpochNanoseconds(sessionStartNs + BigInt(Math.round(ns)))
      .toZonedDateTimeISO('America/New_York')
      .toPlainTime()
      .toString({ smallestUnit: 'second' });
  const { last_event_ns, long_gaps, longest_gap_start_ns, longest_gap_ns, off_grid_prices } = coverage;
  const sentences: string[] = [];
  if (coverage.warm_up_short_ns !== undefined) {
    sentences.push(
      `the recording began too late: the warm-up is short by ${formatDurationS(coverage.warm_up_short_ns / 1e9)}, so its numbers ` +
        'are not those of a whole recording',
    );
  }
  if (coverage.gaps !== undefined) sentences.push(gapsSentence(coverage.gaps, clock));
  const earlyNs = endsEarlyNs(coverage, Number((endNs ?? sessionEndNs) - sessionStartNs));
  if (last_event_ns !== null && earlyNs > 0) {
    sentences.push(
      `the last event is at ${clock(last_event_ns)} New York time, ${formatDurationS(earlyNs / 1e9)} before the capture's ` +
        `end: ${isStock ? 'a half-day' : 'an early close'}, a halt, or a file that was cut`,
    );
  }
  if (longest_gap_start_ns !== null) {
    const span = `${formatDurationS(longest_gap_ns / 1e9)} from ${clock(longest_gap_start_ns)} New York time`;
    sentences.push(
      `${plural(long_gaps, 'stretch', 'stretches')} of 5 minutes or more without an event${isStock ? ' in regular hours' : ''}, ` +
        `the longest ${span}: ${isStock ? 'a halt' : 'a break of trading, a halt'}, or missing records; the book stands ` +
        'still there and counts as valid',
    );
  }
  if (off_grid_prices > 0) {
    const why = isStock ? ' (below $1 stocks move in smaller steps)' : '';
    sentences.push(
      `${plural(off_grid_prices, 'order')} at prices between two ticks of the grid of $${formatPriceInt(BigInt(tickInt))}${why}: ` +
        'they count at the nearest tick, together with other prices',
    );
  }
  return sentences;
}

/** The marked gaps of a capture in one sentence: how many, how long, and where the longest is. */
function gapsSentence({ count, missing_ns, list }: CoverageGaps, clock: (ns: number) => string): string {
  const longest = list.reduce((most, gap) => (gap.to_ns - gap.from_ns > most.to_ns - most.from_ns ? gap : most));
  const many =
    count === 1 || missing_ns === 0
      ? ''
      : ` together, the longest ${formatDurationS((longest.to_ns - longest.from_ns) / 1e9)}`;
  const length = missing_ns > 0 ? formatDurationS(missing_ns / 1e9) : 'of a length that is not known,';
  return (
    `${plural(count, 'gap')} in the recording, ${length}${many} from ${clock(longest.from_ns)} ` +
    `New York time (${longest.cause}): the book is empty there, and not valid until the next snapshot or clear`
  );
}
