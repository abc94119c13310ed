import { type Admission, eventTimeWord, verdict } from '../book/index.ts';
import { gapsOf, isUndefinedTimestamp, mboWord, type RecordBatch, rtype, rtypeMbo, wordUnits } from '../dbn/index.ts';
import { ExecutionPass } from './execution_pass.ts';
import type { OurOrders } from './our_orders.ts';

/** Which of a record's times is the market's: when it happened, or when it was received. */
export type ExecutionClock = 'event' | 'recv';

export interface FilePassOptions {
  readonly ours: OurOrders;
  /** Chooses the records of one instrument and publisher; without a window. */
  readonly admission: Admission;
  /** UNIX nanoseconds from which the times of our orders count. */
  readonly originNs: bigint;
  readonly clock: ExecutionClock;
  /** Where the records end for the pass, since the origin; Infinity, the default, for the end of the file. */
  readonly endNs?: number;
  /** Told each record of the instrument, at word `at`, after the pass has applied it. */
  readonly onRecord?: (words: Uint32Array, at: number, nowNs: number, pass: ExecutionPass) => void;
  /** Told that what rested was lost. */
  readonly onLoss?: (nowNs: number) => void;
}

/** Puts orders of ours into a file's records, batch by batch. */
export class FilePass {
  readonly pass: ExecutionPass;
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
  readonly #onRecord: FilePassOptions['onRecord'];
  readonly #onLoss: FilePassOptions['onLoss'];

  constructor(options: FilePassOptions) {
    const { ours, admission, originNs, clock, endNs = Number.POSITIVE_INFINITY, onRecord, onLoss } = options;
    this.#endNs = endNs;
    this.pass = new ExecutionPass(ours);
    this.#onRecord = onRecord;
    this.#onLoss = onLoss;
    this.#admission = admission;
    this.#isRecv = clock === 'recv';
    this.#originLo = Number(originNs & 0xffff_ffffn);
    this.#originHi = Number(originNs >> 32n);
  }

  /**
   * Takes a batch of any type.
   * @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN of the admission; SCHEMA_MISMATCH for top-of-book records
   */
  ingest(batch: RecordBatch): void {
    if (batch.rtype !== rtypeMbo) {
      const moved = batch.rtype === rtype.symbolMapping && this.#admission.map(batch);
      if (!moved && gapsOf(batch) === null) return;
      this.pass.lose();
      this.losses++;
      this.#onLoss?.(this.nowNs);
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
      this.pass.apply(words, at, this.nowNs);
      this.#onRecord?.(words, at, this.nowNs, this.pass);
    }
  }

  /** @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN when no record was of the chosen instrument and publisher */
  finish(): void {
    this.#admission.assertFound();
    this.pass.finish();
  }

  #timeWord(words: Uint32Array, at: number): number {
    const recvAt = at + mboWord.tsRecvLo;
    if (this.#isRecv && !isUndefinedTimestamp(words[recvAt]!, words[recvAt + 1]!)) return recvAt;
    return eventTimeWord(words, at);
  }
}
