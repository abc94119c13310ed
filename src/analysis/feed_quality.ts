import type { CaptureWindow } from '../config/index.ts';
import { flag as flags, isUndefinedTimestamp, mboWord as mboWords, type RecordBatch, rtypeMbo } from '../dbn/index.ts';
import { Admission, type AdmissionOptions, verdict } from '../engine/index.ts';
import { LogHistogram } from './log_histogram.ts';

/** A stretch of time without an event. Times are nanoseconds since the session's start. */
export interface Gap {
  readonly startNs: number;
  readonly lengthNs: number;
}

/** Feed quality within the capture, apart from the book. Durations in nanoseconds. */
export interface FeedQuality {
  readonly events: number;
  /** First and last event of the capture; null when there is none. */
  readonly firstNs: number | null;
  readonly lastNs: number | null;
  readonly gaps: { readonly longest: readonly Gap[]; readonly quantiles: Quantiles; readonly histogram: Histogram };
  readonly skew: {
    /** Records with both times; snapshots and records flagged as having a bad ts_recv are not among them. */
    readonly count: number;
    readonly negative: number;
    /** The most negative ts_recv − ts_event, 0 when there is none. */
    readonly mostNegativeNs: number;
    readonly badTsRecv: number;
    readonly quantiles: Quantiles;
    readonly histogram: Histogram;
  };
  readonly late: { readonly count: number; readonly maxNs: number };
  readonly rate: {
    /** Whole seconds from the capture's start to its last event. */
    readonly seconds: number;
    readonly mean: number;
    readonly max: number;
    readonly maxAtNs: number;
    readonly quietSeconds: number;
    readonly quantiles: Quantiles;
  };
  readonly actions: readonly { readonly action: string; readonly count: number }[];
}

/** Counts over [edges[i], edges[i + 1]). */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface Quantiles {
  readonly p01: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

// V8 reads an imported binding through a module cell and inlines a module-local const: 7 % of the replay.
const flag = { ...flags };
const mboWord = { ...mboWords };
const isUndefined = isUndefinedTimestamp;
const gapsKept = 20;

/** Watches the records of a capture go by: one pass, memory bounded by the session's 86,400 seconds. */
export class FeedWatch {
  readonly #admission: Admission;
  readonly #startNs: number;
  readonly #endNs: number;
  #lastNs = Number.NaN;
  #isOver = false;
  #events = 0;
  #firstNs = Number.NaN;
  #perSecond = new Uint32Array(4096);
  #seconds = 0;
  readonly #gapLengths = new LogHistogram();
  #gaps: Gap[] = [];
  readonly #skew = new LogHistogram();
  #negative = 0;
  #mostNegativeNs = 0;
  #badTsRecv = 0;
  #late = 0;
  #maxLateNs = 0;
  readonly #actions = new Float64Array(256);

  constructor(capture: CaptureWindow, followed: Pick<AdmissionOptions, 'symbol' | 'instrumentId' | 'publisherId'>) {
    const { sessionStartNs, sessionEndNs } = capture;
    this.#admission = new Admission({ ...followed, session: { startNs: sessionStartNs, endNs: sessionEndNs } });
    this.#startNs = Number(capture.startNs - sessionStartNs);
    this.#endNs = Number((capture.endNs ?? capture.sessionEndNs) - sessionStartNs);
  }

  add(batch: RecordBatch): void {
    const { rtype, words, count, recordBytes } = batch;
    if (rtype !== rtypeMbo) {
      this.#admission.map(batch);
      return;
    }
    const stride = recordBytes >>> 2;
    for (let i = 0, at = 0; i < count && !this.#isOver; i++, at += stride) {
      if (this.#admission.admit(words, at) === verdict.event) this.#addEvent(words, at);
    }
  }

  #addEvent(words: Uint32Array, at: number): void {
    const { tsNs, nowNs, clockNs, isSnapshot } = this.#admission;
    if (nowNs >= this.#endNs) {
      this.#isOver = true;
      return;
    }
    this.#admission.accept();
    if (tsNs >= clockNs) this.#advance(tsNs);
    if (nowNs < this.#startNs) return;
    this.#lastNs = nowNs;
    if (tsNs < clockNs && !isSnapshot) {
      this.#late++;
      this.#maxLateNs = Math.max(this.#maxLateNs, clockNs - tsNs);
    }
    this.#events++;
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    this.#actions[(packed >>> 16) & 0xff]!++;
    const second = Math.floor((nowNs - this.#startNs) / 1e9);
    if (second >= this.#perSecond.length) this.#growTo(second);
    this.#perSecond[second]!++;
    this.#seconds = second;
    if (!isSnapshot) this.#addSkew(words, at, packed);
  }

  #advance(tsNs: number): void {
    if (tsNs < this.#startNs) return;
    const fromNs = Number.isNaN(this.#firstNs) ? this.#startNs : this.#lastNs;
    if (Number.isNaN(this.#firstNs)) this.#firstNs = tsNs;
    const lengthNs = tsNs - fromNs;
    this.#gapLengths.add(lengthNs);
    const gaps = this.#gaps;
    if (lengthNs === 0 || (gaps.length === gapsKept && lengthNs <= gaps.at(-1)!.lengthNs)) return;
    const place = gaps.findIndex((gap) => gap.lengthNs < lengthNs);
    gaps.splice(place < 0 ? gaps.length : place, 0, { startNs: fromNs, lengthNs });
    if (gaps.length > gapsKept) gaps.pop();
  }

  #addSkew(words: Uint32Array, at: number, packed: number): void {
    const [eventLo, eventHi] = [words[at + mboWord.tsEventLo]!, words[at + mboWord.tsEventHi]!];
    const [recvLo, recvHi] = [words[at + mboWord.tsRecvLo]!, words[at + mboWord.tsRecvHi]!];
    if (isUndefined(eventLo, eventHi) || isUndefined(recvLo, recvHi)) return;
    if (packed & flag.badTsRecv) {
      this.#badTsRecv++;
      return;
    }
    const skewNs = (recvHi - eventHi) * 4294967296 + (recvLo - eventLo);
    if (skewNs < 0) {
      this.#negative++;
      if (skewNs < this.#mostNegativeNs) this.#mostNegativeNs = skewNs;
    }
    this.#skew.add(Math.max(0, skewNs));
  }

  #growTo(second: number): void {
    const grown = new Uint32Array(Math.max(2 * this.#perSecond.length, second + 1));
    grown.set(this.#perSecond);
    this.#perSecond = grown;
  }

  /** Events of each whole second since the capture's start, up to the last one that had any; a view. */
  get perSecond(): Uint32Array {
    return this.#perSecond.subarray(0, this.#events === 0 ? 0 : this.#seconds + 1);
  }

  report(): FeedQuality {
    const rates = new LogHistogram();
    const { perSecond } = this;
    let busiest = 0;
    perSecond.forEach((count, second) => {
      rates.add(count);
      if (count > perSecond[busiest]!) busiest = second;
    });
    const counted = [...this.#actions].map((count, code) => ({ action: String.fromCharCode(code), count }));
    const any = this.#events > 0;
    return {
      events: this.#events,
      firstNs: any ? this.#firstNs : null,
      lastNs: any ? this.#lastNs : null,
      gaps: {
        longest: this.#gaps,
        quantiles: quantilesOf(this.#gapLengths),
        histogram: logHistogram(this.#gapLengths),
      },
      skew: {
        count: this.#skew.count,
        negative: this.#negative,
        mostNegativeNs: this.#mostNegativeNs,
        badTsRecv: this.#badTsRecv,
        quantiles: quantilesOf(this.#skew),
        histogram: logHistogram(this.#skew),
      },
      late: { count: this.#late, maxNs: this.#maxLateNs },
      rate: {
        seconds: perSecond.length,
        mean: rates.mean,
        max: perSecond[busiest] ?? 0,
        maxAtNs: this.#startNs + busiest * 1e9,
        quietSeconds: perSecond.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0),
        quantiles: quantilesOf(rates),
      },
      actions: counted.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count),
    };
  }
}

export function quantilesOf(histogram: LogHistogram): Quantiles {
  const at = (q: number) => histogram.quantile(q);
  return {
    p01: at(0.01),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: histogram.count === 0 ? Number.NaN : histogram.max,
  };
}

/** 0, and three stretches to a power of ten up to a day, in nanoseconds. */
function logHistogram(histogram: LogHistogram): Histogram {
  const powers = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();
  const edges = [0, ...powers];
  return { edges, counts: histogram.between(edges) };
}
