import { type DatasetSource, datasetSource, type Lake, readManifest } from '../lake/index.ts';
import type { SignalColumn } from '../signals/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { loadDataset, type SharedDataset } from './dataset.ts';
import { PassStore } from './execution/pass_store.ts';
import { runCells } from './execution/run_cells.ts';
import { needsSource } from './needs_source.ts';
import type { SweepPlan } from './plan.ts';
import { planSignal } from './plan_signal.ts';
import type { CellFailure } from './sweep_pool.ts';
import { placeOf, type SweepSession, sessionOf } from './sweep_session.ts';
import { unitRows } from './unit_rows.ts';

/** A session in memory, for the cells of one plan. */
export interface LoadedSession {
  readonly plan: SweepPlan;
  readonly session: SweepSession;
  readonly dataset: SharedDataset;
  /** For signals that read the flow score, and for firings that are sent to the real book. */
  readonly source: DatasetSource | null;
  readonly passes: PassStore;
}

/** Time of units whose rows depend on no clock; an evaluation with a time of its own shows in their place. */
export const timelessUtc = '1970-01-01T00:00:00.000Z';

/** Loads what the cells of a plan read of a session. Throws what `readManifest` and `loadDataset` throw. */
export async function loadSession(
  lake: Lake,
  plan: SweepPlan,
  { datasetId, window }: { readonly datasetId: string; readonly window?: string | undefined },
): Promise<LoadedSession> {
  const session = sessionOf(await readManifest(lake, datasetId), window);
  const definition = planSignal(plan);
  const names: readonly SignalColumn[] = definition.columns;
  return {
    plan,
    session,
    dataset: await loadDataset(lake, datasetId, plan.runtime.grid_radius_ticks, names),
    source: needsSource(plan) ? await datasetSource(lake, datasetId) : null,
    passes: new PassStore(lake, () => {}),
  };
}

export interface EvaluateOptions {
  readonly loaded: LoadedSession;
  /** Numbers of cells, one a trial. */
  readonly cells: readonly number[];
  /** Whether the experiment has this session alone. */
  readonly isOnly: boolean;
  readonly threads: number;
  /** Per cell. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** After each cell, with the time that it took. */
  readonly onCell?: (elapsedMs: number) => void;
}

export interface EvaluatedCells {
  /** Rows without a time. */
  readonly units: ResultRow<'units'>[];
  readonly failures: readonly CellFailure[];
}

/** Evaluates cells in a session; those that fail are reported. Rejects when `signal` aborts. */
export async function evaluateCells(options: EvaluateOptions): Promise<EvaluatedCells> {
  const { loaded, cells, isOnly, threads, timeoutMs, signal, onCell } = options;
  const { plan, session, dataset, source, passes } = loaded;
  const units: ResultRow<'units'>[] = [];
  const failures = await runCells(passes, {
    plan: { ...plan, runtime: { ...plan.runtime, symbol: session.symbol } },
    dataset,
    terms: { startOfDayMs: session.startOfDayMs, date: session.date, place: placeOf(session), isOnly },
    source,
    cells,
    maxWorkers: threads,
    timeoutMs,
    keepGoing: true,
    signal,
    onResult: (number, result) => {
      const provenance = { timestampUtc: timelessUtc, binCount: dataset.binCount };
      units.push(...unitRows(plan, plan.cells.at(number), session, result, provenance));
      onCell?.(result.elapsedMs);
    },
  });
  signal.throwIfAborted();
  return { units, failures };
}
