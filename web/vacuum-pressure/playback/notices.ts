import type { Topics } from '../session/topics.ts';

/** The sentence in the status bar: it stays until there is another. */
export class Notices {
  #text = '';
  readonly #topics: Topics;

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  get text(): string {
    return this.#text;
  }

  say(message: string): void {
    this.#text = message;
    this.#topics.emit('notice');
  }
}
