import { basename, join, resolve } from 'node:path';
import { canonicalJson } from '../../config/index.ts';
import { present } from '../../errors.ts';
import { refuseExisting, writeFileAtomic } from '../../files/index.ts';
import { formatCount } from '../../format.ts';
import type { Lake } from '../../lake/index.ts';
import type { ImportedScores, ImportedSession } from '../../signals/index.ts';
import { assertSignalName } from '../signal_name.ts';
import { readScores, type ScoreRows, type ScoreTable, scoresInvalid } from './read_scores.ts';
import { type SessionOfScores, sessionsOfScores } from './score_sessions.ts';

export interface ImportScoresOptions {
  readonly lake: Lake;
  /** Parquet file. */
  readonly path: string;
  readonly name: string;
  /** How long after its time, or the end of its bin, a score was known. */
  readonly availableAfterMs: number;
  /** Folder that the signal is written to. */
  readonly folder: string;
  /** Replace a signal of that name. */
  readonly force: boolean;
}

export interface ImportedScoresReport {
  readonly written: readonly string[];
  readonly sessions: readonly {
    readonly date: string;
    readonly symbol: string;
    readonly scores: number;
    /** Those of them that were known only behind the session's end, and that no bin takes. */
    readonly late: number;
  }[];
}

/**
 * Makes scores of a Parquet file a signal: a file of the folder of signals, and one beside it that holds the scores with the times at which they were
 * known. @throws USAGE, FILE_NOT_FOUND, SCORES_INVALID, FILE_EXISTS, LAKE_NOT_WRITABLE
 */
export async function importScores(options: ImportScoresOptions): Promise<ImportedScoresReport> {
  const { lake, path, name, folder, force } = options;
  assertSignalName(name);
  const root = resolve(folder);
  const [signalPath, dataPath] = [join(root, `${name}.ts`), join(root, `_${name}.scores.js`)];
  for (const one of [signalPath, dataPath]) refuseExisting(one, { force });
  const table = await readScores(path);
  const found = await sessionsOfScores(lake, path, table);
  const delayNs = BigInt(Math.round(options.availableAfterMs * 1e6));
  const sessions: ImportedSession[] = [];
  const report: ImportedScoresReport['sessions'][number][] = [];
  for (const [of, rows] of table.groups) {
    const session = present(found.get(of));
    const { symbol, date, startNs, endNs } = session;
    const known = timesOf(path, { table, of, rows, session }).map((ns) => ns + delayNs);
    const late = known.filter((ns) => ns > endNs).length;
    report.push({ date, symbol, scores: known.length, late });
    const knownNs = doublesText(known.map((ns) => Number(ns - startNs)));
    sessions.push({ symbol, date, fromNs: String(startNs), knownNs, scores: doublesText(rows.scores) });
  }
  const after = `known ${options.availableAfterMs} ms after ${table.at === 'bin_seq' ? 'the ends of their bins' : 'their times'}`;
  const doc = `scores of ${basename(path)}, ${after}: imported, not checked for look-ahead`;
  const data: ImportedScores = { name, doc, sessions };
  const written = '/* Written by `spymaster signal import`';
  await writeFileAtomic(dataPath, `${written}. */\nexport default ${canonicalJson({ ...data })};\n`);
  await writeFileAtomic(
    signalPath,
    `${written}; the scores and the times at which they were known are in the file beside it. */
import { defineImportedScores } from 'spymaster/signal';
import scores from './_${name}.scores.js';

export default defineImportedScores(scores);
`,
  );
  return { written: [signalPath, dataPath], sessions: report };
}

interface Group {
  readonly table: ScoreTable;
  /** The dataset or date. */
  readonly of: string;
  readonly rows: ScoreRows;
  readonly session: SessionOfScores;
}

/** When each score of a session was made, UNIX nanoseconds: its time, or the end of its bin. */
function timesOf(path: string, { table, of, rows, session }: Group): bigint[] {
  const { startNs, endNs, bins, datasets } = session;
  const { at } = rows;
  const [first, last] = [present(at[0]), present(at.at(-1))];
  if (table.at === 'ts_ns') {
    if (first >= startNs && last <= endNs) return at;
    const outside = first < startNs ? first : last;
    const why = `ts_ns ${outside} of ${of} lies outside of its session, ${startNs} to ${endNs}; expected UNIX nanoseconds, leave out others`;
    throw scoresInvalid(path, why, { key: 'ts_ns' });
  }
  if (bins === null) {
    const why = `the datasets of ${of}, ${datasets.join(', ')}, begin at different times or have bins of different lengths, so that bin_seq may mean several`;
    throw scoresInvalid(path, `${why}; give a column dataset in place of session, or ts_ns`, { key: 'bin_seq' });
  }
  const { count, widthNs } = bins;
  if (first >= 0n && last < BigInt(count)) return at.map((bin) => startNs + (bin + 1n) * widthNs);
  const outside = first < 0n ? first : last;
  const why = `bin_seq ${outside} of ${of} is none of its ${formatCount(count)} bins, 0 to ${count - 1}`;
  throw scoresInvalid(path, why, { key: 'bin_seq' });
}

/** Little-endian doubles as base64. */
function doublesText(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(8 * numbers.length);
  for (const [at, value] of numbers.entries()) bytes.writeDoubleLE(value, 8 * at);
  return bytes.toString('base64');
}
