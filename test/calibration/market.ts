import { randomSource } from '../../src/statistics/index.ts';

/** A market in which nothing can be known: mids are a martingale, whatever the scores say. */
export interface NullSession {
  /** Mid of every bin, half ticks. */
  readonly mids: Int32Array;
  /** Scores of every signal, one array a signal. */
  readonly scores: readonly Float64Array[];
}

/**
 * One session of `bins` bins. The standard deviation of a bin's move is one half tick on average; it clusters over some
 * 200 bins and differs from day to day by the factor exp(0.4·N(0, 1)), or by none when `dayFactor` is false.
 *
 * Scores: slow and fast noise, the last 30 bins' move in units of its recent deviation, and the last 10 bins' move against
 * its sign in fixed units, which fires where volatility is high.
 */
export function nullSession(seed: number, bins: number, dayFactor: boolean): NullSession {
  const random = randomSource(seed);
  const normal = () => {
    const radius = Math.sqrt(-2 * Math.log((random.below(2 ** 32) + 0.5) / 2 ** 32));
    return radius * Math.cos((2 * Math.PI * random.below(2 ** 32)) / 2 ** 32);
  };
  const factor = Math.exp(dayFactor ? 0.4 * normal() : 0);
  const mids = new Int32Array(bins);
  const scores = signalNames.map(() => new Float64Array(bins));
  let logVolatility = 0.5 * normal();
  let slow = normal();
  let fast = normal();
  let square = 30;
  for (let bin = 0, mid = 40_000; bin < bins; bin++) {
    logVolatility = 0.995 * logVolatility + 0.05 * normal();
    // A rounded symmetric variable is symmetric: the next mid's expectation is this mid.
    mid += Math.round(factor * Math.exp(logVolatility) * 0.85 * normal());
    mids[bin] = mid;
    slow = 0.98 * slow + 0.199 * normal();
    fast = 0.85 * fast + 0.527 * normal();
    const move30 = mid - mids[Math.max(0, bin - 30)]!;
    square += (move30 * move30 - square) / 300;
    scores[0]![bin] = slow;
    scores[1]![bin] = fast;
    scores[2]![bin] = move30 / Math.sqrt(Math.max(1, square));
    scores[3]![bin] = -(mid - mids[Math.max(0, bin - 10)]!) / 3;
  }
  return { mids, scores };
}

export const signalNames = ['slow', 'fast', 'momentum', 'reversion'] as const;

/** Bins before which nothing fires, and the longest time in a trade. */
export const warmupBins = 100;
export const holdBins = 100;

/** When a signal fires: |score| ≥ threshold, and more than `cooldown` bins after the last firing. */
export interface FiringList {
  readonly signal: number;
  readonly threshold: number;
  readonly cooldown: number;
}

export const firingLists: readonly FiringList[] = signalNames.flatMap((_, signal) =>
  [1, 1.5, 2].flatMap((threshold) => [0, 30, 100, 300].map((cooldown) => ({ signal, threshold, cooldown }))),
);

/** Bins at which a list fires, and the side: +1 long, −1 short. */
export function firingsOf(session: NullSession, list: FiringList): { bins: Int32Array; sides: Int8Array } {
  const score = session.scores[list.signal]!;
  const bins: number[] = [];
  const sides: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let bin = warmupBins; bin < score.length - 1; bin++) {
    if (Math.abs(score[bin]!) < list.threshold || bin - last <= list.cooldown) continue;
    last = bin;
    bins.push(bin);
    sides.push(Math.sign(score[bin]!));
  }
  return { bins: Int32Array.from(bins), sides: Int8Array.from(sides) };
}

/** Distances of take-profit and stop-loss from entry, ticks. */
export interface Payoff {
  readonly tp: number;
  readonly sl: number;
}

export const payoffSets: Readonly<Record<PayoffSet, readonly Payoff[]>> = {
  symmetric: [
    { tp: 4, sl: 4 },
    { tp: 8, sl: 8 },
    { tp: 8, sl: 4 },
    { tp: 4, sl: 8 },
  ],
  skewed: [
    { tp: 20, sl: 4 },
    { tp: 4, sl: 20 },
    { tp: 10, sl: 2 },
    { tp: 2, sl: 10 },
  ],
};
export type PayoffSet = 'symmetric' | 'skewed';

/** Gains of a trade opened at each bin, half ticks, both fills at mids; and whether it ended at its take-profit. */
export interface Outcomes {
  readonly long: Int32Array;
  readonly short: Int32Array;
  readonly longTp: Uint8Array;
  readonly shortTp: Uint8Array;
}

/** Outcomes of a payoff: out at the first mid at or beyond a price, after `holdBins`, or at the session's last mid. */
export function outcomesOf(mids: Int32Array, payoff: Payoff): Outcomes {
  const bins = mids.length;
  const [long, short] = [new Int32Array(bins), new Int32Array(bins)];
  const [longTp, shortTp] = [new Uint8Array(bins), new Uint8Array(bins)];
  const [tp, sl] = [2 * payoff.tp, 2 * payoff.sl];
  for (let bin = 0; bin < bins; bin++) {
    const entry = mids[bin]!;
    const end = Math.min(bins - 1, bin + holdBins);
    let at = bin;
    let move = 0;
    while (at < end && move < tp && move > -sl) move = mids[++at]! - entry;
    long[bin] = move;
    longTp[bin] = move >= tp ? 1 : 0;
    at = bin;
    move = 0;
    while (at < end && move < tp && move > -sl) move = entry - mids[++at]!;
    short[bin] = move;
    shortTp[bin] = move >= tp ? 1 : 0;
  }
  return { long, short, longTp, shortTp };
}
