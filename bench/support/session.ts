import { Admission } from '../../src/book/index.ts';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { DbnDecoder, type RecordBatch } from '../../src/dbn/index.ts';
import type { Engine } from '../../src/engine/index.ts';
import { SyntheticSession, type SyntheticSessionOptions } from '../../src/synth/index.ts';

/** Session date, its start and its first record, UNIX nanoseconds; 2026-02-06 09:30 in New York. */
export const sessionStartNs = BigInt(Date.UTC(2026, 1, 6)) * 1_000_000n;
export const startNs = BigInt(Date.UTC(2026, 1, 6, 14, 30)) * 1_000_000n;
export const captureToEnd = {
  sessionStartNs,
  sessionEndNs: sessionStartNs + 86_400_000_000_000n,
  startNs,
  endNs: null,
} as const;

/** A busy session of `durationS` seconds at 2000 records a second: about 200 a bin of 100 ms. */
export function busySession(seed: number, durationS: number): SyntheticSessionOptions {
  return {
    seed,
    profile: 'busy',
    symbol: 'MNQH6',
    date: 20260206,
    nextDate: 20260207,
    startNs,
    durationS,
    openS: 0,
    recordsPerS: 2000,
  };
}

/** The bytes of a busy session, at least up to `untilS`, as an uncompressed DBN file, and how many records they hold. */
export function sessionBytes(
  seed: number,
  durationS: number,
  untilS = durationS,
  changes: Partial<SyntheticSessionOptions> = {},
): { bytes: Uint8Array; records: number } {
  const session = new SyntheticSession({ ...busySession(seed, durationS), ...changes });
  const chunks: Uint8Array[] = [];
  for (let chunk = session.next(); chunk !== null; chunk = session.timeS > untilS ? null : session.next()) {
    chunks.push(chunk.slice());
  }
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, records: session.records };
}

/** Bytes that a decoder is given at a time, as a file is read. */
const chunkBytes = 1 << 20;

/** Decodes a whole file in memory, a batch at a time. */
export function eachBatch(bytes: Uint8Array, visit: (batch: RecordBatch) => void): void {
  const decoder = new DbnDecoder();
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    decoder.push(bytes.subarray(at, at + chunkBytes));
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) visit(batch);
  }
  decoder.end();
}

/** Admits the records of a busy session's instrument, all day. */
export function sessionAdmission(): Admission {
  const session = { startNs: sessionStartNs, endNs: captureToEnd.sessionEndNs };
  return new Admission({ symbol: defaultRuntimeConfig.symbol, instrumentId: null, publisherId: null, session });
}

/** Replays a session; at each bin that is given `engine` holds it. */
export function* closedBins(engine: Engine, session: Uint8Array): Generator<void> {
  const decoder = new DbnDecoder();
  decoder.push(session);
  for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
    for (let index = 0; index < batch.count; ) {
      index = engine.ingest(batch, index);
      if (engine.binReady) yield;
    }
  }
  if (engine.finish()) yield;
}
