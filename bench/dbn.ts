import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { highWord, lowWord, MboEncoder, mboRecordBytes, packFlags } from '../src/dbn/index.ts';
import { openRecords } from '../src/files/index.ts';
import { FieldSums } from './support/field_sums.ts';
import { type BenchOptions, type BenchResult, compare, hashOf, medianOf } from './support/harness.ts';
import { eachBatch, sessionBytes } from './support/session.ts';

const seed = 1;

/** MBO records a second: decoded as views, encoded, and read from a zstd file, against DataView and `zstd -dc`. */
export async function bench({ tiny }: BenchOptions): Promise<BenchResult[]> {
  const { bytes, records } = sessionBytes(seed, tiny ? 1 : 900);
  const subject = { quantity: records, runs: tiny ? 1 : 9, warmUps: tiny ? 0 : 3 };
  const baseline = { quantity: records, runs: tiny ? 1 : 3, warmUps: tiny ? 0 : 1 };
  const results = [
    await compare({
      name: 'decode MBO as views',
      unit: 'records/s',
      seed,
      ours: { ...subject, run: () => decode(bytes) },
      baseline: { ...baseline, name: 'DataView, bigints', run: () => naiveDecode(bytes) },
    }),
    await compare({
      name: 'encode MBO',
      unit: 'records/s',
      seed,
      ours: { ...subject, run: () => encode(records) },
      baseline: { ...baseline, name: 'DataView, bigints', run: () => naiveEncode(records) },
    }),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-'));
  try {
    results.push(await fromZstd(bytes, join(folder, 'session.dbn.zst'), tiny ? 1 : 9));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return results;
}

function decode(bytes: Uint8Array): () => string {
  const sums = new FieldSums();
  eachBatch(bytes, (batch) => sums.add(batch));
  return () => hashOf(sums.words);
}

function naiveDecode(bytes: Uint8Array): () => string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sums = new FieldSums();
  const add = (index: number, value: number) => {
    sums.words[index] = (sums.words[index]! + value) | 0;
  };
  for (let at = 8 + view.getUint32(4, true); at < bytes.length; at += view.getUint8(at) * 4) {
    const price = view.getBigInt64(at + 24, true);
    const tsEvent = view.getBigUint64(at + 8, true);
    add(0, Number(price & 0xffff_ffffn));
    add(1, Number(BigInt.asUintN(64, price) >> 32n));
    add(2, view.getUint32(at + 32, true));
    add(3, view.getUint8(at + 39));
    add(4, view.getUint8(at + 38));
    add(5, Number(tsEvent & 0xffff_ffffn));
    add(6, Number(tsEvent >> 32n));
  }
  return () => hashOf(sums.words);
}

/** Records per buffer that is encoded again and again, as a writer of files does. */
const bufferRecords = 4096;
const firstPrice = 21_000_250_000_000;
const tick = 250_000_000;

/** A hash of every buffer costs more than encoding it: the last words of each stand for it. */
class Encoded {
  readonly #words = new Int32Array(4);

  get hash(): string {
    return hashOf(this.#words);
  }

  add(words: Uint32Array): void {
    for (let i = 0; i < words.length; i += 14 * 64) {
      for (const [k, offset] of [2, 4, 6, 9].entries())
        this.#words[k] = (Math.imul(this.#words[k]!, 31) + words[i + offset]!) | 0;
    }
  }
}

function encode(records: number): () => string {
  const buffer = new Uint8Array(bufferRecords * mboRecordBytes);
  const encoder = new MboEncoder(buffer);
  const encoded = new Encoded();
  for (let i = 0; i < records; i++) {
    const price = firstPrice + (i % 40) * tick;
    const ns = i * 1000;
    encoder.writeWords(
      1,
      42,
      lowWord(ns),
      highWord(ns),
      i,
      1,
      lowWord(price),
      highWord(price),
      1 + (i % 9),
      packFlags(i % 3 === 0 ? 130 : 0, 0, 65, i % 2 === 0 ? 65 : 66),
      lowWord(ns + 500),
      highWord(ns + 500),
      -(i % 1000),
      i,
    );
    if (encoder.full || i === records - 1) {
      encoded.add(new Uint32Array(buffer.buffer, 0, (encoder.count * mboRecordBytes) / 4));
      encoder.reset();
    }
  }
  return () => encoded.hash;
}

function naiveEncode(records: number): () => string {
  const buffer = new Uint8Array(bufferRecords * mboRecordBytes);
  const view = new DataView(buffer.buffer);
  const encoded = new Encoded();
  let count = 0;
  for (let i = 0; i < records; i++) {
    const at = count++ * mboRecordBytes;
    const ns = BigInt(i) * 1000n;
    view.setUint8(at, 14);
    view.setUint8(at + 1, 160);
    view.setUint16(at + 2, 1, true);
    view.setUint32(at + 4, 42, true);
    view.setBigUint64(at + 8, ns, true);
    view.setBigUint64(at + 16, (1n << 32n) | BigInt(i), true);
    view.setBigInt64(at + 24, BigInt(firstPrice + (i % 40) * tick), true);
    view.setUint32(at + 32, 1 + (i % 9), true);
    view.setUint8(at + 36, i % 3 === 0 ? 130 : 0);
    view.setUint8(at + 37, 0);
    view.setUint8(at + 38, 65);
    view.setUint8(at + 39, i % 2 === 0 ? 65 : 66);
    view.setBigUint64(at + 40, ns + 500n, true);
    view.setInt32(at + 48, -(i % 1000), true);
    view.setUint32(at + 52, i, true);
    if (count === bufferRecords || i === records - 1) {
      encoded.add(new Uint32Array(buffer.buffer, 0, (count * mboRecordBytes) / 4));
      count = 0;
    }
  }
  return () => encoded.hash;
}

/** Wall time from a zstd file to views, beside what decompressing it takes by itself; the best of the runs of each. */
async function fromZstd(bytes: Uint8Array, path: string, runs: number): Promise<BenchResult> {
  const compressed = zstdCompressSync(bytes);
  writeFileSync(path, compressed);
  const hasZstd = spawnSync('zstd', ['--version']).status === 0;
  const ours: number[] = [];
  const alone: number[] = [];
  let hash = '';
  for (let i = 0; i < runs; i++) {
    alone.push(await wallS(() => (hasZstd ? decompressAlone(path) : zstdDecompressSync(compressed))));
    ours.push(await wallS(async () => (hash = await readZstd(path))));
  }
  const [value, baselineValue] = [Math.min(...ours) * 1000, Math.min(...alone) * 1000];
  const median = medianOf(ours) * 1000;
  return {
    name: 'zstd file to views (best wall)',
    unit: 'ms/file',
    value,
    baselineName: hasZstd ? 'zstd -dc alone' : 'zlib in one piece',
    baselineValue,
    ratio: baselineValue / value,
    resultHash: hash,
    baselineHash: null,
    seed,
    samples: { count: runs, best: value, median, wallMedian: median },
  };
}

function decompressAlone(path: string): void {
  const { status } = spawnSync('zstd', ['-dcq', path], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`zstd -dc ${path} failed`);
}

async function readZstd(path: string): Promise<string> {
  const sums = new FieldSums();
  await using source = await openRecords(path);
  for await (const batch of source) sums.add(batch);
  return hashOf(sums.words);
}

async function wallS(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}
