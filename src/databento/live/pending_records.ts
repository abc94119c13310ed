import type { RecordBatch } from '../../dbn/index.ts';

/** Copies of records that wait to be written, in order. */
export class PendingRecords {
  #chunks: Uint8Array[] = [];
  bytes = 0;

  /** Takes the records [first, end) of a run. */
  add({ bytes, recordBytes }: RecordBatch, first: number, end: number): void {
    if (first >= end) return;
    const copy = bytes.slice(first * recordBytes, end * recordBytes);
    this.#chunks.push(copy);
    this.bytes += copy.length;
  }

  /** All of them, which wait no longer. */
  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.bytes = 0;
    return chunks;
  }
}
