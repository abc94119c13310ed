import { storedList } from '../../shared/stored_list.ts';
import type { Topics } from '../session/topics.ts';

/** A moment of a serving version that the user wants to find again. */
export interface Bookmark {
  /** End of the bin, UNIX nanoseconds as decimal text. */
  readonly tsNs: string;
  readonly name: string;
}

/** Bookmarks from what a former visit stored, oldest moment first; what is not one is left out. */
export function readBookmarks(stored: string | null): readonly Bookmark[] {
  return sorted(storedList(stored).filter(isBookmark));
}

function isBookmark(item: unknown): item is Bookmark {
  if (typeof item !== 'object' || item === null) return false;
  const { tsNs, name } = item as Partial<Bookmark>;
  return /^\d{1,19}$/.test(String(tsNs)) && typeof name === 'string';
}

const sorted = (bookmarks: readonly Bookmark[]) =>
  [...bookmarks].sort((a, b) => (BigInt(a.tsNs) < BigInt(b.tsNs) ? -1 : 1));

/** The list with one more; a second bookmark of the same moment takes the place of the first. */
export function withBookmark(bookmarks: readonly Bookmark[], added: Bookmark): readonly Bookmark[] {
  return sorted([...bookmarks.filter(({ tsNs }) => tsNs !== added.tsNs), added]);
}

/** The bookmarks of the serving version that is shown. */
export class Bookmarks {
  #list: readonly Bookmark[] = [];
  readonly #topics: Topics;

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  get list(): readonly Bookmark[] {
    return this.#list;
  }

  set(list: readonly Bookmark[]): void {
    this.#list = list;
    this.#topics.emit('bookmarks');
  }

  /** Bookmarks the end of a bin, UNIX nanoseconds. */
  add(tsNs: bigint, name: string): void {
    this.set(withBookmark(this.#list, { tsNs: String(tsNs), name }));
  }

  remove(tsNs: string): void {
    this.set(this.#list.filter((bookmark) => bookmark.tsNs !== tsNs));
  }
}
