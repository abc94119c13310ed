import type { Worker } from 'node:worker_threads';
import { SpymasterError } from '../errors.ts';
import type { SignalDescription, SignalSource } from '../signals/index.ts';
import { startWorker } from '../worker.ts';
import type { DescribeMessage, DescribeRequest } from './describe_worker.ts';
import { nodeOf, sourceHash } from './source_hash.ts';

/** A user's signal without its code running here. */
export interface DescribedSignal {
  readonly description: SignalDescription;
  readonly source: SignalSource;
}

export type DescribeOutcome = DescribedSignal | SpymasterError;

/** How long one file may take to load. */
const loadMs = 10_000;

/**
 * What files of a folder define, by the names of the files, in their order. Each is run in a worker, which is ended when one takes
 * longer than ten seconds; a file that cannot be loaded has its SIGNAL_FAILED.
 */
export async function describeSignals(
  folder: string,
  entries: readonly string[],
  thread: () => Worker = startDescribeThread,
): Promise<Map<string, DescribeOutcome>> {
  const outcomes = new Map<string, DescribeOutcome>();
  while (outcomes.size < entries.length) {
    await describeSome({ folder, entries: entries.filter((entry) => !outcomes.has(entry)) }, outcomes, thread());
  }
  return outcomes;
}

/** A thread that describes what it is told first. */
export const startDescribeThread = () => startWorker(import.meta.url, './describe_worker', { stdin: false });

/** Describes entries until all are, or one did not come back. */
function describeSome(request: DescribeRequest, outcomes: Map<string, DescribeOutcome>, worker: Worker): Promise<void> {
  const { folder, entries } = request;
  worker.postMessage(request);
  let entry = entries[0] ?? '';
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const lose = (why: string) => {
      if (!outcomes.has(entry)) outcomes.set(entry, failed(folder, entry, why));
      end();
    };
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => lose(`it took longer than ${loadMs / 1000} s; look for a loop without an end`), loadMs);
    };
    const end = () => {
      clearTimeout(timer);
      worker.removeAllListeners();
      worker.on('error', () => {});
      void worker.terminate().then(() => resolve());
    };
    watch();
    worker.on('message', (message: DescribeMessage) => {
      watch();
      entry = message.entry;
      if (message.kind === 'begun') return;
      outcomes.set(
        entry,
        message.kind === 'failed'
          ? new SpymasterError('SIGNAL_FAILED', message.message, { path: `${folder}/${entry}` })
          : described(folder, message),
      );
    });
    worker.on('error', (error) => lose(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => lose(`its thread ended with code ${code}`));
  });
}

function failed(folder: string, entry: string, why: string): SpymasterError {
  const path = `${folder}/${entry}`;
  return new SpymasterError('SIGNAL_FAILED', `Cannot load ${path}: ${why.replace(/\.$/, '')}.`, { path });
}

function described(folder: string, message: DescribeMessage & { readonly kind: 'described' }): DescribedSignal {
  const { entry, description, files } = message;
  const source = { name: description.name, folder, entry, files };
  return { description, source: { ...source, hash: sourceHash(description, source, nodeOf(files)) } };
}
