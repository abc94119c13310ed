import type { Worker } from 'node:worker_threads';
import type { PublishedServingSpec } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Lake } from '../lake/index.ts';
import { knowsSource, type RunningBin, type SignalSource, signalDefinition } from '../signals/index.ts';
import { knowStoredSignal, loadSignal } from '../user_signals/index.ts';

/** The stored source that a thread streams, and where it shows what it is at. */
export interface StreamedSource {
  readonly source: SignalSource;
  readonly running: RunningBin;
}

/** How long a bin of a user's signal may take before its loop counts as endless, unless a test says otherwise. */
export const signalStallMs = 10_000;
/** How often it is looked at. */
const looksPerStall = 10;

/**
 * Makes the signal of a version known to the server's thread where it is the user's, from its stored source; null where there is nothing to
 * wait for. Rejects with what `knowStoredSignal` throws.
 */
export function knowSignal(lake: Lake, { signal }: PublishedServingSpec): Promise<void> | null {
  if (signal?.source_hash === undefined || knowsSource(signal.source_hash)) return null;
  return knowStoredSignal(lake, signal.name, signal.source_hash);
}

/** What a thread of a version takes beside it: null for a built-in signal. The version's signal is known to this thread. */
export function streamedSource({ signal }: PublishedServingSpec): StreamedSource | null {
  if (signal?.source_hash === undefined) return null;
  const { source } = signalDefinition(signal.name, signal.source_hash);
  return source === undefined ? null : { source, running: new Int32Array(new SharedArrayBuffer(8)) };
}

/** In a thread: loads the signal that it streams. */
export async function loadStreamed(streamed: StreamedSource | null): Promise<void> {
  if (streamed !== null) await loadSignal(streamed.source, streamed.running);
}

/** Ends a thread, with an error that names file and bin, whose signal does not come back. */
export function watchSignal(worker: Worker, { source, running }: StreamedSource, stallMs: number): void {
  let before = -1;
  let looks = 0;
  const timer = setInterval(() => {
    const [bin, turn] = [Atomics.load(running, 0), Atomics.load(running, 1)];
    looks = bin !== 0 && turn === before ? looks + 1 : 0;
    before = turn;
    if (looks < looksPerStall) return;
    clearInterval(timer);
    worker.emit('error', stalled(source, bin, stallMs));
    void worker.terminate();
  }, stallMs / looksPerStall);
  timer.unref();
  worker.once('exit', () => clearInterval(timer));
}

function stalled({ name, folder, entry }: SignalSource, bin: number, stallMs: number): SpymasterError {
  const path = `${folder}/${entry}`;
  const place = bin < 0 ? 'while it started' : `at bin ${bin - 1}`;
  return new SpymasterError(
    'SIGNAL_FAILED',
    `The signal ${name} did not come back ${place} within ${stallMs / 1000} s in ${path}; look for a loop without an end.`,
    { signal: name, path, ...(bin < 0 ? {} : { bin: bin - 1 }) },
  );
}
