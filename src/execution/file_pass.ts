import { type Admission, type FeedClock, InstrumentFeed } from '../book/index.ts';
import type { RecordBatch } from '../dbn/index.ts';
import { ExecutionPass } from './execution_pass.ts';
import type { OurOrders } from './our_orders.ts';

export type ExecutionClock = FeedClock;

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
  readonly feed: InstrumentFeed;

  constructor(options: FilePassOptions) {
    const { ours, admission, originNs, clock, endNs = Number.POSITIVE_INFINITY, onRecord, onLoss } = options;
    const pass = new ExecutionPass(ours);
    this.pass = pass;
    this.feed = new InstrumentFeed({
      ...{ admission, originNs, clock, endNs },
      onRecord: (words, at, nowNs) => {
        pass.apply(words, at, nowNs);
        onRecord?.(words, at, nowNs, pass);
      },
      onLoss: (nowNs) => {
        pass.lose();
        onLoss?.(nowNs);
      },
    });
  }

  /**
   * Takes a batch of any type.
   * @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN of the admission; SCHEMA_MISMATCH for top-of-book records
   */
  ingest(batch: RecordBatch): void {
    this.feed.ingest(batch);
  }

  /** @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN when no record was of the chosen instrument and publisher */
  finish(): void {
    this.feed.finish();
    this.pass.finish();
  }
}
