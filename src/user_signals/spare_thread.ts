import type { Worker } from 'node:worker_threads';

/**
 * A thread that is started before it is needed: its imports are loaded while it waits for its task, the first message that it
 * gets. Each does one task.
 */
export class SpareThread implements AsyncDisposable {
  readonly #start: () => Worker;
  #waiting: { readonly worker: Worker; readonly drop: () => void } | null = null;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** The thread that waits, or else a new one; its taker ends it. */
  take(): Worker {
    return this.#taken() ?? this.#start();
  }

  /** Starts the next one, unless one waits. It keeps no process alive. */
  prepare(): void {
    if (this.#waiting !== null) return;
    const worker = this.#start();
    worker.unref();
    const drop = () => {
      if (this.#waiting?.worker === worker) this.#waiting = null;
    };
    worker.on('error', drop);
    worker.on('exit', drop);
    this.#waiting = { worker, drop };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#taken()?.terminate();
  }

  #taken(): Worker | null {
    if (this.#waiting === null) return null;
    const { worker, drop } = this.#waiting;
    this.#waiting = null;
    worker.off('error', drop);
    worker.off('exit', drop);
    worker.ref();
    return worker;
  }
}
