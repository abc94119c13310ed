import { pooledTiming, type ShiftMoments, ShiftTable } from '../../src/statistics/index.ts';
import { type FamilyResult, judgeFamily, trueRates } from './family.ts';
import { holdBins, type Payoff, type PayoffSet, payoffSets, warmupBins } from './market.ts';
import { runSession, type SessionDetail, type SessionSums } from './unit.ts';

/** Sessions of a chunk of many: families of 60, 20, 10 and 5 are made of the same, each in disjoint groups. */
const chunkSessions = 60;
export const familySizes = [5, 10, 20, 60] as const;
/** Of 60 sessions only the first 20 make families of five. */
const sessionsForFives = 20;
/** Single sessions of a chunk, longer and all of one volatility: a rate by blocks speaks of its own day. */
const singles = 30;
const bins = { family: 6_500, single: 12_900 } as const;
const blocks = { family: 32, single: 64 } as const;

/** The trial with the edge in the power rows: signal `fast`, threshold 1.5, cooldown 30, take-profit = stop-loss = 4 ticks. */
export const plantedTrial = (1 * 12 + 1 * 4 + 1) * 4;

/** What a chunk is made of: 60 sessions in families, or 30 single ones. */
export type ChunkKind = 'many' | 'single';

/** A chunk to compute. */
export interface ChunkTask {
  readonly chunk: number;
  readonly payoffs: PayoffSet;
  readonly kind: ChunkKind;
}

/** Results of one chunk; a line of the file that a calibration resumes from. */
export interface ChunkResult extends ChunkTask {
  /** Families by number of sessions; "1" by blocks. */
  readonly families: Readonly<Record<string, readonly FamilyResult[]>>;
  /** For the true rates of take-profits: single sessions have no factor of the day. */
  readonly rates: ReturnType<typeof trueRates>;
  /** p-values of timing of every firing list with one payoff: of each single session, or pooled over 20. */
  readonly timing: readonly (readonly (number | null)[])[];
}

/** Computes a chunk anew from its number alone. */
export function runChunk({ chunk, payoffs: set, kind }: ChunkTask): ChunkResult {
  const payoffs = payoffSets[set];
  const base = (set === 'skewed' ? 2 ** 33 : 0) + (kind === 'single' ? 2 ** 32 : 0);
  const seedOf = (session: number) => base + chunk * 1000 + session + 1;
  return kind === 'many'
    ? { chunk, payoffs: set, kind, ...manySessions(payoffs, seedOf) }
    : { chunk, payoffs: set, kind, ...singleSessions(payoffs, seedOf) };
}

type Computed = Pick<ChunkResult, 'families' | 'rates' | 'timing'>;

function manySessions(payoffs: readonly Payoff[], seedOf: (session: number) => number): Computed {
  const units: SessionSums[] = [];
  const moments: (ShiftMoments | null)[][] = [];
  for (let session = 0; session < chunkSessions; session++) {
    const detail = runSession(seedOf(session), bins.family, blocks.family, payoffs, true);
    units.push(detail.sums);
    if (session < 20) moments.push(timingOf(detail, (table, firings) => table.moments(firings, holdBins / 10)));
  }
  const families: Record<string, FamilyResult[]> = {};
  for (const size of familySizes) {
    families[size] = [];
    const end = size === 5 ? sessionsForFives : chunkSessions;
    for (let from = 0; from < end; from += size) {
      families[size].push(judgeFamily(units.slice(from, from + size), seedOf(from), plantedTrial));
    }
  }
  const pooled = Array.from({ length: moments[0]!.length }, (_, list) => {
    const sessions = moments.flatMap((session) => session[list] ?? []);
    return pooledTiming(sessions)?.pTiming ?? null;
  });
  return { families, rates: trueRates(units), timing: [pooled] };
}

function singleSessions(payoffs: readonly Payoff[], seedOf: (session: number) => number): Computed {
  const details = Array.from({ length: singles }, (_, session) =>
    runSession(seedOf(session), bins.single, blocks.single, payoffs, false),
  );
  return {
    families: { 1: details.map(({ sums }, session) => judgeFamily([sums], seedOf(session), plantedTrial)) },
    rates: trueRates(details.map(({ sums }) => sums)),
    timing: details.map((detail) => timingOf(detail, (table, firings) => table.test(firings)?.pTiming ?? null)),
  };
}

/** An answer for every list with a cooldown, against the chunk's first payoff. */
function timingOf<T>(
  detail: SessionDetail,
  judge: (table: ShiftTable, firings: { long: Int32Array; short: Int32Array }) => T,
): T[] {
  const { long, short } = detail.outcomes[0]!;
  const table = new ShiftTable(long.subarray(warmupBins), short.subarray(warmupBins));
  const lists = detail.fired.filter((_, list) => list % 4 !== 0);
  return lists.map(({ bins: fired, sides }) => {
    const side = (sign: number) => fired.filter((_, index) => sides[index] === sign).map((bin) => bin - warmupBins);
    return judge(table, { long: side(1), short: side(-1) });
  });
}
