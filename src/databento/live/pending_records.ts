import type { RecordBatch } from '../../dbn/index.ts';

/** Copies of records that wait to be written, in order. */
export class PendingRecords {
  #chunks: Uint8Array[] = [];

  /** Takes the records [first, end) of a run. */
  add({ bytes, recordBytes }: RecordBatch, first: number, end: number): void {
    if (first >= end) return;
    this.#chunks.push(bytes.slice(first * recordBytes, end * recordBytes));
  }

  /** All of them, which wait no longer. */
  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}
