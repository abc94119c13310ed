import { readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { type RecordOptions, type RecordSummary, record } from '../../src/databento/live/index.ts';
import { decodeDbn, flag, type Gap, gapsOf, layoutOf, rtype } from '../../src/dbn/index.ts';

/** A key as tests show it to a gateway that takes any. */
export const testKey = 'db-recorder-tests-0123456789';

/** Options of `record` for a gateway of a test, into one file; without delays. */
export function recordOptions(port: number, file: string, changes: Partial<RecordOptions> = {}): RecordOptions {
  return {
    target: { file },
    ...{ symbol: 'MNQH6', stypeIn: 'raw_symbol', start: 'snapshot', untilNs: null },
    access: { address: { host: '127.0.0.1', port }, key: testKey, dataset: 'GLBX.MDP3' },
    signal: AbortSignal.timeout(60_000),
    retry: { firstMs: 1, maxMs: 20, limitMs: 20 },
    ...changes,
  };
}

/** Records until a time of the stream. */
export function recordUntil(
  port: number,
  file: string,
  untilNs: bigint,
  changes: Partial<RecordOptions> = {},
): Promise<RecordSummary> {
  return record(recordOptions(port, file, { untilNs, ...changes }));
}

/** What is in a recording. */
export interface RecordedFeed {
  /** Its MBO records, as hex. */
  readonly mbo: readonly string[];
  readonly gaps: readonly Gap[];
  readonly mappings: number;
  /** System messages, gap marks among them. */
  readonly messages: number;
  /** MBO records, gap marks and records of unknown types in their order. */
  readonly order: readonly ('mbo' | 'gap' | 'unknown')[];
}

/** Reads a recording, plain or compressed. */
export function recordedFeed(path: string): RecordedFeed {
  const mbo: string[] = [];
  const gaps: Gap[] = [];
  const order: ('mbo' | 'gap' | 'unknown')[] = [];
  let mappings = 0;
  let messages = 0;
  for (const batch of decodeDbn(readFileSync(path), { decompress: zstdDecompressSync }).batches) {
    const marked = gapsOf(batch) ?? [];
    gaps.push(...marked);
    order.push(...marked.map(() => 'gap' as const));
    if (batch.rtype === rtype.system) messages += batch.count;
    if (batch.rtype === rtype.symbolMapping) mappings += batch.count;
    if (layoutOf(batch.rtype, batch.recordBytes) === null) order.push('unknown');
    if (batch.rtype !== rtype.mbo) continue;
    for (let i = 0; i < batch.count; i++) {
      const at = i * batch.recordBytes;
      order.push('mbo');
      mbo.push(Buffer.from(batch.bytes.subarray(at, at + batch.recordBytes)).toString('hex'));
    }
  }
  return { mbo, gaps, mappings, messages, order };
}

/** Whether an MBO record, as hex, is one of a snapshot. */
export function isSnapshot(hex: string): boolean {
  return ((Buffer.from(hex, 'hex')[36] ?? 0) & flag.snapshot) !== 0;
}
