import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { type BenchOptions, type BenchResult, medianOf, ratioOf } from '../support/harness.ts';
import type { PeerReport } from '../support/peer_report.ts';
import { sessionBytes } from '../support/session.ts';
import { buildRust, findZstd, installPython, type PeerProgram, reportOf } from './peer_programs.ts';

const seed = 1;
const tickInt = 250_000_000;
const peers = join(import.meta.dirname, '..', 'peers');
const unit = 'records/s';

/** A program of ours beside one of others. The rates are wall time, of the best run: what else the machine does only slows. */
export interface PeerResult extends BenchResult {
  /** CPU time of all threads for the file, of the run that took least of it; null where it is not known. */
  readonly cpuS: number | null;
  readonly baselineCpuS: number | null;
}

/** What is done with a file, by a program of ours and by those of others. */
interface Work {
  readonly name: string;
  readonly path: string;
  /** A program of `bench/peers`. */
  readonly ours: string;
  readonly others: readonly Other[];
}

interface Other {
  readonly program: PeerProgram | null;
  /** How it does the work, and what of it is off the clock. */
  readonly how: string;
  /** What it is called with after the file; in its first run also with `first`. */
  readonly words: readonly string[];
  readonly first?: string;
}

/**
 * Files to fields and to the best prices beside programs of others that do the same: each in a process of its own, in turns. The
 * hashes are of sums of fields, and of the best prices at each F_LAST with the number of orders that rest at the end.
 */
export async function peerTable({ tiny }: BenchOptions): Promise<PeerResult[]> {
  const programs = {
    rust: buildRust(),
    array: await installPython('databento', 'databento_array.py'),
    objects: await installPython('databento_dbn', 'databento_dbn_objects.py'),
    hftbacktest: await installPython('hftbacktest', 'hftbacktest_replay.py'),
    zstd: findZstd(),
  };
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-peers-'));
  try {
    const { bytes } = sessionBytes(seed, tiny ? 1 : 3600);
    const plain = join(folder, 'session.dbn');
    const compressed = `${plain}.zst`;
    writeFileSync(plain, bytes);
    writeFileSync(compressed, zstdCompressSync(bytes));
    return worksOf(programs, plain, compressed).flatMap((work) => compareWork(work, tiny ? 1 : 5));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Programs = Record<'rust' | 'array' | 'objects' | 'hftbacktest' | 'zstd', PeerProgram | null>;

function worksOf({ rust, array, objects, hftbacktest, zstd }: Programs, plain: string, compressed: string): Work[] {
  const fields: Other[] = [
    { program: rust, how: 'decode_record', words: ['fields'] },
    { program: array, how: 'DBNStore.to_ndarray, sums by NumPy', words: [] },
    { program: objects, how: 'DBNDecoder to objects, their fields read off the clock', words: [], first: 'hash' },
  ];
  const books: Other[] = [
    { program: rust, how: 'flat table of orders, sorted arrays of levels', words: ['flat'] },
    { program: rust, how: 'HashMap of orders, BTreeMaps of levels', words: ['plain'] },
  ];
  const replay: Other = {
    program: hftbacktest,
    how: 'L3 books of exchange and client, from an array in memory; its making and compiling off the clock',
    words: [String(tickInt)],
  };
  const alone: Other = { program: zstd, how: 'decompression alone', words: [] };
  return [
    { name: 'plain file to fields', path: plain, ours: 'decode_file.ts', others: fields },
    { name: 'zstd file to fields', path: compressed, ours: 'decode_file.ts', others: [...fields, alone] },
    { name: 'plain file to book', path: plain, ours: 'book_file.ts', others: [...books, replay] },
    { name: 'zstd file to book', path: compressed, ours: 'book_file.ts', others: books },
  ];
}

function compareWork({ name, path, ours, others }: Work, rounds: number): PeerResult[] {
  const beside = others.flatMap(({ program, ...other }) => (program === null ? [] : [{ ...other, program }]));
  if (beside.length === 0) return [];
  const own: PeerReport[] = [];
  const theirs = beside.map((): PeerReport[] => []);
  for (let round = 0; round < rounds; round++) {
    own.push(reportOf(process.execPath, [join(peers, ours), path]));
    beside.forEach(({ program, words, first }, i) => {
      theirs[i]!.push(program.report(path, ...words, ...(round === 0 && first !== undefined ? [first] : [])));
    });
  }
  return beside.map(({ program, how }, i) => resultOf(name, own, `${program.version}: ${how}`, theirs[i]!));
}

function resultOf(
  name: string,
  own: readonly PeerReport[],
  baselineName: string,
  theirs: readonly PeerReport[],
): PeerResult {
  const records = own[0]!.records!;
  const rates = (reports: readonly PeerReport[]) => reports.map(({ seconds }) => records / seconds);
  const [value, baselineValue] = [Math.max(...rates(own)), Math.max(...rates(theirs))];
  const median = medianOf(rates(own));
  const hasOrders = theirs[0]!.orders !== undefined;
  return {
    ...{ name, unit, value, baselineName, baselineValue, seed },
    ratio: ratioOf(unit, value, baselineValue),
    resultHash: hashOf(own, hasOrders)!,
    baselineHash: hashOf(theirs, hasOrders),
    samples: { count: own.length, best: value, median, wallMedian: median },
    cpuS: leastCpu(own),
    baselineCpuS: leastCpu(theirs),
  };
}

function leastCpu(reports: readonly PeerReport[]): number | null {
  const times = reports.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/** What all runs that say so computed, with the number of records; null where none says so. */
function hashOf(reports: readonly PeerReport[], hasOrders: boolean): string | null {
  const told = reports.filter(({ hash }) => hash !== null);
  const hashes = new Set(told.map(({ hash, orders }) => (hasOrders ? `${hash} ${orders}` : `${hash}`)));
  if (hashes.size > 1 || new Set(reports.map(({ records }) => records)).size > 1) {
    throw new Error('runs of one program differ in their results');
  }
  return [...hashes][0] ?? null;
}
