import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { assert, SpymasterError } from '../../errors.ts';
import {
  Signal,
  type SignalColumns,
  type SignalContext,
  type SignalParameters,
  type SignalSource,
  userSignalDefinition,
} from '../../signals/index.ts';
import { StateReader, StateWriter } from '../../state.ts';
import { importSignal } from '../load_signal.ts';
import { forbidHostAccess, watchMath } from './guards.ts';

/** One pass over bins, in a thread of its own: its first message. */
export interface CheckTask {
  readonly source: SignalSource;
  readonly context: SignalContext;
  /** Columns in shared memory, 2·radius + 1 rows a bin. */
  readonly columns: SignalColumns;
  readonly firstBin: number;
  readonly endBin: number;
  /** Parameters of the instances, which take each bin one after the other. */
  readonly instances: readonly SignalParameters[];
  /** Bin before which the first instance's state is saved. */
  readonly saveAt: number | null;
  /** State from which the only instance goes on. */
  readonly state: Uint8Array | null;
  /** Whether time and memory are measured. */
  readonly measures: boolean;
  /** Its element is the bin under way; −1 while the file loads. */
  readonly lastBin: Int32Array<SharedArrayBuffer>;
}

export interface CheckPass {
  /** Per instance, score and readiness of each bin. */
  readonly outputs: readonly Float64Array[];
  /** What the first instance draws beside its score, bin by bin. */
  readonly series: Float64Array;
  readonly state: Uint8Array | null;
  /** µs of each bin, where measured. */
  readonly timesUs: Float64Array;
  /** Heap and ArrayBuffers after a forced collection, from half of the bins to their end, in bytes. */
  readonly grownBytes: number;
  /** Functions of Math that were called and differ between engines. */
  readonly mathUsed: readonly string[];
}

export type CheckReply =
  | { readonly kind: 'done'; readonly pass: CheckPass }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Room for collections to settle before memory is compared. */
const collections = 2;

async function run(task: CheckTask): Promise<CheckPass> {
  const { source, columns, context, firstBin, endBin, instances, saveAt, state, lastBin } = task;
  const elapsedUs = stopwatch();
  const usedBytes = task.measures ? memoryMeter() : () => 0;
  const mathUsed = watchMath();
  // From here on, nothing but bins may decide what the signal says.
  forbidHostAccess();
  const definition = userSignalDefinition(await importSignal(source), source);
  const signals = instances.map((parameters) => new Signal(definition, parameters, context));
  if (state !== null) signals[0]?.restore(new StateReader(state));
  const rows = 2 * context.radius + 1;
  const outputs = instances.map(() => new Float64Array(2 * (endBin - firstBin)));
  const width = definition.series?.length ?? 0;
  const series = new Float64Array(width * (endBin - firstBin));
  const timesUs = new Float64Array(task.measures ? endBin - firstBin : 0);
  const half = (firstBin + endBin) >> 1;
  let saved: Uint8Array | null = null;
  let halfBytes = 0;
  for (let bin = firstBin; bin < endBin; bin++) {
    lastBin[0] = bin;
    if (bin === saveAt && signals[0] !== undefined) {
      const writer = new StateWriter();
      signals[0].save(writer);
      saved = writer.finish();
    }
    if (bin === half) halfBytes = usedBytes();
    for (const [index, signal] of signals.entries()) {
      if (task.measures) timesUs[bin - firstBin] = elapsedUs(() => signal.update(columns, bin * rows));
      else signal.update(columns, bin * rows);
      outputs[index]?.set([signal.score, signal.ready ? 1 : 0], 2 * (bin - firstBin));
      if (index === 0) series.set(signal.series, width * (bin - firstBin));
    }
  }
  const grownBytes = usedBytes() - halfBytes;
  return { outputs, series, state: saved, timesUs, grownBytes, mathUsed: [...mathUsed].sort() };
}

/** Beyond this the thread's own time counts: while it waits for a processor, no signal runs. */
const wallUs = 1000;

/** Gives how long a call took, in µs. */
function stopwatch(): (call: () => void) => number {
  const nowMs = performance.now.bind(performance);
  const usage = process.threadCpuUsage.bind(process);
  return (call) => {
    const before = usage();
    const startMs = nowMs();
    call();
    const tookUs = (nowMs() - startMs) * 1000;
    if (tookUs <= wallUs) return tookUs;
    const { user, system } = usage(before);
    return Math.min(tookUs, user + system);
  };
}

/** Bytes in use after a collection: the thread's heap, and ArrayBuffers. */
function memoryMeter(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const usage = process.memoryUsage.bind(process);
  return () => {
    for (let count = 0; count < collections; count++) collect();
    const { heapUsed, arrayBuffers } = usage();
    return heapUsed + arrayBuffers;
  };
}

assert(parentPort !== null, 'a signal is checked in a worker');
const port = parentPort;
port.once('message', async (task: CheckTask) => {
  const reply = await run(task).then(
    (pass): CheckReply => ({ kind: 'done', pass }),
    (error: unknown): CheckReply => ({
      kind: 'failed',
      code: error instanceof SpymasterError ? error.code : 'UNEXPECTED',
      message: error instanceof Error ? error.message : String(error),
    }),
  );
  port.postMessage(reply);
});
