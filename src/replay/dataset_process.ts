import type { ChildProcess } from 'node:child_process';
import { type ErrorCode, SpymasterError } from '../errors.ts';
import { startProcess } from '../worker.ts';
import type { DatasetJob, DatasetReply, Measured } from './dataset_job.ts';

/** A worker process; it does one job at a time and is told to end by `close`. */
export class DatasetProcess {
  readonly #child: ChildProcess;
  #alive = true;

  constructor() {
    this.#child = startProcess(import.meta.url, './dataset_worker', {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.once('exit', () => {
      this.#alive = false;
    });
    // A message to a process that has just died: its exit is what is told.
    this.#child.on('error', () => {});
  }

  /** False once the process is gone: it takes no further job. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Makes a dataset; `onProgress` is called with the share of its file that was read. Throws what `generateDataset` does. */
  async make(
    job: Omit<DatasetJob, 'kind'>,
    onProgress: (share: number, events: number) => void,
  ): Promise<Extract<DatasetReply, { kind: 'made' }>> {
    const reply = await this.#ask({ kind: 'make', ...job }, onProgress);
    if (reply.kind !== 'made') throw new Error('a worker answered another question');
    return reply;
  }

  /** Replays the first bins of a dataset and tells what they cost. */
  async measure(job: Omit<DatasetJob, 'kind'>): Promise<Measured> {
    const reply = await this.#ask({ kind: 'measure', ...job }, () => {});
    if (reply.kind !== 'measured') throw new Error('a worker answered another question');
    return reply.measured;
  }

  /** Ends the process, which clears up what it had begun; fulfilled when it is gone. */
  async close(): Promise<void> {
    if (!this.#alive) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    await gone;
  }

  #ask(
    job: DatasetJob,
    onProgress: (share: number, events: number) => void,
  ): Promise<Exclude<DatasetReply, { kind: 'progress' | 'failed' }>> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null) => {
        child.off('message', onMessage);
        reject(died(job, code, signal));
      };
      const onMessage = (reply: DatasetReply) => {
        if (reply.kind === 'progress') return onProgress(reply.share, reply.events);
        child.off('message', onMessage);
        child.off('exit', onExit);
        if (reply.kind !== 'failed') resolve(reply);
        else reject(new SpymasterError(reply.code as ErrorCode, reply.message, reply.fields));
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      if (!this.#alive) onExit(child.exitCode, child.signalCode);
      else child.send(job);
    });
  }
}

function died({ pipeline }: DatasetJob, code: number | null, signal: string | null): SpymasterError {
  const how = signal === null ? `with the exit code ${code}` : `by ${signal}`;
  return new SpymasterError(
    'DATASET_FAILED',
    `Cannot make the dataset ${pipeline.datasetId}: its process ended ${how}; ` +
      'when memory ran out, let fewer be made at once (--max-workers, --memory-gb), and run the command again.',
    { dataset: pipeline.datasetId, ...(signal === null ? {} : { signal }) },
  );
}
