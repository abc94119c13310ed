import { contentHash } from '../config/index.ts';
import { present } from '../errors.ts';
import type { UnitLists, UnitRange, UnitSums } from '../lake/index.ts';
import type { ResultRow } from '../wire/index.ts';
import type { UnitExecution } from './execution/unit_execution.ts';
import { type SweepSession, unitId } from './sweep_session.ts';
import { type SessionTiming, type TotalName, type UnitBlocks, type UnitFolds, UnitTable } from './unit_table.ts';

type Tried = ResultRow<'tried'>;

/** What tells the trial of a unit. */
type UnitKey = Pick<
  Tried,
  'trialHash' | 'threshold' | 'signalName' | 'maxHoldBins' | 'datasetId' | 'unitId' | 'captureWindow'
>;

/** Fewest sessions that are clusters themselves; fewer are cut into blocks of time. */
export const minSessionClusters = 10;

/** Fewest sessions for which variation between sessions is looked at beside that between blocks. */
export const minComparedSessions = 3;

const notRun = -1;

/** A trial of a family with its trades on the sessions of an experiment. */
export class FamilyTrial {
  readonly trialHash: string;
  readonly threshold: number;
  readonly signalName: string;
  readonly maxHoldBins: number;
  /** Whether results of it were deleted: what the ledger keeps judges it in its family, and is not enough to show it. */
  isGone = false;
  /** Of a trial that ran on one session. */
  medianTimeToOutcomeMs: number | null = null;
  /** Trades by the hour of New York in which they fired, over all sessions. */
  readonly hours = new Int32Array(24);
  readonly #table: UnitTable;
  /** By session, the place of its unit in the table; `notRun` where the trial did not run. */
  readonly #units: number[];
  #tradesKey: string | null = null;

  constructor(
    trial: Pick<FamilyTrial, 'trialHash' | 'threshold' | 'signalName' | 'maxHoldBins'>,
    table: UnitTable,
    sessions: number,
  ) {
    this.trialHash = trial.trialHash;
    this.threshold = trial.threshold;
    this.signalName = trial.signalName;
    this.maxHoldBins = trial.maxHoldBins;
    this.#table = table;
    this.#units = new Array<number>(sessions).fill(notRun);
  }

  /** Takes in its unit of a session, a row of these; the first counts. */
  add(session: number, units: UnitSums, row: number): void {
    if (this.#units[session] !== notRun) return;
    this.#units[session] = this.#table.add(units, row);
    this.#tradesKey = null;
    this.medianTimeToOutcomeMs = units.medianTimeToOutcomeMs[row] ?? null;
    const hours = present(units.hours[row]);
    for (let hour = 0; hour < hours.length; hour++) {
      this.hours[hour] = present(this.hours[hour]) + present(hours[hour]);
    }
  }

  /** Takes in what the ledger has of a session whose unit was deleted. */
  addGone(session: number, tried: Tried): void {
    this.isGone = true;
    this.#units[session] = this.#table.addTried(tried);
    this.#tradesKey = null;
  }

  /** The trial on some of its sessions: on the others it did not run. */
  on(isKept: readonly boolean[]): FamilyTrial {
    const part = new FamilyTrial(this, this.#table, this.sessions);
    this.#units.forEach((unit, session) => {
      if (isKept[session]) part.#units[session] = unit;
    });
    return part;
  }

  /** Equal for trials that made the same trades in every session. */
  tradesKey(): string {
    this.#tradesKey ??= contentHash(
      this.#units.map((unit) => (unit === notRun ? '' : this.#table.tradesHash(unit))),
      32,
    );
    return this.#tradesKey;
  }

  /** Number of sessions of the family, those without a unit of the trial included. */
  get sessions(): number {
    return this.#units.length;
  }

  /** Sum over all sessions. */
  total(name: TotalName): number {
    let sum = 0;
    for (const unit of this.#units) if (unit !== notRun) sum += this.#table.total(unit, name);
    return sum;
  }

  /** Of one session; null where the trial did not run. */
  inSession(session: number, name: TotalName): number | null {
    const unit = this.#unitOf(session);
    return unit === notRun ? null : this.#table.total(unit, name);
  }

  /** Blocks that a session is cut into; null where the trial did not run. */
  nBlocks(session: number): number | null {
    const unit = this.#unitOf(session);
    return unit === notRun ? null : this.#table.nBlocks(unit);
  }

  /** The blocks of a session with trades; null where the trial did not run. */
  blocks(session: number): UnitBlocks | null {
    const unit = this.#unitOf(session);
    return unit === notRun ? null : this.#table.blocks(unit);
  }

  /** Folds inside the only session; null for a trial with another number of sessions, or that did not run. */
  folds(): UnitFolds | null {
    const unit = this.sessions === 1 ? this.#unitOf(0) : notRun;
    return unit === notRun ? null : this.#table.folds(unit);
  }

  /** Of the sessions in which shifts were taken. */
  timings(): SessionTiming[] {
    return this.#units.flatMap((unit) => (unit === notRun ? [] : (this.#table.timing(unit) ?? [])));
  }

  /** By session, what became of its firings in the real book; null where trades are filled at the mid, or it did not run. */
  executions(): (UnitExecution | null)[] {
    return this.#units.map((unit) => {
      const json = unit === notRun ? null : this.#table.execution(unit);
      return json === null ? null : (JSON.parse(json) as UnitExecution);
    });
  }

  /** Whether its firings are sent to the real book: the spread is in their prices. */
  get isExecuted(): boolean {
    return this.#units.some((unit) => unit !== notRun && this.#table.execution(unit) !== null);
  }

  #unitOf(session: number): number {
    return this.#units[session] ?? notRun;
  }
}

/**
 * All trials that were ever evaluated on a session of an experiment, with what they did on its sessions: the family that its
 * statistics correct for.
 */
export class Family {
  readonly sessions: readonly SweepSession[];
  readonly #trials = new Map<string, FamilyTrial>();
  readonly #table = new UnitTable();

  constructor(sessions: readonly SweepSession[]) {
    this.sessions = sessions;
  }

  get trials(): readonly FamilyTrial[] {
    return [...this.#trials.values()];
  }

  /** Which lists of units its statistics take. */
  get lists(): UnitLists {
    return { blocks: !this.isBySessions, folds: this.sessions.length === 1 };
  }

  /** Whether clusters are whole sessions. */
  get isBySessions(): boolean {
    return this.sessions.length >= minSessionClusters;
  }

  /** Takes in the units of one session. */
  add(session: number, { units, from, to }: UnitRange): void {
    for (let row = from; row < to; row++) {
      const key = {
        trialHash: present(units.trialHash[row]),
        threshold: present(units.threshold[row]),
        signalName: present(units.signalName[row]),
        maxHoldBins: present(units.maxHoldBins[row]),
        datasetId: present(units.datasetId[row]),
        unitId: present(units.unitId[row]),
        captureWindow: present(units.captureWindow[row]),
      };
      this.#trialOf(session, key).add(session, units, row);
    }
  }

  /** Takes in what the ledger has of units of one session that were deleted. */
  addGone(session: number, rows: readonly Tried[]): void {
    for (const tried of rows) this.#trialOf(session, tried).addGone(session, tried);
  }

  #trialOf(session: number, unit: UnitKey): FamilyTrial {
    // The experiment's own data, or other data of the same days, of which each window is a trial of its own.
    const own = present(this.sessions[session]);
    // Another dataset of the same data may have served, with more columns or fewer.
    const isOwn = unit.datasetId === own.datasetId || unit.unitId === unitId(own, unit.trialHash);
    const key = keyOf(unit.trialHash, unit.threshold, isOwn ? 'own' : unit.captureWindow);
    let trial = this.#trials.get(key);
    if (trial === undefined) {
      trial = new FamilyTrial(unit, this.#table, this.sessions.length);
      this.#trials.set(key, trial);
    }
    return trial;
  }

  /** The trial of a cell at a threshold, on the experiment's own data; null when none of its units is stored. */
  find(trialHash: string, threshold: number): FamilyTrial | null {
    return this.#trials.get(keyOf(trialHash, threshold, 'own')) ?? null;
  }
}

const keyOf = (trialHash: string, threshold: number, data: string) => `${trialHash}/${threshold}/${data}`;
