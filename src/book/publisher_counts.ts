import { action, mboWord, type RecordBatch, rtypeMbo } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';

/** Whether records of this action change the book: A, C, M and R do, T, F and N do not. */
export function actsOnBook(code: number): boolean {
  return code === action.add || code === action.cancel || code === action.modify || code === action.clear;
}

/** Records of one instrument by publisher, those that act on its book and the others. */
export class PublisherCounts {
  readonly #records = new Map<number, { acting: number; other: number }>();

  add(publisherId: number, acting: number, other: number): void {
    const counts = this.#records.get(publisherId) ?? { acting: 0, other: 0 };
    counts.acting += acting;
    counts.other += other;
    this.#records.set(publisherId, counts);
  }

  /** Counts the MBO records of an instrument in a batch. */
  addBatch({ rtype, words, count, recordBytes }: RecordBatch, instrumentId: number): void {
    if (rtype !== rtypeMbo) return;
    for (let i = 0, at = 0; i < count; i++, at += recordBytes >>> 2) {
      if (words[at + mboWord.instrumentId] !== instrumentId) continue;
      const acts = actsOnBook(((words[at + mboWord.flagsChannelActionSide] ?? 0) >>> 16) & 0xff);
      this.add((words[at] ?? 0) >>> 16, acts ? 1 : 0, acts ? 0 : 1);
    }
  }

  /** The error of an instrument whose book several publishers make, none of them chosen. */
  severalError(symbol: string): SpymasterError {
    const acting = this.#list(({ acting }) => acting);
    return new SpymasterError(
      'PUBLISHER_UNKNOWN',
      `Cannot follow the book of ${symbol}: several publishers make one, by publisher_id ${acting.text}. Books are never ` +
        'merged; add publisher_id, one of these, to the runtime fields.',
      { symbol, publisherIds: acting.ids },
    );
  }

  /** The error of a chosen publisher that has no record of the instrument. */
  missingError(symbol: string, publisherId: number): SpymasterError {
    const found = this.#list(({ acting, other }) => acting + other);
    return new SpymasterError(
      'PUBLISHER_UNKNOWN',
      `Cannot follow the book of ${symbol} of publisher_id ${publisherId}: the file has publisher_id ${found.text}; give one ` +
        'of these, or leave publisher_id out.',
      { symbol, publisherIds: found.ids, isMissing: true },
    );
  }

  #list(countOf: (counts: { acting: number; other: number }) => number): { text: string; ids: string[] } {
    const counted = [...this.#records]
      .map(([id, counts]) => [id, countOf(counts)] as const)
      .filter(([, count]) => count > 0)
      .sort(([a], [b]) => a - b);
    const text = counted.map(([id, count]) => `${id} (${count} ${count === 1 ? 'record' : 'records'})`).join(', ');
    return { text, ids: counted.map(([id]) => String(id)) };
  }
}
