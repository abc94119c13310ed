import { lineIntervalMs } from './progress.ts';

const drawIntervalMs = 200;

/** One line on standard error that says how long work stands, and is written over; elsewhere than at a terminal a line every ten seconds, and at
 * each change of what goes on. */
export class StatusLine {
  readonly #stderr: NodeJS.WritableStream & { readonly columns?: number };
  readonly #isTerminal: boolean;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #kind = '';
  #text = '';

  constructor(stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }) {
    this.#stderr = stderr;
    this.#isTerminal = stderr.isTTY === true;
  }

  /** Shows a state; cheap enough to be called often. A new `kind` is shown at once. */
  update(kind: string, text: string): void {
    const nowMs = performance.now();
    const isNew = kind !== this.#kind;
    if (!isNew && nowMs - this.#drawnMs < (this.#isTerminal ? drawIntervalMs : lineIntervalMs)) return;
    this.#drawnMs = nowMs;
    this.#kind = kind;
    this.#text = text.slice(0, Math.max(20, (this.#stderr.columns ?? 200) - 1));
    this.#stderr.write(this.#isTerminal ? `\r\u001b[K${this.#text}` : `${this.#text}\n`);
  }

  /** Prints a remark above the line. */
  note(text: string): void {
    this.#stderr.write(this.#isTerminal ? `\r\u001b[K${text}\n${this.#text}` : `${text}\n`);
  }

  /** Takes the line away. */
  stop(): void {
    if (this.#isTerminal && this.#text !== '') this.#stderr.write('\r\u001b[K');
    this.#text = '';
  }
}
