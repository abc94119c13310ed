import { contentHash } from '../config/index.ts';
import { present } from '../errors.ts';
import type { ShiftMoments } from '../statistics/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { type SweepSession, unitId } from './sweep_session.ts';

type Unit = ResultRow<'units'>;
type Tried = ResultRow<'tried'>;

/** Fewest sessions that are clusters themselves; fewer are cut into blocks of time. */
export const minSessionClusters = 10;

/** Numbers of a trial that are added up over sessions; money in half ticks at the mid, before commission. */
const totalNames = [
  ...([
    'sessionsRun',
    'bins',
    'judgedMs',
    'signals',
    'longs',
    'takeProfits',
    'stopLosses',
    'winners',
    'losers',
  ] as const),
  ...(['longGross', 'shortGross', 'longSpread', 'shortSpread', 'laterGross', 'laterSpread'] as const),
  ...(['largestN', 'largestGross', 'largestSpread', 'orderPriceTicks'] as const),
  ...(['openAtEnd', 'invalidExit', 'overlapping', 'invalidBook', 'cooling'] as const),
] as const;

export type TotalName = (typeof totalNames)[number];
export type Totals = Readonly<Record<TotalName, number>>;

/** What shifting a trial's firings in one session gave; `pTiming` is null where not every shift was taken. */
export type SessionTiming = ShiftMoments & { readonly pTiming: number | null };

/** What statistics by blocks, and by folds inside a session, take of a unit. */
export type SessionBlocks = Pick<
  Unit,
  | 'threshold'
  | 'nBlocks'
  | 'block'
  | 'blockLong'
  | 'blockShort'
  | 'blockTp'
  | 'blockLongGross'
  | 'blockShortGross'
  | 'blockLongSpread'
  | 'blockShortSpread'
  | 'foldTrainN'
  | 'foldTrainGross'
  | 'foldTrainSpread'
  | 'foldTestN'
  | 'foldTestTp'
  | 'foldTestSl'
  | 'foldTestGross'
  | 'foldTestSpread'
>;

/** A trial of a family with its trades on the sessions of an experiment. */
export class FamilyTrial {
  readonly trialHash: string;
  readonly threshold: number;
  readonly signalName: string;
  readonly maxHoldBins: number;
  /** By session; null where the trial did not run. */
  readonly totals: (Totals | null)[];
  /** By session, the unit with its block sums; null where they are not needed. */
  readonly blocks: (SessionBlocks | null)[];
  readonly timings: SessionTiming[] = [];
  /** Whether results of it were deleted: what the ledger keeps judges it in its family, and is not enough to show it. */
  isGone = false;
  readonly #tradeLists: string[];
  /** Of a trial that ran on one session. */
  medianTimeToOutcomeMs: number | null = null;
  hours: number[] = new Array<number>(24).fill(0);

  constructor(unit: Pick<Unit, 'trialHash' | 'threshold' | 'signalName' | 'maxHoldBins'>, sessions: number) {
    this.trialHash = unit.trialHash;
    this.threshold = unit.threshold;
    this.signalName = unit.signalName;
    this.maxHoldBins = unit.maxHoldBins;
    this.totals = new Array(sessions).fill(null);
    this.blocks = new Array(sessions).fill(null);
    this.#tradeLists = new Array(sessions).fill('');
  }

  add(session: number, unit: Unit, keepsBlocks: boolean): void {
    if (this.totals[session] !== null) return;
    this.totals[session] = totalsOf(unit);
    if (keepsBlocks) this.blocks[session] = unit;
    if (unit.nSignals > 0) this.#tradeLists[session] = unit.tradesHash;
    this.medianTimeToOutcomeMs = unit.medianTimeToOutcomeMs;
    unit.hours.forEach((count, hour) => {
      this.hours[hour] = present(this.hours[hour]) + count;
    });
    if (unit.shiftT === null || unit.shiftMean === null || unit.shiftVariance === null) return;
    const { nSignals: firings, shiftT: observed, shiftMean: mean, shiftVariance: variance, pShift: pTiming } = unit;
    this.timings.push({ firings, observed, mean, variance, pTiming });
  }

  /** Takes in what the ledger has of a session whose unit was deleted. */
  addGone(session: number, tried: Tried, keepsBlocks: boolean): void {
    this.isGone = true;
    this.totals[session] = totalsOfTried(tried);
    if (keepsBlocks) this.blocks[session] = unitBlocks(tried);
    if (tried.nSignals > 0) this.#tradeLists[session] = tried.tradesHash;
  }

  /** The trial on some of its sessions: on the others it did not run. */
  on(isKept: readonly boolean[]): FamilyTrial {
    const part = new FamilyTrial(this, this.totals.length);
    this.totals.forEach((totals, session) => {
      if (!isKept[session]) return;
      part.totals[session] = totals;
      part.blocks[session] = this.blocks[session] ?? null;
    });
    return part;
  }

  /** Equal for trials that made the same trades in every session. */
  tradesKey(): string {
    return contentHash(this.#tradeLists, 32);
  }

  /** Sum over all sessions. */
  total(name: TotalName): number {
    return this.totals.reduce((sum, totals) => sum + (totals?.[name] ?? 0), 0);
  }
}

function totalsOf(unit: Unit): Totals {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    sessionsRun: 1,
    bins: unit.nBins,
    judgedMs: unit.nBinsJudged * unit.cellWidthMs,
    signals: unit.nSignals,
    longs: unit.nLong,
    takeProfits: sum(unit.blockTp),
    stopLosses: sum(unit.blockSl),
    winners: sum(unit.blockWinners),
    losers: sum(unit.blockLosers),
    longGross: sum(unit.blockLongGross),
    shortGross: sum(unit.blockShortGross),
    longSpread: sum(unit.blockLongSpread),
    shortSpread: sum(unit.blockShortSpread),
    laterGross: unit.laterGross,
    laterSpread: unit.laterSpread,
    largestN: unit.largestN,
    largestGross: unit.largestGross,
    largestSpread: unit.largestSpread,
    orderPriceTicks: unit.orderPriceTicks,
    openAtEnd: unit.nOpenAtEnd,
    invalidExit: unit.nInvalidExit,
    overlapping: unit.nOverlapping,
    invalidBook: unit.nInvalidBook,
    cooling: unit.nCooling,
  };
}

/** The ledger does not tell sides apart: all trades stand on the long one, and what it does not keep is 0. */
function totalsOfTried(tried: Tried): Totals {
  const zeros = Object.fromEntries(totalNames.map((name) => [name, 0])) as Record<TotalName, number>;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    ...zeros,
    sessionsRun: 1,
    signals: tried.nSignals,
    longs: tried.nSignals,
    winners: tried.nWinners,
    losers: tried.nLosers,
    longGross: sum(tried.blockGross),
    longSpread: sum(tried.blockSpread),
  };
}

function unitBlocks({ threshold, nBlocks, block, blockN, blockGross, blockSpread }: Tried): SessionBlocks {
  const none = block.map(() => 0);
  return {
    ...{ threshold, nBlocks, block, blockLong: blockN, blockLongGross: blockGross, blockLongSpread: blockSpread },
    ...{ blockShort: none, blockTp: none, blockShortGross: none, blockShortSpread: none },
    ...{ foldTrainN: [], foldTrainGross: [], foldTrainSpread: [] },
    ...{ foldTestN: [], foldTestTp: [], foldTestSl: [], foldTestGross: [], foldTestSpread: [] },
  };
}

/**
 * All trials that were ever evaluated on a session of an experiment, with what they did on its sessions: the family that its
 * statistics correct for.
 */
export class Family {
  readonly sessions: readonly SweepSession[];
  readonly #trials = new Map<string, FamilyTrial>();

  constructor(sessions: readonly SweepSession[]) {
    this.sessions = sessions;
  }

  get trials(): readonly FamilyTrial[] {
    return [...this.#trials.values()];
  }

  /** Whether clusters are whole sessions. */
  get isBySessions(): boolean {
    return this.sessions.length >= minSessionClusters;
  }

  /** Takes in the units of one session. */
  add(session: number, units: readonly Unit[]): void {
    for (const unit of units) this.#trialOf(session, unit).add(session, unit, !this.isBySessions);
  }

  /** Takes in what the ledger has of units of one session that were deleted. */
  addGone(session: number, rows: readonly Tried[]): void {
    for (const tried of rows) this.#trialOf(session, tried).addGone(session, tried, !this.isBySessions);
  }

  #trialOf(session: number, unit: Unit | Tried): FamilyTrial {
    // The experiment's own data, or other data of the same days, of which each window is a trial of its own.
    const own = present(this.sessions[session]);
    // Another dataset of the same data may have served, with more columns or fewer.
    const isOwn = unit.datasetId === own.datasetId || unit.unitId === unitId(own, unit.trialHash);
    const key = keyOf(unit.trialHash, unit.threshold, isOwn ? 'own' : unit.captureWindow);
    let trial = this.#trials.get(key);
    if (trial === undefined) {
      trial = new FamilyTrial(unit, this.sessions.length);
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
