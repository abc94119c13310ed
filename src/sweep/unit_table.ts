import { present } from '../errors.ts';
import type { UnitSums } from '../lake/index.ts';
import type { ShiftMoments } from '../statistics/index.ts';
import type { ResultRow } from '../wire/index.ts';

type Tried = ResultRow<'tried'>;

/** Numbers of a trial that are added up over sessions; money in half ticks at the mid, before commission. */
const integerNames = [
  ...(['sessionsRun', 'bins', 'signals', 'longs', 'takeProfits', 'stopLosses', 'winners', 'losers'] as const),
  ...(['longGross', 'shortGross', 'longSpread', 'shortSpread', 'laterGross', 'laterSpread'] as const),
  ...(['largestN', 'largestGross', 'largestSpread'] as const),
  ...(['openAtEnd', 'invalidExit', 'overlapping', 'invalidBook', 'cooling'] as const),
] as const;
const doubleNames = ['judgedMs', 'orderPriceTicks'] as const;
/** The column of each; null for the unit itself, which counts as one. */
const columnNames = [
  ...([null, 'nBins', 'nSignals', 'nLong', 'sumTp', 'sumSl', 'sumWinners', 'sumLosers'] as const),
  ...(['sumLongGross', 'sumShortGross', 'sumLongSpread', 'sumShortSpread', 'laterGross', 'laterSpread'] as const),
  ...(['largestN', 'largestGross', 'largestSpread'] as const),
  ...(['nOpenAtEnd', 'nInvalidExit', 'nOverlapping', 'nInvalidBook', 'nCooling'] as const),
] as const;
const blockColumns = ['block', 'blockN', 'blockTp', 'blockGross', 'blockSpread'] as const;
const foldColumns = [
  ...(['foldTrainN', 'foldTrainGross', 'foldTrainSpread', 'foldTestN', 'foldTestTp'] as const),
  ...(['foldTestSl', 'foldTestGross', 'foldTestSpread'] as const),
] as const;
/** What shifting the firings gave: observed, mean, variance and p; NaN where it was not done. */
const timings = 4;
const noTiming = new Array<number>(timings).fill(Number.NaN);

export type TotalName = (typeof integerNames)[number] | (typeof doubleNames)[number];
export type Totals = Readonly<Record<TotalName, number>>;

/** What shifting a trial's firings in one session gave; `pTiming` is null where not every shift was taken. */
export type SessionTiming = ShiftMoments & { readonly pTiming: number | null };

/** Per block of time with trades: its number, and both sides together. */
export interface UnitBlocks {
  readonly block: ArrayLike<number>;
  readonly trades: ArrayLike<number>;
  readonly takeProfits: ArrayLike<number>;
  readonly gross: ArrayLike<number>;
  readonly spread: ArrayLike<number>;
}

/** Per fold inside the session. */
export interface UnitFolds {
  readonly trainN: ArrayLike<number>;
  readonly trainGross: ArrayLike<number>;
  readonly trainSpread: ArrayLike<number>;
  readonly testN: ArrayLike<number>;
  readonly testTp: ArrayLike<number>;
  readonly testSl: ArrayLike<number>;
  readonly testGross: ArrayLike<number>;
  readonly testSpread: ArrayLike<number>;
}

/** Every number that trials add up. */
export const totalNames: readonly TotalName[] = [...integerNames, ...doubleNames];

const places = new Map<string, number>(integerNames.map((name, at) => [name, at]));
const doublePlaces = new Map<string, number>(doubleNames.map((name, at) => [name, at]));

/**
 * What a family keeps of its units, in columns of plain numbers: of hundreds of thousands of units, an object and its lists
 * each would be ten times as large. A unit goes by its place in the order in which it came.
 */
export class UnitTable {
  readonly #integers = new Growing((length) => new Int32Array(length));
  readonly #doubles = new Growing((length) => new Float64Array(length));
  readonly #timings = new Growing((length) => new Float64Array(length));
  readonly #tradesHashes: string[] = [];
  /** As JSON; null where trades are filled at the mid. */
  readonly #executions: (string | null)[] = [];
  readonly #nBlocks = new Growing((length) => new Int32Array(length));
  /** Five numbers a list, one after another; and where the lists of each unit end. */
  readonly #blocks = new Growing((length) => new Int32Array(length));
  readonly #blockEnds: number[] = [];
  readonly #folds = new Growing((length) => new Int32Array(length));
  readonly #foldEnds: number[] = [];

  get length(): number {
    return this.#tradesHashes.length;
  }

  /** Takes in a unit, a row of these columns, with its lists; gives its place. */
  add(units: UnitSums, row: number): number {
    const integers = this.#integers.grow(integerNames.length);
    const first = this.#integers.length - integerNames.length;
    for (let at = 0; at < integerNames.length; at++) {
      const column = columnNames[at];
      integers[first + at] = column == null ? 1 : present(units[column][row]);
    }
    this.#doubles.push(
      present(units.nBinsJudged[row]) * present(units.cellWidthMs[row]),
      present(units.orderPriceTicks[row]),
    );
    const [shiftT = null, shiftMean = null, shiftVariance = null] = [
      units.shiftT[row],
      units.shiftMean[row],
      units.shiftVariance[row],
    ];
    if (shiftT === null || shiftMean === null || shiftVariance === null) this.#timings.push(...noTiming);
    else this.#timings.push(shiftT, shiftMean, shiftVariance, units.pShift[row] ?? Number.NaN);
    for (const name of foldColumns) this.#folds.append(present(units[name][row]));
    for (const name of blockColumns) this.#blocks.append(present(units[name][row]));
    this.#executions.push(units.executionJson[row] ?? null);
    return this.#end(present(units.tradesHash[row]), present(units.nBlocks[row]));
  }

  /** The ledger does not tell sides apart: all trades stand on the long one, and what it does not keep is 0. */
  addTried(tried: Tried): number {
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const values: Partial<Record<TotalName, number>> = {
      sessionsRun: 1,
      signals: tried.nSignals,
      longs: tried.nSignals,
      winners: tried.nWinners,
      losers: tried.nLosers,
      longGross: sum(tried.blockGross),
      longSpread: sum(tried.blockSpread),
    };
    this.#integers.push(...integerNames.map((name) => values[name] ?? 0));
    this.#doubles.push(...doubleNames.map(() => 0));
    this.#timings.push(...noTiming);
    const none = tried.block.map(() => 0);
    for (const list of [tried.block, tried.blockN, none, tried.blockGross, tried.blockSpread])
      this.#blocks.append(list);
    this.#executions.push(null);
    return this.#end(tried.tradesHash, tried.nBlocks);
  }

  #end(tradesHash: string, nBlocks: number): number {
    this.#blockEnds.push(this.#blocks.length);
    this.#foldEnds.push(this.#folds.length);
    this.#nBlocks.push(nBlocks);
    return this.#tradesHashes.push(tradesHash) - 1;
  }

  total(unit: number, name: TotalName): number {
    const place = places.get(name);
    if (place !== undefined) return this.#integers.at(unit * integerNames.length + place);
    return this.#doubles.at(unit * doubleNames.length + present(doublePlaces.get(name)));
  }

  /** What became of its firings in the real book, as JSON; null where trades are filled at the mid. */
  execution(unit: number): string | null {
    return this.#executions[unit] ?? null;
  }

  /** Hash of its list of trades; empty for none. */
  tradesHash(unit: number): string {
    return this.total(unit, 'signals') > 0 ? present(this.#tradesHashes[unit]) : '';
  }

  timing(unit: number): SessionTiming | null {
    const at = (place: number) => this.#timings.at(unit * timings + place);
    if (Number.isNaN(at(0))) return null;
    const pTiming = Number.isNaN(at(3)) ? null : at(3);
    return { firings: this.total(unit, 'signals'), observed: at(0), mean: at(1), variance: at(2), pTiming };
  }

  /** Equal blocks that its session is cut into. */
  nBlocks(unit: number): number {
    return this.#nBlocks.at(unit);
  }

  /** Views, valid until a unit is added; empty where blocks were not read. */
  blocks(unit: number): UnitBlocks {
    const list = listsOf(this.#blocks, this.#blockEnds, unit, blockColumns.length);
    return { block: list(0), trades: list(1), takeProfits: list(2), gross: list(3), spread: list(4) };
  }

  /** Views, valid until a unit is added; empty where there are no folds. */
  folds(unit: number): UnitFolds {
    const list = listsOf(this.#folds, this.#foldEnds, unit, foldColumns.length);
    return {
      ...{ trainN: list(0), trainGross: list(1), trainSpread: list(2), testN: list(3), testTp: list(4) },
      ...{ testSl: list(5), testGross: list(6), testSpread: list(7) },
    };
  }
}

/** The lists of a unit, of which there are `count` of equal length. */
function listsOf(values: Growing<Int32Array>, ends: readonly number[], unit: number, count: number) {
  const first = unit === 0 ? 0 : present(ends[unit - 1]);
  const length = (present(ends[unit]) - first) / count;
  return (list: number) => values.view(first + list * length, first + (list + 1) * length);
}

/** A typed array that doubles when it is full. */
class Growing<T extends Int32Array | Float64Array> {
  readonly #make: (length: number) => T;
  #values: T;
  length = 0;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(32);
  }

  push(...added: readonly number[]): void {
    this.append(added);
  }

  append(added: ArrayLike<number>): void {
    if (added.length > 0) this.grow(added.length).set(added, this.length - added.length);
  }

  /** Makes place for so many numbers at the end; gives the array, which holds until it grows again. */
  grow(count: number): T {
    this.length += count;
    if (this.length > this.#values.length) {
      const larger = this.#make(Math.max(2 * this.#values.length, this.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    return this.#values;
  }

  at(index: number): number {
    return present(this.#values[index]);
  }

  view(from: number, to: number): ArrayLike<number> {
    return this.#values.subarray(from, to);
  }
}
