import { mboWord, type RecordBatch, readStreamMark, rtypeMbo, tsOfWords, undefinedTimestamp } from '../../dbn/index.ts';
import { eventNs, isSnapshotRecord } from './tail.ts';

/** The time of a live stream: the latest moment that its records were received at, or its heartbeats were sent. */
export class StreamClock {
  nowNs: bigint;

  constructor(startNs: bigint) {
    this.nowNs = startNs;
  }

  /** Takes the time of the last record of a run. */
  observe(batch: RecordBatch): void {
    const { words, recordBytes, count } = batch;
    const last = ((count - 1) * recordBytes) >>> 2;
    let ns: bigint | null = null;
    if (batch.rtype === rtypeMbo) ns = tsOfWords(words, last + mboWord.tsRecvLo);
    else {
      const mark = readStreamMark(batch, count - 1);
      if (mark?.kind === 'heartbeat') ns = mark.tsNs;
    }
    if (ns !== null && ns !== undefinedTimestamp && ns > this.nowNs) this.nowNs = ns;
  }
}

/** Index of the first record of a run of MBO records that happened at `endNs` or later and belongs to no snapshot; −1 where none did. */
export function firstAtOrAfter({ words, recordBytes, count }: RecordBatch, endNs: bigint): number {
  const stride = recordBytes >>> 2;
  const endHi = Number(endNs >> 32n);
  for (let i = 0, at = 0; i < count; i++, at += stride) {
    if ((words[at + mboWord.tsEventHi] as number) < endHi || isSnapshotRecord(words, at)) continue;
    const ns = eventNs(words, at);
    if (ns !== null && ns >= endNs) return i;
  }
  return -1;
}
