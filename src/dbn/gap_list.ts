import type { RecordBatch } from './batch.ts';
import { type Gap, gapsOf } from './gap_mark.ts';

/** Gaps that are kept one by one; a file may claim any number of them. */
export const maxGapsListed = 1000;

/** The gaps of a stream, gathered from its batches in bounded memory. */
export class GapList {
  /** The first ones, in order. */
  readonly listed: Gap[] = [];
  count = 0;
  /** Time that they cover together, nanoseconds. */
  missingNs = 0n;
  longest: Gap | null = null;

  /** @param isWanted which of the batch's gaps count; all by default */
  add(batch: RecordBatch, isWanted: (gap: Gap) => boolean = () => true): void {
    for (const gap of gapsOf(batch) ?? []) {
      if (!isWanted(gap)) continue;
      this.count++;
      if (this.listed.length < maxGapsListed) this.listed.push(gap);
      const length = lengthNs(gap);
      this.missingNs += length;
      if (this.longest === null || length > lengthNs(this.longest)) this.longest = gap;
    }
  }
}

function lengthNs({ fromNs, toNs }: Gap): bigint {
  return toNs > fromNs ? toNs - fromNs : 0n;
}
