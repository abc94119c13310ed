/** A part of the page's state that changed. */
export type Topic =
  | 'session'
  | 'bin'
  | 'depth'
  | 'events'
  | 'features'
  | 'view'
  | 'pointer'
  | 'settings'
  | 'tool'
  | 'ladder'
  | 'proof'
  | 'layouts'
  | 'menus'
  | 'connection'
  | 'playback'
  | 'bookmarks'
  | 'notice'
  | 'overview'
  | 'facts'
  | 'alerts'
  | 'live';

/** Calls listeners when a part of the page's state changed, in the order in which they were added. */
export class Topics {
  readonly #listeners = new Map<Topic, Set<() => void>>();

  /** Calls `listener` whenever one of the topics changed; returns what ends that. */
  on(topics: readonly Topic[], listener: () => void): () => void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic) ?? new Set();
      this.#listeners.set(topic, listeners.add(listener));
    }
    return () => {
      for (const topic of topics) this.#listeners.get(topic)?.delete(listener);
    };
  }

  emit(topic: Topic): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener();
  }
}
