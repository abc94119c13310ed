import type { Worker } from 'node:worker_threads';
import { SpymasterError } from '../../errors.ts';
import { startWorker } from '../../worker.ts';
import type { CheckPass, CheckReply, CheckTask } from './check_worker.ts';

/** How often a pass is looked at. */
const progressLookMs = 100;

export interface CheckThreadOptions {
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
  /** A thread that waits for its task; a new one by default. */
  readonly thread?: (() => Worker) | undefined;
}

/** A thread that does the pass that it is told first. */
export const startCheckThread = () => startWorker(import.meta.url, './check_worker');

/** One pass in a fresh worker, which is ended when a bin takes too long. */
export class CheckThread {
  readonly #task: CheckTask;
  readonly #stallMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #thread: () => Worker;

  constructor(task: Omit<CheckTask, 'lastBin'>, { stallMs, signal, thread = startCheckThread }: CheckThreadOptions) {
    this.#task = { ...task, lastBin: new Int32Array(new SharedArrayBuffer(4)).fill(-1) };
    this.#stallMs = stallMs;
    this.#signal = signal;
    this.#thread = thread;
  }

  /** Gives what the pass made, or why it failed. @throws INTERRUPTED */
  async run(): Promise<CheckPass | SpymasterError> {
    const reply = await this.#reply();
    this.#signal?.throwIfAborted();
    if (reply instanceof SpymasterError) return reply;
    if (reply.kind === 'done') return reply.pass;
    return new SpymasterError('SIGNAL_FAILED', reply.message, { signal: this.#task.source.name });
  }

  async #reply(): Promise<CheckReply | SpymasterError> {
    const { lastBin, source } = this.#task;
    const worker = this.#thread();
    worker.postMessage(this.#task);
    let looks = 0;
    let seen = -2;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve) => {
        const fail = (text: string) => resolve(new SpymasterError('SIGNAL_FAILED', text, { signal: source.name }));
        timer = setInterval(() => {
          const bin = Atomics.load(lastBin, 0);
          looks = bin === seen ? looks + 1 : 0;
          seen = bin;
          if (looks * progressLookMs < this.#stallMs) return;
          const where = bin < 0 ? 'while it loaded' : `at bin ${bin}`;
          fail(
            `The signal ${source.name} did not come back ${where} within ${this.#stallMs / 1000} s (${source.folder}/${source.entry}): ` +
              'look for a loop without an end.',
          );
        }, progressLookMs);
        worker.on('message', (reply: CheckReply) => resolve(reply));
        worker.on('error', (error) =>
          fail(`The signal ${source.name} ended its thread: ${error instanceof Error ? error.message : error}.`),
        );
        worker.on('exit', (code) => fail(`The signal ${source.name} ended its thread with code ${code}.`));
        this.#signal?.addEventListener('abort', () => fail('interrupted'), { once: true });
      });
    } finally {
      clearInterval(timer);
      worker.removeAllListeners();
      worker.on('error', () => {});
      await worker.terminate();
    }
  }
}
