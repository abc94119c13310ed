import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { BookReport } from '../peers/book_file.ts';
import { type Bench, type BenchResult, medianOf, ratioOf } from '../support/harness.ts';
import { sessionBytes } from '../support/session.ts';

const seed = 1;
const peers = join(import.meta.dirname, '..', 'peers');
/** Books of `peers/rust`, by the name that its program takes. */
const rustBooks = {
  plain: 'Rust, dbn 0.73: hash map of orders, B-trees of levels',
  flat: 'Rust, dbn 0.73: flat table of orders, sorted arrays of levels',
} as const;

/**
 * Files to the book beside programs in Rust that do the same with the official decoder: each in a process of its own, in turns,
 * timed inside from the opening of the file. The hash is of the best prices after every event.
 */
export const bench: Bench = async ({ tiny }) => {
  const program = buildRust();
  if (program === null) {
    console.error('SKIPPED the Rust peer: cargo is not installed, or its packages cannot be fetched.');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-peers-'));
  try {
    const { bytes } = sessionBytes(seed, tiny ? 1 : 3600);
    const plain = join(folder, 'session.dbn');
    const compressed = `${plain}.zst`;
    writeFileSync(plain, bytes);
    writeFileSync(compressed, zstdCompressSync(bytes));
    const rounds = tiny ? 1 : 5;
    return [
      ...besideRust('plain file to book', plain, program, rounds),
      ...besideRust('zstd file to book', compressed, program, rounds),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Path of the built program; null where it cannot be built. Cargo keeps what it built between runs. */
function buildRust(): string | null {
  const folder = join(peers, 'rust');
  const { status } = spawnSync('cargo', ['build', '--release', '--locked', '--quiet'], {
    cwd: folder,
    stdio: 'inherit',
  });
  return status === 0 ? join(folder, 'target', 'release', 'dbn-book') : null;
}

function besideRust(name: string, path: string, program: string, rounds: number): BenchResult[] {
  const ours: BookReport[] = [];
  const theirs = { plain: [] as BookReport[], flat: [] as BookReport[] };
  for (let round = 0; round < rounds; round++) {
    ours.push(reportOf(process.execPath, [join(peers, 'book_file.ts'), path]));
    for (const book of ['plain', 'flat'] as const) theirs[book].push(reportOf(program, [path, book]));
  }
  return (['plain', 'flat'] as const).map((book) => {
    const unit = 'records/s';
    const value = rateOf(ours);
    const baselineValue = rateOf(theirs[book]);
    return {
      ...{ name, unit, value, baselineName: rustBooks[book], baselineValue, seed },
      ratio: ratioOf(unit, value, baselineValue),
      resultHash: hashOf(ours),
      baselineHash: hashOf(theirs[book]),
      samples: { count: rounds, best: value, median: medianOf(ours.map(rate)), wallMedian: medianOf(ours.map(rate)) },
    };
  });
}

function reportOf(program: string, words: readonly string[]): BookReport {
  return JSON.parse(execFileSync(program, words, { encoding: 'utf8' })) as BookReport;
}

const rate = ({ records, seconds }: BookReport): number => records / seconds;
/** The best of the runs: what else the machine does only slows. */
const rateOf = (reports: readonly BookReport[]): number => Math.max(...reports.map(rate));

function hashOf(reports: readonly BookReport[]): string {
  const [first] = reports;
  if (first === undefined || reports.some(({ hash }) => hash !== first.hash))
    throw new Error('runs differ in their books');
  return first.hash;
}
