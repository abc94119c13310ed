import { gapsOf, isUndefinedTimestamp, mboWord, type RecordBatch, rtype, rtypeMbo, wordUnits } from '../dbn/index.ts';
import { type Admission, eventTimeWord, verdict } from './admission.ts';

/** Which of a record's times is the market's: when it happened, or when it was received. */
export type FeedClock = 'event' | 'recv';

export interface InstrumentFeedOptions {
  /** Chooses the records of one instrument and publisher; without a window. */
  readonly admission: Admission;
  /** UNIX nanoseconds from which times count. */
  readonly originNs: bigint;
  readonly clock: FeedClock;
  /** Where the records end, since the origin; Infinity for the end of the file. */
  readonly endNs: number;
  /** Takes each record of the instrument, at word `at`. */
  readonly onRecord: (words: Uint32Array, at: number, nowNs: number) => void;
  /** Told that what rested was lost. */
  readonly onLoss: (nowNs: number) => void;
}

/** The records of one instrument out of batches of any, with times that never run backwards, and without bins. */
export class InstrumentFeed {
  /** Time of the last record, since the origin; −Infinity before the first. It never runs backwards. */
  nowNs = Number.NEGATIVE_INFINITY;
  /** Gaps in the records, and moves of the symbol to another instrument: what rested was lost there. */
  losses = 0;
  /** Whether a record at or after the end was seen. */
  isOver = false;
  readonly #admission: Admission;
  readonly #isRecv: boolean;
  readonly #originLo: number;
  readonly #originHi: number;
  readonly #endNs: number;
  readonly #onRecord: InstrumentFeedOptions['onRecord'];
  readonly #onLoss: InstrumentFeedOptions['onLoss'];

  constructor({ admission, originNs, clock, endNs, onRecord, onLoss }: InstrumentFeedOptions) {
    this.#admission = admission;
    this.#isRecv = clock === 'recv';
    this.#originLo = Number(originNs & 0xffff_ffffn);
    this.#originHi = Number(originNs >> 32n);
    this.#endNs = endNs;
    this.#onRecord = onRecord;
    this.#onLoss = onLoss;
  }

  /**
   * Takes a batch of any type.
   * @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN of the admission
   */
  ingest(batch: RecordBatch): void {
    if (batch.rtype !== rtypeMbo) {
      const moved = batch.rtype === rtype.symbolMapping && this.#admission.map(batch);
      if (!moved && gapsOf(batch) === null) return;
      this.losses++;
      this.#onLoss(this.nowNs);
      return;
    }
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      if (this.isOver) return;
      if (this.#admission.admit(words, at) !== verdict.event) continue;
      this.#admission.accept();
      const timeAt = this.#timeWord(words, at);
      const lo = words[timeAt]!;
      const hi = words[timeAt + 1]!;
      if (!isUndefinedTimestamp(lo, hi)) {
        const tsNs = (hi - this.#originHi) * wordUnits + (lo - this.#originLo);
        this.isOver = tsNs >= this.#endNs;
        if (this.isOver) return;
        if (tsNs > this.nowNs) this.nowNs = tsNs;
      }
      this.#onRecord(words, at, this.nowNs);
    }
  }

  /** @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN when no record was of the chosen instrument and publisher */
  finish(): void {
    this.#admission.assertFound();
  }

  #timeWord(words: Uint32Array, at: number): number {
    const recvAt = at + mboWord.tsRecvLo;
    if (this.#isRecv && !isUndefinedTimestamp(words[recvAt]!, words[recvAt + 1]!)) return recvAt;
    return eventTimeWord(words, at);
  }
}
