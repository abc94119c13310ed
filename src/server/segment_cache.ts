import { type Segment, segmentBytes } from './segment.ts';

/** Keeps the segments used last, of all serving versions, within a budget of bytes. */
export class SegmentCache {
  readonly #maxBytes: number;
  /** In order of use, the oldest first. */
  readonly #segments = new Map<string, Segment>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  get(stream: string, index: number): Segment | undefined {
    const key = keyOf(stream, index);
    const segment = this.#segments.get(key);
    if (segment !== undefined) {
      this.#segments.delete(key);
      this.#segments.set(key, segment);
    }
    return segment;
  }

  set(stream: string, segment: Segment): void {
    const key = keyOf(stream, segment.index);
    const old = this.#segments.get(key);
    if (old !== undefined) this.#bytes -= segmentBytes(old);
    this.#segments.delete(key);
    this.#segments.set(key, segment);
    this.#bytes += segmentBytes(segment);
    for (const [oldest, dropped] of this.#segments) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#segments.delete(oldest);
      this.#bytes -= segmentBytes(dropped);
    }
  }
}

function keyOf(stream: string, index: number): string {
  return `${stream}/${index}`;
}
