import { studentTSurvival } from '../../src/statistics/student_t.ts';
import type { ChunkResult } from './chunk.ts';
import type { FamilyResult } from './family.ts';

/** One line of the table: a mean over families with its standard error, and the bound that it must keep within 3 s.e. */
export interface CalibrationRow {
  readonly name: string;
  readonly families: number;
  readonly value: number;
  readonly error: number;
  /** Null where the number is shown and not bounded. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

export function holdsBound({ value, error, atLeast, atMost }: CalibrationRow): boolean {
  return (atLeast === null || value >= atLeast - 3 * error) && (atMost === null || value <= atMost + 3 * error);
}

type Bound = readonly [atLeast: number | null, atMost: number | null];
const upTo = (limit: number): Bound => [null, limit];
const shown: Bound = [null, null];

function row(name: string, values: readonly (number | null)[], [atLeast, atMost]: Bound): CalibrationRow {
  const known = values.filter((value): value is number => value !== null && !Number.isNaN(value));
  const count = known.length;
  const value = known.reduce((sum, x) => sum + x, 0) / count;
  const variance = known.reduce((sum, x) => sum + (x - value) ** 2, 0) / (count - 1);
  // A share of 0 or 1 of n families may be off by 1/n.
  const error = Math.max(Math.sqrt(variance / count), value === 0 || value === 1 ? 1 / count : 0);
  return { name, families: count, value, error, atLeast, atMost };
}

/** The table of all chunks, symmetric payoffs first. */
export function calibrationTable(chunks: readonly ChunkResult[]): CalibrationRow[] {
  return (['symmetric', 'skewed'] as const).flatMap((set) => {
    const own = chunks.filter(({ payoffs }) => payoffs === set);
    return own.length === 0 ? [] : rowsOf(set, own);
  });
}

function rowsOf(set: 'symmetric' | 'skewed', chunks: readonly ChunkResult[]): CalibrationRow[] {
  const skewed = set === 'skewed';
  const rows: CalibrationRow[] = [];
  for (const size of ['1', '5', '10', '20', '60']) {
    const families = chunks.flatMap((chunk) => chunk.families[size] ?? []);
    const label = `${set}, ${size === '1' ? 'blocks' : `S = ${size}`}`;
    const add = (name: string, pick: (family: FamilyResult) => number | null, bound: Bound) =>
      rows.push(row(`${label}: ${name}`, families.map(pick), bound));
    add('tested trials', ({ tested }) => tested, shown);
    add('p_profit ≤ .05', ({ p05 }) => p05, upTo(0.05));
    add('p_profit ≤ .01', ({ p01 }) => p01, upTo(0.01));
    add('p_profit ≤ .001', ({ p001 }) => p001, upTo(0.001));
    add('coverage of r', ({ coverage }) => coverage, size === '5' ? [0.94, null] : [0.94, 0.96]);
    if (size === '5') continue;
    rows.push(row(`${label}: coverage of rates`, rateCoverage(chunks, size), [0.94, 0.97]));
    add('any q < .1', ({ anyQ }) => anyQ, skewed ? upTo(0.13) : upTo(0.1));
    add('Romano–Wolf, any adjusted p < .05', ({ anyAdjusted }) => anyAdjusted, upTo(skewed ? 0.075 : 0.06));
    add('SPA ≤ .05', ({ spa }) => (spa === null ? null : spa <= 0.05 ? 1 : 0), size === '1' ? shown : upTo(0.07));
    add('any DSR > .95', ({ anyDeflated }) => anyDeflated, upTo(0.05));
    add('PBO', ({ pbo }) => pbo, [0.45, 0.55]);
    if (size === '20') add('PBO with costs', ({ pboWithCosts }) => pboWithCosts, [0.45, 0.55]);
    if (size === '1') continue;
    add('verdict holds', ({ holds }) => holds, upTo(0.05));
    rows.push(row(`${label}: p < .05 at an edge of 3.5 s.e.`, powerAtEdge(chunks, size), [0.8, null]));
    if (size === '60') continue;
    const power = skewed ? shown : ([size === '10' ? 0.6 : 0.95, null] as const);
    add('Romano–Wolf finds +.5 ticks', ({ foundPlanted }) => foundPlanted, power);
  }
  const single = chunks.flatMap(({ timing }) => timing.single);
  const share = (limit: number) => (values: readonly (number | null)[]) => {
    const known = values.filter((p) => p !== null);
    return known.filter((p) => p <= limit).length / known.length;
  };
  for (const limit of [0.05, 0.01, 0.001]) {
    rows.push(row(`${set}, one session: p_timing ≤ ${limit}`, single.map(share(limit)), upTo(limit)));
  }
  const pooled = chunks.map(({ timing }) => timing.pooled);
  for (const limit of [0.05, 0.01, 0.001]) {
    rows.push(row(`${set}, S = 20: p_timing ≤ ${limit}`, pooled.map(share(limit)), shown));
  }
  return rows;
}

/** Share of the tested trials of each family whose interval of the rate holds the rate of all sessions. */
function rateCoverage(chunks: readonly ChunkResult[], size: string): number[] {
  const pool = size === '1' ? 'single' : 'family';
  const trials = chunks[0]!.rates[pool].trades.length;
  const truth = Array.from({ length: trials }, (_, trial) => {
    const total = (pick: (chunk: ChunkResult) => number) => chunks.reduce((sum, chunk) => sum + pick(chunk), 0);
    return total(({ rates }) => rates[pool].profits[trial]!) / total(({ rates }) => rates[pool].trades[trial]!);
  });
  return chunks
    .flatMap(({ families }) => families[size] ?? [])
    .map(({ rates }) => {
      const covers = rates.flatMap((interval, trial) =>
        interval === null ? [] : [interval[0] <= truth[trial]! && truth[trial]! <= interval[1] ? 1 : 0],
      );
      return covers.reduce((sum: number, value) => sum + value, 0) / covers.length;
    });
}

/** Power of p_profit when every trial has an edge of 3.5 of its true standard errors, which all families together tell. */
function powerAtEdge(chunks: readonly ChunkResult[], size: string): number[] {
  const families = chunks.flatMap((chunk) => chunk.families[size] ?? []);
  const trials = families[0]!.variances.length;
  const typical = Array.from({ length: trials }, (_, trial) => {
    const known = families.flatMap(({ variances }) => variances[trial] ?? []);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  });
  return families.map(({ t, variances }) => {
    const found = t.flatMap((pair, trial) => {
      if (pair === null) return [];
      const [observed, df] = pair;
      const edge = 3.5 * Math.sqrt(typical[trial]! / variances[trial]!);
      return [studentTSurvival(observed + edge, df) <= 0.05 ? 1 : 0];
    });
    return found.reduce((sum: number, value) => sum + value, 0) / found.length;
  });
}

/** The table as aligned text. */
export function tableText(rows: readonly CalibrationRow[]): string {
  const cells = rows.map((line) => [
    line.name,
    String(line.families),
    line.value.toFixed(4),
    line.error.toFixed(4),
    boundText(line),
    line.atLeast === null && line.atMost === null ? '' : holdsBound(line) ? 'holds' : 'MISSES',
  ]);
  const all = [['number', 'families', 'value', 's.e.', 'bound (± 3 s.e.)', ''], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function boundText({ atLeast, atMost }: CalibrationRow): string {
  if (atLeast !== null && atMost !== null) return `${atLeast} to ${atMost}`;
  if (atLeast !== null) return `≥ ${atLeast}`;
  return atMost === null ? 'shown' : `≤ ${atMost}`;
}
