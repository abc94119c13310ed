import type { Checkpoint } from '../replay/index.ts';
import { segmentBins } from './segment.ts';

/** Segments between the first checkpoints: a state of some MB is saved in a few ms, some 5 % of the time between two. */
const firstSpacing = 8;

/**
 * Checkpoints at segment boundaries of one replay, within a budget of bytes: when it is spent, every other one goes and
 * new ones are taken half as often, so that they stay evenly spread however long the session is.
 */
export class Checkpoints {
  readonly #maxBytes: number;
  /** By the next bin. */
  readonly #held = new Map<number, Checkpoint>();
  #spacing = firstSpacing;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#held.size;
  }

  /** Whether a checkpoint at this bin is wanted. */
  wants(nextSeq: number): boolean {
    return nextSeq > 0 && nextSeq % (segmentBins * this.#spacing) === 0 && !this.#held.has(nextSeq);
  }

  add(checkpoint: Checkpoint): void {
    if (!this.wants(checkpoint.nextSeq)) return;
    this.#held.set(checkpoint.nextSeq, checkpoint);
    this.#bytes += checkpoint.state.byteLength;
    while (this.#bytes > this.#maxBytes) this.#thin();
  }

  /** The last checkpoint at or before a bin. */
  before(seq: number): Checkpoint | null {
    let best: Checkpoint | null = null;
    for (const checkpoint of this.#held.values()) {
      if (checkpoint.nextSeq <= seq && checkpoint.nextSeq > (best?.nextSeq ?? -1)) best = checkpoint;
    }
    return best;
  }

  #thin(): void {
    this.#spacing *= 2;
    for (const [nextSeq, { state }] of this.#held) {
      if (nextSeq % (segmentBins * this.#spacing) === 0) continue;
      this.#held.delete(nextSeq);
      this.#bytes -= state.byteLength;
    }
  }
}
