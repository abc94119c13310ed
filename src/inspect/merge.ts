import { indexTsWord, type Metadata, mergeMetadata, type RecordBatch } from '../dbn/index.ts';
import { notNull, present } from '../errors.ts';
import { type Input, requireMetadata } from './source.ts';

/** One input of a merge: its batch, and the place and time of its next record. */
class Head {
  readonly #batches: AsyncIterator<RecordBatch>;
  batch: RecordBatch | null = null;
  index = 0;
  tsLo = 0;
  tsHi = 0;
  #tsWord = 0;

  constructor(input: Input) {
    this.#batches = input[Symbol.asyncIterator]();
  }

  async nextBatch(): Promise<void> {
    const { value, done } = await this.#batches.next();
    this.batch = done ? null : value;
    this.index = 0;
    if (this.batch !== null) this.#tsWord = indexTsWord(this.batch);
    this.#look();
  }

  /** Passes records while they are not later than (`tsHi`, `tsLo`); returns the index of the first that is. */
  advance(tsLo: number, tsHi: number): number {
    const { count } = notNull(this.batch);
    do {
      this.index++;
      this.#look();
    } while (this.index < count && (this.tsHi < tsHi || (this.tsHi === tsHi && this.tsLo <= tsLo)));
    return this.index;
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  #look(): void {
    if (this.batch === null || this.index >= this.batch.count) return;
    const word = this.index * (this.batch.recordBytes >>> 2) + this.#tsWord;
    this.tsLo = present(this.batch.words[word]);
    this.tsHi = present(this.batch.words[word + 1]);
  }
}

/** Metadata of the merged inputs. Throws SCHEMA_MISMATCH, and USAGE for a fragment. */
export function mergedMetadata(inputs: readonly Input[]): Metadata {
  const [first, ...others] = inputs.map((input) => requireMetadata(input, 'merge'));
  return mergeMetadata([present(first), ...others]);
}

/**
 * The records of all inputs in order of time (`ts_recv`, or `ts_event` where there is none), as runs that are valid until
 * the next one; of equal times the earlier input's come first. Each input is expected to be in order itself.
 */
export async function* mergeRecords(inputs: readonly Input[]): AsyncGenerator<RecordBatch, void, undefined> {
  const heads = inputs.map((input) => new Head(input));
  try {
    await Promise.all(heads.map((head) => head.nextBatch()));
    for (;;) {
      const open = heads.filter(({ batch }) => batch !== null);
      if (open.length === 0) return;
      const first = open.reduce((least, head) => (isEarlier(head, least) ? head : least));
      const others = open.filter((head) => head !== first);
      const batch = notNull(first.batch);
      const from = first.index;
      const next = others.length === 0 ? null : others.reduce((least, head) => (isEarlier(head, least) ? head : least));
      // A record at the very time of another input's next one goes first only where its input does.
      const to = next === null ? batch.count : advanceBefore(first, next, heads);
      yield run(batch, from, to);
      if (next === null || first.index >= batch.count) await first.nextBatch();
    }
  } finally {
    await Promise.all(heads.map((head) => head.close()));
  }
}

function advanceBefore(first: Head, next: Head, heads: readonly Head[]): number {
  if (heads.indexOf(first) < heads.indexOf(next)) return first.advance(next.tsLo, next.tsHi);
  const isZero = next.tsLo === 0;
  return first.advance(isZero ? 0xffff_ffff : next.tsLo - 1, isZero ? next.tsHi - 1 : next.tsHi);
}

function isEarlier(a: Head, b: Head): boolean {
  return a.tsHi < b.tsHi || (a.tsHi === b.tsHi && a.tsLo < b.tsLo);
}

function run(batch: RecordBatch, from: number, to: number): RecordBatch {
  if (from === 0 && to === batch.count) return batch;
  const { recordBytes } = batch;
  return {
    ...batch,
    count: to - from,
    bytes: batch.bytes.subarray(from * recordBytes, to * recordBytes),
    words: batch.words.subarray((from * recordBytes) / 4, (to * recordBytes) / 4),
    byteOffset: batch.byteOffset + from * recordBytes,
  };
}
