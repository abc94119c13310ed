import type { Body } from './thread_answers.ts';

/** Keeps the bodies that were sent last within a budget of bytes. */
export class KeptBodies {
  readonly #maxBytes: number;
  /** In order of use, the oldest first. */
  readonly #bodies = new Map<string, Body>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Body | undefined {
    const held = this.#bodies.get(key);
    if (held !== undefined) {
      this.#bodies.delete(key);
      this.#bodies.set(key, held);
    }
    return held;
  }

  set(key: string, body: Body): void {
    this.#drop(key);
    this.#bodies.set(key, body);
    this.#bytes += body.body.byteLength;
    for (const oldest of this.#bodies.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#bodies.get(key)?.body.byteLength ?? 0;
    this.#bodies.delete(key);
  }
}
