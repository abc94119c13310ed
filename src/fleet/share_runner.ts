import { hostname } from 'node:os';
import { SpymasterError } from '../errors.ts';
import { type FailedUnit, findDataset, type Lake, PlanFiles, ResultsStore, storedUnitIds } from '../lake/index.ts';
import { evaluateCells, type LoadedSession, loadSession, type SweepPlan, unitId } from '../sweep/index.ts';
import { DatasetEnds } from './dataset_ends.ts';
import type { FleetPlan } from './fleet_plan.ts';
import type { Share } from './shares.ts';

/** Unended starts of a share from which on it runs cell by cell, and of a cell from which on it is not run again. */
const startsUntilCellByCell = 2;
const startsUntilPoisoned = 3;

export interface ShareRunnerOptions {
  readonly lake: Lake;
  readonly codeVersion: string;
  /** Threads a share. */
  readonly threads: number;
  /** Wall clock, for the log beside the results. */
  readonly now: () => Date;
  /** How cells are evaluated; tests put a cell in its place that ends the process. */
  readonly evaluate?: typeof evaluateCells;
}

export interface ShareReport {
  /** Units that were evaluated and stored. */
  readonly ran: number;
  /** Units that had results. */
  readonly skipped: number;
  /** Units that have none now, each with its reason in the lake. */
  readonly failed: number;
}

/** A trial of a share: its cell in the sweep, and its unit in the session. */
interface Trial {
  readonly cell: number;
  readonly unit: string;
}

/** What of a session stays in memory for its next share. */
interface OpenSession {
  readonly key: string;
  readonly loaded: Promise<LoadedSession>;
  /** Units with results when they were last asked for. */
  known: Promise<Set<string>>;
}

/** Name of this process among the workers of a fleet. */
export const workerName = (): string => `${hostname()}-${process.pid}`;

/**
 * Runs shares of plans and stores what they give. A share that was begun twice and not ended, since its process died, runs cell
 * by cell, each named in the lake before it starts: one that was begun three times and not ended is poisoned, and left out.
 * A cell that throws is noted with its error; both go on with the others.
 */
export class ShareRunner implements Disposable {
  readonly #options: ShareRunnerOptions;
  readonly #store: ResultsStore;
  readonly #ends: DatasetEnds;
  #open: OpenSession[] = [];

  private constructor(options: ShareRunnerOptions, store: ResultsStore) {
    this.#options = options;
    this.#store = store;
    this.#ends = new DatasetEnds(options.lake, store);
  }

  static async create(options: ShareRunnerOptions): Promise<ShareRunner> {
    return new ShareRunner(options, await ResultsStore.open(options.lake));
  }

  [Symbol.dispose](): void {
    this.#store.close();
  }

  /**
   * Runs what is missing of a share whose dataset is in the lake. Rejects soon when `signal` aborts; then nothing of it is
   * stored, but for what ran cell by cell. Throws CHECKSUM_MISMATCH for a dataset that is not as it was made, and for a part
   * that another worker stored with other bytes.
   */
  async run(plan: FleetPlan, share: Share, signal: AbortSignal): Promise<ShareReport> {
    const files = new PlanFiles(this.#options.lake, plan.hash);
    const startedUtc = this.#options.now().toISOString();
    const starts = await files.startsWithoutEnd(share.id);
    const ended = await files.startRunning(share.id);
    try {
      const report = await this.#runMissing(plan, share, files, starts, signal);
      if (starts > 0) await files.forgetStarts(share.id);
      await files.ranAgain(share.id);
      await this.#ends.ended(plan, share);
      if (report.ran + report.failed > 0) await this.#log(files, share, startedUtc, report);
      return report;
    } finally {
      await ended();
    }
  }

  async #runMissing(
    plan: FleetPlan,
    share: Share,
    files: PlanFiles,
    starts: number,
    signal: AbortSignal,
  ): Promise<ShareReport> {
    const { sweep, cells } = plan.cellsOf(share);
    const session = this.#session(plan, share, sweep);
    const loaded = await session.loaded;
    // A worker that died may have stored some of the share since.
    if (starts > 0) session.known = this.#knownOn(loaded.session.date);
    const known = await session.known;
    const failed = new Set((await files.failures()).map(({ unit_id }) => unit_id));
    const trials: Trial[] = cells.map((cell) => ({
      cell,
      unit: unitId(loaded.session, sweep.cells.at(cell).trialHash),
    }));
    const missing = trials.filter(({ unit }) => !known.has(unit) && !failed.has(unit));
    const context = { plan, share, sweep, loaded, files, signal };
    const newlyFailed =
      starts < startsUntilCellByCell
        ? await this.#runTogether(context, missing)
        : await this.#runCellByCell(context, missing);
    const old = trials.filter(({ unit }) => failed.has(unit)).length;
    return {
      ran: missing.length - newlyFailed,
      skipped: trials.length - missing.length - old,
      failed: old + newlyFailed,
    };
  }

  async #runTogether(context: Context, missing: readonly Trial[]): Promise<number> {
    const { units, failures } = await this.#evaluate(context, missing);
    await this.#append(context, units, true);
    return failures;
  }

  async #runCellByCell(context: Context, missing: readonly Trial[]): Promise<number> {
    const { files } = context;
    let failures = 0;
    for (const trial of missing) {
      if ((await files.startsWithoutEnd(trial.unit)) >= startsUntilPoisoned) {
        const message = `${startsUntilPoisoned} workers ended while they ran it, and it is not run again.`;
        await files.storeFailure(this.#failure(context, trial, 'POISONED', message));
        await files.forgetStarts(trial.unit);
        failures++;
        continue;
      }
      const ended = await files.startRunning(trial.unit);
      try {
        const evaluated = await this.#evaluate(context, [trial]);
        failures += evaluated.failures;
        if (evaluated.units.length > 0) await this.#append(context, evaluated.units, false);
      } finally {
        await ended();
      }
      await files.forgetStarts(trial.unit);
    }
    await this.#append(context, [], true);
    return failures;
  }

  async #evaluate(context: Context, trials: readonly Trial[]) {
    const { plan, loaded, files, signal } = context;
    const { threads, evaluate = evaluateCells } = this.#options;
    signal.throwIfAborted();
    if (trials.length === 0) return { units: [], failures: 0 };
    const { units, failures } = await evaluate({
      ...{ loaded, isOnly: plan.isOneSession, threads, timeoutMs: plan.content.timeout_ms, signal },
      cells: trials.map(({ cell }) => cell),
    });
    const unitOf = new Map(trials.map((trial) => [trial.cell, trial]));
    for (const { cell, code, message } of failures) {
      const trial = unitOf.get(cell);
      if (trial !== undefined) await files.storeFailure(this.#failure(context, trial, code, message));
    }
    return { units, failures: failures.length };
  }

  async #append({ share, loaded }: Context, units: EvaluatedUnits, isEnd: boolean): Promise<void> {
    const unitIds = [...new Set(units.map((row) => row.unitId))];
    const { codeVersion } = this.#options;
    await this.#store.appendShare(units, { shareId: share.id, codeVersion, unitIds, isEnd });
    for (const open of this.#open) {
      if ((await open.loaded).session.date !== loaded.session.date) continue;
      const known = await open.known;
      for (const id of unitIds) known.add(id);
    }
  }

  #failure({ share, sweep }: Context, { cell, unit }: Trial, code: string, message: string): FailedUnit {
    return {
      ...{ unit_id: unit, share_id: share.id, dataset_id: share.datasetId, signal_name: sweep.signalName },
      ...{ run_id: sweep.cells.at(cell).runId, code, message, code_version: this.#options.codeVersion },
    };
  }

  /** The session of a share, of which the last two are kept. */
  #session(plan: FleetPlan, { datasetId }: Share, sweep: SweepPlan): OpenSession {
    const key = `${plan.hash} ${datasetId} ${sweep.signalName}`;
    const there = this.#open.find((open) => open.key === key);
    if (there !== undefined) return there;
    const { lake } = this.#options;
    const window = plan.dataset(datasetId)?.window ?? undefined;
    const loaded = loadSession(lake, sweep, { datasetId, window });
    const known = loaded.then(({ session }) => this.#knownOn(session.date));
    const open = { key, loaded, known };
    known.catch(() => {
      this.#open = this.#open.filter((other) => other !== open);
    });
    this.#open = [open, ...this.#open].slice(0, 2);
    return open;
  }

  #knownOn(date: string): Promise<Set<string>> {
    return storedUnitIds(this.#store, [date]);
  }

  #log(files: PlanFiles, share: Share, startedUtc: string, report: ShareReport): Promise<void> {
    return files.log({
      ...{ share_id: share.id, worker: workerName(), code_version: this.#options.codeVersion },
      ...{ platform: `${process.platform}-${process.arch}`, started_utc: startedUtc },
      ...{ ended_utc: this.#options.now().toISOString(), ...report },
    });
  }
}

type EvaluatedUnits = Awaited<ReturnType<typeof evaluateCells>>['units'];

interface Context {
  readonly plan: FleetPlan;
  readonly share: Share;
  readonly sweep: SweepPlan;
  readonly loaded: LoadedSession;
  readonly files: PlanFiles;
  readonly signal: AbortSignal;
}

/** Whether a dataset of a plan is in the lake. Throws SWEEP_INVALID for one that the plan does not have. */
export async function isDatasetMade(lake: Lake, plan: FleetPlan, datasetId: string): Promise<boolean> {
  if (plan.dataset(datasetId) === undefined) {
    throw new SpymasterError(
      'SWEEP_INVALID',
      `Cannot use the dataset ${datasetId}: the plan ${plan.hash} has none of it.`,
      {
        plan: plan.hash,
      },
    );
  }
  return (await findDataset(lake, datasetId)) !== null;
}
