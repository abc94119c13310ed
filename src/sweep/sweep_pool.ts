import { canonicalJson } from '../config/light.ts';
import { present, SpymasterError } from '../errors.ts';
import type { SignalSource } from '../signals/index.ts';
import { startWorker } from '../worker.ts';
import type { CellResult } from './cell_runner.ts';
import type { Cell, SweepPlan } from './plan.ts';
import { planSignal, readsFlowScore } from './plan_signal.ts';
import type { Failure, SweepWorkerData, SweepWorkerMessage, SweepWorkerShare } from './sweep_worker.ts';

/** How long a cell that runs may take once the sweep is to end. */
const endingMs = 2000;

export interface SweepPoolOptions extends Omit<SweepWorkerData, 'plan' | 'ending' | 'signalSource' | 'scoredBin'> {
  readonly plan: SweepPlan;
  /** Numbers of the plan's cells to run. */
  readonly cells: readonly number[];
  readonly maxWorkers: number;
  /** A cell that takes longer has failed; its worker is replaced. */
  readonly timeoutMs: number;
  /** Go on with the other cells when one fails. */
  readonly keepGoing: boolean;
  /** Ends the sweep; cells that run get a moment to end, and what is done stays done. */
  readonly signal?: AbortSignal;
  /** Asked before a worker takes more cells: resolves once what was given is taken care of. */
  readonly relieve?: () => Promise<void>;
  /** Takes each result as it comes. */
  readonly onResult: (cell: number, result: CellResult) => void;
}

export interface CellFailure extends Failure {
  readonly cell: number;
}

/**
 * Shares out cells so that those with most in common lie side by side in one share: by flow scoring, then by each stage's
 * parameters in turn. Shares are small enough that workers finish together.
 */
export function shareOut(plan: SweepPlan, cells: readonly number[], workers: number): number[][] {
  const { stages, ...definition } = planSignal(plan);
  const keyOf = (cell: Cell) => [
    readsFlowScore({ stages, ...definition }) ? canonicalJson(cell.scoring) : '',
    ...stages.map((stage) => canonicalJson(stage.parameters.map((name) => cell.parameters[name]))),
  ];
  const keyed = cells.map((number) => ({ number, key: keyOf(plan.cells.at(number)) }));
  keyed.sort((a, b) => {
    const at = a.key.findIndex((part, index) => part !== b.key[index]);
    if (at < 0) return a.number - b.number;
    return present(a.key[at]) < present(b.key[at]) ? -1 : 1;
  });
  const size = Math.max(1, Math.ceil(cells.length / (workers * 8)));
  const shares: number[][] = [];
  let scoring: string | undefined;
  for (const { number, key } of keyed) {
    const last = shares.at(-1);
    // A flow scoring means a replay of the raw file: no share spans two.
    if (last === undefined || last.length >= size || key[0] !== scoring) shares.push([number]);
    else last.push(number);
    scoring = key[0];
  }
  return shares;
}

/**
 * Runs cells on worker threads that share the dataset; gives the failures, the plan's order aside.
 * @throws SWEEP_FAILED naming the first cell that failed, unless `keepGoing`
 */
export async function runPool(options: SweepPoolOptions): Promise<CellFailure[]> {
  const { plan, cells, onResult } = options;
  const workers = Math.max(1, Math.min(options.maxWorkers, cells.length));
  const shares = shareOut(plan, cells, workers);
  const failures: CellFailure[] = [];
  let stopped = options.signal?.aborted === true;
  const stop = () => {
    stopped = true;
  };
  options.signal?.addEventListener('abort', stop);
  // From either end, so that what a worker computed for one share is that of its next, and not of another's too.
  const nextShare = (worker: number) => {
    if (stopped) return undefined;
    return worker % 2 === 0 ? shares.shift() : shares.pop();
  };
  try {
    await Promise.all(
      Array.from({ length: stopped ? 0 : workers }, (_, worker) =>
        runShares(
          options,
          () => nextShare(worker),
          onResult,
          (failure, rest) => {
            failures.push(failure);
            if (!options.keepGoing) stop();
            else if (rest.length > 0) shares.unshift(rest);
          },
        ),
      ),
    );
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
  const [first] = failures;
  if (first !== undefined && !options.keepGoing) throw sweepFailed(plan, first);
  return failures;
}

/** One worker after another until there are no more shares: a worker that hangs or dies is replaced. */
async function runShares(
  options: SweepPoolOptions,
  nextShare: () => number[] | undefined,
  onResult: SweepPoolOptions['onResult'],
  onFailure: (failure: CellFailure, rest: number[]) => void,
): Promise<void> {
  for (let exhausted = false; !exhausted; ) {
    exhausted = await useWorker(options, nextShare, onResult, onFailure);
  }
}

/** Gives true when there was no more to do, false when the worker was lost. */
function useWorker(
  { plan, dataset, terms, source, timeoutMs, signal, relieve }: SweepPoolOptions,
  nextShare: () => number[] | undefined,
  onResult: SweepPoolOptions['onResult'],
  onFailure: (failure: CellFailure, rest: number[]) => void,
): Promise<boolean> {
  const workerEnding = new Int32Array(new SharedArrayBuffer(4));
  const { cells, ...fixed } = plan;
  const { source: signalSource = null } = planSignal(plan);
  const scoredBin = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  const workerData: SweepWorkerData = {
    plan: fixed,
    dataset,
    terms,
    source,
    ending: workerEnding,
    signalSource,
    scoredBin,
  };
  const worker = startWorker(import.meta.url, './sweep_worker', { workerData });
  let share: number[] = [];
  let running: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve, reject) => {
    let ending: NodeJS.Timeout | undefined;
    const endSoon = () => {
      Atomics.store(workerEnding, 0, 1);
      if (running === null) end(true);
      else ending = setTimeout(() => end(true), endingMs);
    };
    let isOver = false;
    const settle = () => {
      isOver = true;
      clearTimeout(timer);
      clearTimeout(ending);
      signal?.removeEventListener('abort', endSoon);
      worker.removeAllListeners();
    };
    const end = (exhausted: boolean) => {
      settle();
      worker.on('error', () => {});
      void worker.terminate().then(() => resolve(exhausted));
    };
    if (signal?.aborted) endSoon();
    else signal?.addEventListener('abort', endSoon);
    const lose = (code: string, message: string) => {
      const cell = running ?? share[0];
      if (cell === undefined) {
        settle();
        reject(new SpymasterError('SWEEP_FAILED', `Cannot start a worker of the sweep: ${message}.`, { cause: code }));
        return;
      }
      onFailure(
        { cell, code, message, fields: {} },
        share.filter((other) => other !== cell),
      );
      end(false);
    };
    const giveMore = () => {
      if (isOver) return;
      const next = nextShare();
      if (next === undefined) return end(true);
      // A copy: `share` shrinks as its cells get done.
      share = [...next];
      worker.postMessage(next.map((number) => ({ number, cell: cells.at(number) })) satisfies SweepWorkerShare);
    };
    worker.on('message', (message: SweepWorkerMessage) => {
      if (message.type === 'started') {
        running = message.cell;
        clearTimeout(timer);
        timer = setTimeout(() => lose('TIMEOUT', timeoutText(timeoutMs, signalSource, scoredBin)), timeoutMs);
        return;
      }
      clearTimeout(timer);
      if (message.type === 'idle') {
        running = null;
        void Promise.resolve(relieve?.()).then(giveMore);
        return;
      }
      share = share.filter((other) => other !== message.cell);
      if (message.type === 'done') onResult(message.cell, message.result);
      else onFailure({ cell: message.cell, ...message.failure }, []);
    });
    worker.on('error', (error) => lose('UNEXPECTED', String(error)));
    worker.on('exit', (code) => lose('UNEXPECTED', `its worker ended with code ${code}`));
  });
}

/** Says that a cell took too long, and where a user's signal was by then. */
function timeoutText(timeoutMs: number, source: SignalSource | null, scoredBin: Int32Array): string {
  const text = `it took longer than ${timeoutMs / 1000} s`;
  if (source === null) return text;
  return `${text}; the signal of ${source.folder}/${source.entry} was at bin ${Atomics.load(scoredBin, 0)}`;
}

/** A cell in words: what sets it apart from the others of its plan. */
export function describeCell(plan: SweepPlan, cell: Cell): string {
  const varying = plan.axes.map(({ name }) => {
    const [scope, key] = name.split('.') as [string, string];
    if (scope === 'eval') {
      const value = { tp_ticks: cell.tpTicks, sl_ticks: cell.slTicks, cooldown_bins: cell.cooldownBins }[key];
      return `${key} ${value}`;
    }
    const holder = scope === 'scoring' ? cell.scoring : cell.parameters;
    return `${name} ${JSON.stringify((holder as Record<string, unknown>)[key])}`;
  });
  return `run ${cell.runId.slice(0, 8)}${varying.length === 0 ? '' : ` (${varying.join(', ')})`}`;
}

function sweepFailed(plan: SweepPlan, failure: CellFailure): SpymasterError {
  const cell = plan.cells.at(failure.cell);
  return new SpymasterError(
    'SWEEP_FAILED',
    `The sweep ${plan.experimentName} stopped: ${describeCell(plan, cell)} failed: ${failure.message} ` +
      'What was done is kept; fix it and run again, or go on past failures with --keep-going.',
    { run: cell.runId, cause: failure.code },
  );
}
