import type { SweepProgressFile } from '../lake/index.ts';
import type { SweepPlan } from './plan.ts';
import type { CellFailure } from './sweep_pool.ts';
import type { SweepSession } from './sweep_session.ts';

/** A cell that failed in one session. */
export interface UnitFailure extends CellFailure {
  readonly plan: SweepPlan;
  readonly session: SweepSession;
}

/** Failures that a report describes one by one; of more it has the number. */
const describedFailures = 1000;

export interface SweepTallyOptions {
  readonly progress?: SweepProgressFile;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Counts the units of a sweep and tells how far it is. */
export class SweepTally {
  units: number;
  ran = 0;
  skipped = 0;
  failed = 0;
  readonly failures: UnitFailure[] = [];
  readonly #options: SweepTallyOptions;
  readonly #datasetId: string;
  #hasBegun = false;

  /** @param units - of all sessions and trials */
  constructor(options: SweepTallyOptions, datasetId: string, units: number) {
    this.#options = options;
    this.#datasetId = datasetId;
    this.units = units;
  }

  /** Units that have results. */
  skip(count: number): void {
    this.skipped += count;
  }

  /** Units of a session that is left out. */
  leaveOut(count: number): void {
    this.units -= count;
  }

  /** Before the first unit runs, and after each. */
  show(ran: number): void {
    const { progress, onProgress } = this.#options;
    const { skipped } = this;
    const total = this.units - skipped;
    if (!this.#hasBegun) progress?.begin({ phase: 'cells', total, skipped, dataset_id: this.#datasetId });
    this.#hasBegun = true;
    this.ran += ran;
    progress?.update(this.ran, { total, skipped });
    onProgress?.(this.ran, total);
  }

  fail(failures: readonly UnitFailure[]): void {
    this.failed += failures.length;
    this.failures.push(...failures.slice(0, describedFailures - this.failures.length));
  }

  /** When all sessions are done with. */
  end(): void {
    if (!this.#hasBegun) this.#options.onProgress?.(0, 0);
  }
}
