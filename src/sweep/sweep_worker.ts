import { parentPort, workerData } from 'node:worker_threads';
import { canonicalJson } from '../config/light.ts';
import { type ErrorFields, SpymasterError } from '../errors.ts';
import type { DatasetSource } from '../lake/index.ts';
import type { SignalSource } from '../signals/index.ts';
import { type CellResult, CellRunner, type SessionTerms } from './cell_runner.ts';
import type { SharedDataset } from './dataset.ts';
import type { Cell, SweepPlan } from './plan.ts';
import { planSignal, readsFlowScore } from './plan_signal.ts';

/** What a sweep's worker is started with; the dataset's arrays are shared, not copied. */
export interface SweepWorkerData {
  readonly plan: Omit<SweepPlan, 'cells'>;
  readonly dataset: SharedDataset;
  readonly terms: SessionTerms;
  /** The user's signal that is swept; null for a built-in one. */
  readonly signalSource: SignalSource | null;
  /** Its element is the bin that is being scored, −1 while the signal's file loads. */
  readonly scoredBin: Int32Array<SharedArrayBuffer>;
  /** Needed by signals that read the flow score. */
  readonly source: DatasetSource | null;
  /** Its element becomes 1 when the sweep is to end: a worker does not begin another cell then. */
  readonly ending: Int32Array<SharedArrayBuffer>;
}

/** Cells that a worker is to run, by their numbers in the plan. */
export type SweepWorkerShare = readonly { readonly number: number; readonly cell: Cell }[];

/** A cell's number in the plan, and that it is done or why it failed; from `started` on the clock runs. */
export type SweepWorkerMessage =
  | { readonly type: 'started'; readonly cell: number }
  | { readonly type: 'done'; readonly cell: number; readonly result: CellResult }
  | { readonly type: 'failed'; readonly cell: number; readonly failure: Failure }
  | { readonly type: 'idle' };

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fields: ErrorFields;
}

/** Runs the cells that arrive, and reports each; asks for more with `idle`. */
function serve(port: NonNullable<typeof parentPort>, data: SweepWorkerData): void {
  const { plan, dataset, terms, source, ending, scoredBin } = data;
  const runner = new CellRunner(plan, dataset.series, dataset.columns, terms, scoredBin);
  const needsFlow = readsFlowScore(planSignal(plan));
  let flowKey: string | null = null;

  const prepareFlow = async (cell: Cell) => {
    const key = canonicalJson(cell.scoring);
    if (!needsFlow || key === flowKey) return;
    if (source === null) throw new Error('a signal that reads the flow score needs its source');
    // Reading raw files takes much of the lake, which other signals' workers need not wait for.
    const [{ flowColumns }, { cellRuntime }] = [await import('../replay/index.ts'), await import('./plan.ts')];
    const columns = await flowColumns(source, cellRuntime(plan, cell), dataset.binCount, dataset.firstBinSeq);
    runner.replaceColumns({ ...dataset.columns, ...columns });
    flowKey = key;
  };

  const post = (message: SweepWorkerMessage) => port.postMessage(message);
  port.on('message', async (share: SweepWorkerShare) => {
    for (const { number, cell } of share) {
      if (Atomics.load(ending, 0) === 1) break;
      try {
        await prepareFlow(cell);
        post({ type: 'started', cell: number });
        post({ type: 'done', cell: number, result: runner.run(cell, () => performance.now()) });
      } catch (error) {
        post({ type: 'failed', cell: number, failure: failureOf(error) });
      }
    }
    post({ type: 'idle' });
  });
  post({ type: 'idle' });
}

function failureOf(error: unknown): Failure {
  if (error instanceof SpymasterError) return { code: error.code, message: error.message, fields: error.fields };
  return {
    code: 'UNEXPECTED',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    fields: {},
  };
}

if (parentPort !== null) {
  const data = workerData as SweepWorkerData;
  if (data.signalSource !== null) await (await import('../user_signals/index.ts')).loadSignal(data.signalSource);
  serve(parentPort, data);
}
