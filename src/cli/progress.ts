import { createRequire } from 'node:module';
import type { SingleBar } from 'cli-progress';
import { formatCount, formatDurationS, formatRate } from '../format.ts';

export interface ProgressOptions {
  /** What is being done, a few words: `Replaying`. */
  readonly label: string;
  /** What is counted, plural: `events`, `bins`. */
  readonly unit: string;
  /** The count at the end; null when unknown. */
  readonly total: number | null;
}

/** Without a terminal a line appears this often, so that a log shows life without filling. */
export const lineIntervalMs = 10_000;
const barIntervalMs = 100;

/** A progress bar with rate and time left on a terminal; elsewhere a line every ten seconds. */
export class Progress {
  readonly #stderr: NodeJS.WritableStream;
  readonly #options: ProgressOptions;
  readonly #bar: SingleBar | null;
  readonly #startMs = performance.now();
  #shownMs = this.#startMs;
  /** The first state that was shown or not: what is slow to start says nothing of what is left. */
  #first: { readonly ms: number; readonly done: number } | null = null;

  constructor(stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }, options: ProgressOptions) {
    this.#stderr = stderr;
    this.#options = options;
    this.#bar = stderr.isTTY === true ? this.#openBar(stderr) : null;
  }

  /**
   * Shows a state of the work; cheap enough to call for every chunk.
   *
   * @param done - part of `total` that is done, in its unit
   * @param count - what the rate counts, when it is not `done` itself: events, while `total` is in bytes
   */
  update(done: number, count = done): void {
    const nowMs = performance.now();
    this.#first ??= { ms: nowMs, done };
    if (nowMs - this.#shownMs < (this.#bar === null ? lineIntervalMs : barIntervalMs)) return;
    this.#shownMs = nowMs;
    const text = this.#describe(done, count, nowMs);
    if (this.#bar === null) this.#stderr.write(`${this.#options.label}: ${text}\n`);
    else this.#bar.update(done, { text });
  }

  /** Takes the bar away, so that what is printed next starts on a clean line. */
  stop(): void {
    this.#bar?.stop();
  }

  #openBar(stream: NodeJS.WritableStream): SingleBar {
    // Loaded here: most commands never draw a bar.
    const progress = createRequire(import.meta.url)('cli-progress') as typeof import('cli-progress');
    const bar = new progress.SingleBar({
      stream,
      format: this.#options.total === null ? '{label}  {text}' : '{label} [{bar}] {percentage}%  {text}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      // Interrupts are main's: with this on the bar would install a SIGINT handler of its own and swallow Ctrl-C.
      gracefulExit: false,
    });
    bar.start(this.#options.total ?? 0, 0, { label: this.#options.label, text: '' });
    return bar;
  }

  #describe(done: number, count: number, nowMs: number): string {
    const { total, unit } = this.#options;
    const seconds = (nowMs - this.#startMs) / 1000;
    const parts = [`${formatCount(count)} ${unit}`, `${formatRate(count / Math.max(seconds, 1e-3))}/s`];
    const first = this.#first;
    if (total !== null && first !== null && done > first.done && done < total) {
      const perUnitS = (nowMs - first.ms) / 1000 / (done - first.done);
      parts.push(`${formatDurationS(perUnitS * (total - done))} left`);
    }
    return parts.join('  ');
  }
}
