import {
  backtestOverfitting,
  benjaminiHochberg,
  boundByOwn,
  type ClusterMean,
  type ClusterSums,
  clusterMean,
  clusterMoments,
  clusterRate,
  dayStatistics,
  deflatedSharpe,
  isTested,
  requirement,
  seriesOf,
  signFlipTests,
  verdictOf,
  walkForward,
  widerMean,
} from '../../src/statistics/index.ts';
import type { SessionSums } from './unit.ts';

/** Half ticks in a tick: sums of units are in half ticks. */
const halfTicks = 2;
/** Cost of a round trip in the rows "with costs", ticks. */
export const roundTripCost = 1;
/** True net edge that is planted in the row of Romano–Wolf's power, ticks a trade. */
export const plantedEdge = 0.5;

/** What the statistics say of one family in which nothing is true; shares are means over its tested trials. */
export interface FamilyResult {
  readonly tested: number;
  readonly p05: number;
  readonly p01: number;
  readonly p001: number;
  readonly coverage: number;
  /** Whether any of the tested trials looks like a find: 1 or 0, or null where the number is not computed. */
  readonly anyQ: number;
  readonly anyAdjusted: number | null;
  readonly spa: number | null;
  readonly anyDeflated: number | null;
  readonly pbo: number | null;
  readonly pboWithCosts: number | null;
  readonly holds: number | null;
  /** Mean variance of the tested trials' r, per trial: for the edge of the power rows. */
  readonly variances: readonly (number | null)[];
  /** t of each tested trial, not corrected, with its df and its skewness. */
  readonly t: readonly (readonly [t: number, df: number, skew: number] | null)[];
  /** Whether a trial with the planted edge survives; has q < 0.1; has a DSR > 0.95. */
  readonly foundPlanted: number | null;
  readonly plantedQ: number | null;
  readonly plantedDeflated: number | null;
  /** Interval of each trial's rate of take-profits; null without. */
  readonly rates: readonly (readonly [number, number] | null)[];
}

/** Sessions put side by side as clusters: whole, or in their blocks. */
export function combine(units: readonly SessionSums[], byBlocks: boolean, profits = false): ClusterSums {
  const { trials, blocks } = units[0]!;
  const perSession = byBlocks ? blocks : 1;
  const clusters = units.length * perSession;
  const sums = new Float64Array(trials * clusters);
  const counts = new Float64Array(sums.length);
  units.forEach((unit, session) => {
    for (let trial = 0; trial < trials; trial++) {
      for (let block = 0; block < blocks; block++) {
        const to = trial * clusters + session * perSession + (byBlocks ? block : 0);
        const from = trial * blocks + block;
        sums[to]! += profits ? unit.profits[from]! : unit.sums[from]! / halfTicks;
        counts[to]! += unit.counts[from]!;
      }
    }
  });
  const flag = (_: unknown, c: number) => ((c + 1) % blocks === 0 ? 0 : 1);
  return { trials, clusters, sums, counts, neighbours: byBlocks ? Uint8Array.from({ length: clusters }, flag) : null };
}

function shifted(data: ClusterSums, trials: ReadonlySet<number> | null, ticks: number): ClusterSums {
  const moved = (y: number, at: number) =>
    trials === null || trials.has(Math.floor(at / data.clusters)) ? y + ticks * data.counts[at]! : y;
  return { ...data, sums: data.sums.map(moved) };
}

/** Estimates of all trials that are tested; null of the others. */
function estimates(units: readonly SessionSums[], data: ClusterSums, bySessions: boolean): (ClusterMean | null)[] {
  const sessions = units.length;
  const whole = !bySessions && sessions >= 3 ? combine(units, false) : null;
  return Array.from({ length: data.trials }, (_, trial) => {
    const own = clusterMean(seriesOf(data, trial));
    if (own === null) return null;
    const total = (pick: (unit: SessionSums) => number) => units.reduce((sum, unit) => sum + pick(unit), 0);
    const tested = isTested({
      ...own,
      winners: total(({ winners }) => winners[trial]!),
      losers: total(({ losers }) => losers[trial]!),
      sessions,
      sessionsRun: sessions,
      bySessions,
    });
    if (!tested) return null;
    return whole === null ? own : widerMean(own, clusterMean(seriesOf(whole, trial)));
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const any = (values: Iterable<number>, holds: (value: number) => boolean): number => ([...values].some(holds) ? 1 : 0);

/**
 * All numbers of a family over the sessions `units`. `planted` is the trial that the power rows give an edge. Rates are left
 * out for 3 to 9 sessions, where nothing is promised of them.
 */
export function judgeFamily(units: readonly SessionSums[], seed: number, planted: number): FamilyResult {
  const sessions = units.length;
  const bySessions = sessions >= 10;
  const data = combine(units, !bySessions);
  const found = estimates(units, data, bySessions);
  const members = found.flatMap((estimate) => (estimate === null ? [] : [estimate]));
  const tested = Uint8Array.from(found, (estimate) => (estimate === null ? 0 : 1));
  const share = (limit: number) => mean(members.map(({ pProfit }) => (pProfit <= limit ? 1 : 0)));
  const pValues = pValuesOf(found);
  const q = benjaminiHochberg(pValues);
  const tests = flipsOf(data, pValues, seed);
  // Of 3 to 9 sessions nothing is promised of rates, and the verdict speaks of no other days.
  const between = !bySessions && sessions > 1;
  const deflated = found.map((estimate, trial) =>
    estimate === null || tests === null
      ? 0
      : (deflatedSharpe(seriesOf(data, trial).sums, tests.benchmarkSharpe)?.probability ?? 0),
  );
  const finds = bySessions && sessions < 60 && tested[planted] === 1 ? plantedFinds(data, found, planted, seed) : null;
  const profits = between ? null : combine(units, !bySessions, true);
  return {
    tested: members.length,
    p05: share(0.05),
    p01: share(0.01),
    p001: share(0.001),
    coverage: mean(members.map(({ low, high }) => (low <= 0 && high >= 0 ? 1 : 0))),
    anyQ: any(q, (value) => value < 0.1),
    anyAdjusted: tests === null ? null : any(tests.survivors, () => true),
    spa: tests?.spa ?? null,
    anyDeflated: tests === null ? null : any(deflated, (value) => value > 0.95),
    pbo: between ? null : (backtestOverfitting(data, tested)?.probability ?? null),
    // The same cost on every trade moves all r alike: one size of families is enough to show it.
    pboWithCosts:
      sessions === 20 ? (backtestOverfitting(shifted(data, null, -roundTripCost), tested)?.probability ?? null) : null,
    holds: tests === null || !bySessions ? null : holds(data, found, tests),
    variances: found.map((estimate) => estimate?.variance ?? null),
    t: found.map((estimate) =>
      estimate === null ? null : [estimate.mean / Math.sqrt(estimate.variance), estimate.df, estimate.skew],
    ),
    foundPlanted: finds?.survives ?? null,
    plantedQ: finds?.q ?? null,
    plantedDeflated: finds?.deflated ?? null,
    rates: found.map((estimate, trial) => {
      const rate = estimate === null || profits === null ? null : clusterRate(seriesOf(profits, trial));
      return rate === null ? null : [rate.low, rate.high];
    }),
  };
}

/** p_profit of each trial; NaN for those that are not tested. */
function pValuesOf(found: readonly (ClusterMean | null)[]): Float64Array {
  return Float64Array.from(found, (estimate) => estimate?.pProfit ?? Number.NaN);
}

/** The tests of a family by random signs, as `judgeFamily` of the sweeps bounds them. */
function flipsOf(data: ClusterSums, pValues: Float64Array, seed: number) {
  const tests = signFlipTests(
    data,
    Uint8Array.from(pValues, (p) => (Number.isNaN(p) ? 0 : 1)),
    seed,
  );
  return tests === null ? null : boundByOwn(tests, pValues);
}

/** What is said of trial `planted` when it alone has an edge: 1 or 0. */
function plantedFinds(data: ClusterSums, found: readonly (ClusterMean | null)[], planted: number, seed: number) {
  const moved = shifted(data, new Set([planted]), plantedEdge);
  const own = clusterMean(seriesOf(moved, planted));
  const pValues = pValuesOf(found.with(planted, own));
  const tests = flipsOf(moved, pValues, seed);
  if (tests === null) return null;
  const q = benjaminiHochberg(pValues)[planted]!;
  const deflated = deflatedSharpe(seriesOf(moved, planted).sums, tests.benchmarkSharpe);
  return {
    survives: tests.adjusted[planted]! < 0.05 ? 1 : 0,
    q: q < 0.1 ? 1 : 0,
    deflated: deflated !== null && deflated.probability > 0.95 ? 1 : 0,
  };
}

/** Whether the verdict on the family is *holds*: 1 or 0. */
function holds(
  data: ClusterSums,
  found: readonly (ClusterMean | null)[],
  tests: NonNullable<ReturnType<typeof signFlipTests>>,
): number {
  const ranked = [...found.keys()].filter((trial) => found[trial] !== null).sort((a, b) => tests.z[b]! - tests.z[a]!);
  const [best] = ranked;
  const estimate = best === undefined ? null : found[best]!;
  if (best === undefined || estimate === null) return 0;
  const trainSessions = Math.floor(data.clusters / 2);
  const forward = walkForward(
    data,
    found.map((_, trial) => String(trial).padStart(4, '0')),
    {
      trainSessions,
      testSessions: 5,
      anchored: false,
      choose: 'net_mean',
      minSignals: 30,
    },
  );
  const survives = tests.survivors.includes(best);
  const verdict = verdictOf({
    sessions: data.clusters,
    tested: ranked.length,
    best: { ...estimate, detectable: requirement(estimate, data.clusters).detectable, cost: roundTripCost },
    survivor: survives
      ? { adjusted: tests.adjusted[best]!, withoutBest: dayStatistics(seriesOf(data, best), 0).withoutBest }
      : null,
    walkForward: forward === null ? null : { testSessions: forward.sums.length, low: forward.estimate?.low ?? null },
    finalAhead: false,
  });
  return verdict.kind === 'holds' ? 1 : 0;
}

/** Rate of take-profits of each trial over all units: what rates are to cover. */
export function trueRates(units: readonly SessionSums[]): { readonly profits: number[]; readonly trades: number[] } {
  const data = combine(units, false, true);
  const all = Array.from({ length: data.trials }, (_, trial) => clusterMoments(seriesOf(data, trial)));
  return { profits: all.map((m) => (m === null ? 0 : m.mean * m.trades)), trades: all.map((m) => m?.trades ?? 0) };
}
