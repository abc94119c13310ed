import { detectableShift } from '../../src/statistics/index.ts';
import { skewCorrectedT } from '../../src/statistics/skew_corrected_t.ts';
import { studentTQuantile, studentTSurvival } from '../../src/statistics/student_t.ts';
import type { ChunkKind, ChunkResult } from './chunk.ts';
import type { FamilyResult } from './family.ts';

/** One line of the table: a mean over families with its standard error, and the bound that it must keep. */
export interface CalibrationRow {
  readonly name: string;
  readonly families: number;
  readonly value: number;
  readonly error: number;
  /** Null where the number is shown and not bounded. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  /** Standard errors by which the bound may be missed: 3 of many families, more where few of them tell the error. */
  readonly errors: number;
}

export function holdsBound({ value, error, atLeast, atMost, errors }: CalibrationRow): boolean {
  const slack = errors * error;
  return (atLeast === null || value >= atLeast - slack) && (atMost === null || value <= atMost + slack);
}

export type Bound = readonly [atLeast: number | null, atMost: number | null];
export const upTo = (limit: number): Bound => [null, limit];
export const shown: Bound = [null, null];

/** Probability that a normal variable exceeds its mean by more than three standard errors. */
const beyondThree = 0.00135;
/** Families from which the rate of all of them is known well enough to ask whether intervals of one hold it. */
const familiesForRates = 20;

/** The row of a number that each family or experiment has, or has not. */
export function rowOf(name: string, values: readonly (number | null)[], [atLeast, atMost]: Bound): CalibrationRow {
  const known = values.filter((value): value is number => value !== null && !Number.isNaN(value));
  const count = known.length;
  const value = known.reduce((sum, x) => sum + x, 0) / count;
  const variance = known.reduce((sum, x) => sum + (x - value) ** 2, 0) / (count - 1);
  // A share of 0 or 1 of n families may be off by 1/n, and one family tells no error.
  const least = value === 0 || value === 1 ? 1 / count : 0;
  const error = count === 1 ? Number.POSITIVE_INFINITY : Math.max(Math.sqrt(variance / count), least);
  const errors = count === 1 ? 3 : studentTQuantile(1 - beyondThree, count - 1);
  return { name, families: count, value, error, atLeast, atMost, errors };
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
    if (families.length === 0) continue;
    const label = `${set}, S = ${size}`;
    const add = (name: string, pick: (family: FamilyResult) => number | null, bound: Bound) =>
      rows.push(rowOf(`${label}: ${name}`, families.map(pick), bound));
    add('tested trials', ({ tested }) => tested, shown);
    add('p_profit ≤ .05', ({ p05 }) => p05, upTo(0.05));
    add('p_profit ≤ .01', ({ p01 }) => p01, upTo(0.01));
    add('p_profit ≤ .001', ({ p001 }) => p001, upTo(0.001));
    add('coverage of r', ({ coverage }) => coverage, size === '5' ? [0.94, null] : [0.94, 0.96]);
    const enough = families.length >= familiesForRates;
    if (size !== '5')
      rows.push(rowOf(`${label}: coverage of rates`, rateCoverage(chunks, size), enough ? [0.94, 0.97] : shown));
    add('any q < .1', ({ anyQ }) => anyQ, skewed ? upTo(0.13) : upTo(0.1));
    add('Romano–Wolf, any adjusted p < .05', ({ anyAdjusted }) => anyAdjusted, upTo(skewed ? 0.075 : 0.06));
    add('SPA ≤ .05', ({ spa }) => (spa === null ? null : spa <= 0.05 ? 1 : 0), size === '1' ? shown : upTo(0.07));
    add('any DSR > .95', ({ anyDeflated }) => anyDeflated, upTo(0.05));
    if (size === '5') continue;
    add('PBO', ({ pbo }) => pbo, [0.45, 0.55]);
    if (size === '20') add('PBO with costs', ({ pboWithCosts }) => pboWithCosts, [0.45, 0.55]);
    rows.push(rowOf(`${label}: p < .05 at an edge of 3.5 s.e.`, powerAtEdge(chunks, size), [0.8, null]));
    rows.push(rowOf(`${label}: finds what it "could have shown"`, foretold(chunks, size, size), [0.75, 0.85]));
    if (size === '1') continue;
    add('verdict holds', ({ holds }) => holds, upTo(0.05));
    if (size === '20') {
      rows.push(
        rowOf(`${label}: as S = 10 foretells "20 would be needed"`, foretold(chunks, '10', '20'), [0.75, 0.85]),
      );
    }
    if (size === '60') continue;
    const power = skewed ? shown : ([size === '10' ? 0.6 : 0.95, null] as const);
    add('Romano–Wolf finds +.5 ticks', ({ foundPlanted }) => foundPlanted, power);
    const alike = skewed || size === '10' ? shown : ([0.95, null] as const);
    add('q < .1 finds +.5 ticks', ({ plantedQ }) => plantedQ, alike);
    add('DSR > .95 finds +.5 ticks', ({ plantedDeflated }) => plantedDeflated, alike);
  }
  const timings = (kind: ChunkKind) => chunks.flatMap((chunk) => (chunk.kind === kind ? chunk.timing : []));
  const single = timings('single');
  const share = (limit: number) => (values: readonly (number | null)[]) => {
    const known = values.filter((p) => p !== null);
    return known.filter((p) => p <= limit).length / known.length;
  };
  for (const limit of [0.05, 0.01, 0.001]) {
    rows.push(rowOf(`${set}, S = 1: p_timing ≤ ${limit}`, single.map(share(limit)), upTo(limit)));
  }
  const pooled = timings('many');
  for (const limit of [0.05, 0.01, 0.001]) {
    rows.push(rowOf(`${set}, S = 20: p_timing ≤ ${limit}`, pooled.map(share(limit)), shown));
  }
  return rows.filter(({ families }) => families > 0);
}

/** Share of the tested trials of each family whose interval of the rate holds the rate of all sessions. */
function rateCoverage(chunks: readonly ChunkResult[], size: string): number[] {
  const pool = chunks.filter(({ kind }) => (kind === 'single') === (size === '1'));
  const trials = pool[0]?.rates.trades.length ?? 0;
  const truth = Array.from({ length: trials }, (_, trial) => {
    const total = (pick: (chunk: ChunkResult) => number) => pool.reduce((sum, chunk) => sum + pick(chunk), 0);
    return total(({ rates }) => rates.profits[trial]!) / total(({ rates }) => rates.trades[trial]!);
  });
  return pool
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
  const trials = families[0]?.variances.length ?? 0;
  const typical = Array.from({ length: trials }, (_, trial) => {
    const known = families.flatMap(({ variances }) => variances[trial] ?? []);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  });
  return families.map(({ t, variances }) => {
    const found = t.flatMap((pair, trial) => {
      if (pair === null) return [];
      const [observed, df, skew] = pair;
      const edge = 3.5 * Math.sqrt(typical[trial]! / variances[trial]!);
      return [studentTSurvival(skewCorrectedT(observed + edge, skew), df) <= 0.05 ? 1 : 0];
    });
    return found.reduce((sum: number, value) => sum + value, 0) / found.length;
  });
}

/**
 * Share of tested trials in families of `to` sessions whose interval lies above 0 when each has the edge that families of
 * `from` say, on average, is found with probability 0.8 on `to` sessions.
 */
function foretold(chunks: readonly ChunkResult[], from: string, to: string): number[] {
  const ratio = Number(to) / Number(from);
  const saying = chunks.flatMap((chunk) => chunk.families[from] ?? []);
  const shifts = new Map<number, number>();
  const shiftAt = (df: number): number => {
    const key = Math.max(1, Math.round(4 * df));
    if (!shifts.has(key)) shifts.set(key, detectableShift(key / 4));
    return shifts.get(key)!;
  };
  const edges = (saying[0]?.variances ?? []).map((_, trial) => {
    const said = saying.flatMap(({ t, variances }) => {
      const [own, variance] = [t[trial], variances[trial]];
      if (own == null || variance == null) return [];
      return [shiftAt((own[1] + 1) * ratio - 1) * Math.sqrt(variance / ratio)];
    });
    return said.reduce((sum, edge) => sum + edge, 0) / said.length;
  });
  return chunks
    .flatMap((chunk) => chunk.families[to] ?? [])
    .map(({ t, variances }) => {
      const found = t.flatMap((own, trial) => {
        if (own === null) return [];
        const [observed, df, skew] = own;
        const shifted = skewCorrectedT(observed + edges[trial]! / Math.sqrt(variances[trial]!), skew);
        return [studentTSurvival(shifted, df) < 0.025 ? 1 : 0];
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
  const all = [['number', 'families', 'value', 's.e.', 'bound (± 3 s.e. or more)', ''], ...cells];
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

/**
 * Rows named "place: number" as a Markdown table, a column a place with its number of families, which stands in a cell where
 * it differs; numbers that miss their bound are bold.
 */
export function markdownTable(rows: readonly CalibrationRow[]): string {
  const placeOf = ({ name }: CalibrationRow) => name.slice(0, name.indexOf(': '));
  const numberOf = ({ name }: CalibrationRow) => name.slice(name.indexOf(': ') + 2);
  const counts = new Map(rows.toReversed().map((row) => [placeOf(row), row.families]));
  const places = [...new Set(rows.map(placeOf))];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const body = [...Map.groupBy(rows, numberOf)].map(([number, own]) => {
    const bounds = [...new Set(own.map(boundText))].filter((bound) => bound !== 'shown');
    const cells = places.map((place) => {
      const found = own.find((one) => placeOf(one) === place);
      if (found === undefined) return '';
      const digits = found.value >= 2 ? 1 : 4;
      const other = found.families === counts.get(place) ? '' : ` (${found.families})`;
      const text = `${found.value.toFixed(digits)} ± ${found.error.toFixed(digits)}${other}`;
      return holdsBound(found) ? text : `**${text}**`;
    });
    return line([number, bounds.join('; '), ...cells]);
  });
  const heads = places.map((place) => `${place} (${counts.get(place)})`);
  return [line(['number', 'bound', ...heads]), line(['number', 'bound', ...places].map(() => '---')), ...body].join(
    '\n',
  );
}

function boundText({ atLeast, atMost }: CalibrationRow): string {
  if (atLeast !== null && atMost !== null) return `${atLeast} to ${atMost}`;
  if (atLeast !== null) return `≥ ${atLeast}`;
  return atMost === null ? 'shown' : `≤ ${atMost}`;
}
