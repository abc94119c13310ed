import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { constants, createZstdCompress } from 'node:zlib';
import { newYorkZone, openingBell, sessionTimeNs } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { createAtomicFile } from '../files/index.ts';
import type { ImportedSession, Lake } from '../lake/index.ts';
import {
  type BehaviourName,
  defaultEdge,
  type EdgeOptions,
  type ProfileName,
  profiles,
  SyntheticSession,
  type SyntheticSessionOptions,
  truthLine,
} from '../synth/index.ts';

/** What a synthetic session is asked for in a user's words: New York clock times. */
export interface SessionRequest {
  readonly seed: number;
  readonly profile: ProfileName;
  readonly symbol: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** HH:MM, New York. */
  readonly start: string;
  readonly minutes: number;
  /** Records per second on average; null for the profile's own. */
  readonly rate: number | null;
  /** What is planted into the profile `edge`; the defaults where it is left out. */
  readonly edge?: Partial<EdgeOptions>;
  /** Traders that are planted; none where it is left out. */
  readonly behaviours?: readonly BehaviourName[];
}

/** Turns a request into the generator's options; throws USAGE when the session leaves its day or misses its opening. */
export function planSession(request: SessionRequest): SyntheticSessionOptions {
  const day = Temporal.PlainDate.from(request.date);
  const startNs = sessionTimeNs('future_mbo', request.date, request.start);
  const durationS = request.minutes * 60;
  const endNs = startNs + BigInt(Math.round(durationS * 1e9));
  const dayEndNs = day.add({ days: 1 }).toZonedDateTime('UTC').epochNanoseconds;
  const said = `${request.minutes} minutes from ${request.start} New York time on ${request.date}`;
  if (endNs > dayEndNs) {
    throw new SpymasterError(
      'USAGE',
      `Cannot make a session of ${said}: a futures session is one UTC day, which ends at ` +
        `${clockOf(dayEndNs)} New York time; give an earlier --start or fewer --minutes.`,
    );
  }
  const openS = Number(sessionTimeNs('future_mbo', request.date, openingBell) - startNs) / 1e9;
  if (request.profile === 'open' && (openS < 0 || openS >= durationS)) {
    throw new SpymasterError(
      'USAGE',
      `Cannot make a session of ${said} with the profile open: it needs the opening, ${openingBell} New York time, inside; ` +
        'give a --start and --minutes that hold it, or another --profile.',
    );
  }
  const { edge = {} } = request;
  if (request.profile !== 'edge' && Object.keys(edge).length > 0) {
    throw new SpymasterError(
      'USAGE',
      `Cannot plant an edge into the profile ${request.profile}: the --edge options belong to --profile edge.`,
    );
  }
  const { behaviours = [] } = request;
  if (behaviours.length > 0 && profiles[request.profile].martingale) {
    throw new SpymasterError(
      'USAGE',
      `Cannot plant traders into the profile ${request.profile}: its mid would be no martingale; give --behaviours with calm, busy or open.`,
    );
  }
  return {
    ...(behaviours.length > 0 && { behaviours }),
    ...(request.profile === 'edge' && { edge: { ...defaultEdge, ...edge } }),
    seed: request.seed,
    profile: request.profile,
    symbol: request.symbol,
    date: dateNumber(day),
    nextDate: dateNumber(day.add({ days: 1 })),
    startNs,
    durationS,
    openS,
    recordsPerS: request.rate,
  };
}

export interface WriteSessionOptions {
  /** Told the seconds of the session and the records made so far. */
  readonly onProgress?: (timeS: number, records: number) => void;
  /** Where what really happened is written, as lines of JSON; nowhere without it. */
  readonly truthPath?: string | undefined;
  readonly signal?: AbortSignal;
}

/** A written file. */
export interface WrittenSession {
  readonly records: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Lines of the truth. */
  readonly truthEvents: number;
}

/**
 * Writes a synthetic session as a DBN file, compressed when the name ends in `.zst`, and its truth where it is wanted; each file
 * appears whole or not at all, the session first. Throws LAKE_NOT_WRITABLE, and the signal's reason when it aborts.
 */
export async function writeSyntheticSession(
  path: string,
  plan: SyntheticSessionOptions,
  options: WriteSessionOptions = {},
): Promise<WrittenSession> {
  const { signal, truthPath } = options;
  const session = new SyntheticSession(truthPath === undefined ? plan : { ...plan, truth: true });
  const target = signal === undefined ? {} : { signal };
  const file = await createAtomicFile(path, target);
  let truth: Awaited<ReturnType<typeof createAtomicFile>> | undefined;
  let truthEvents = 0;
  const writeTruth = async (): Promise<void> => {
    const events = session.takeTruth();
    truthEvents += events.length;
    const text = events.map((event) => truthLine(event, session.truthScale)).join('');
    await truth?.write(new TextEncoder().encode(text));
  };
  try {
    if (truthPath !== undefined) truth = await createAtomicFile(truthPath, target);
    for await (const bytes of path.endsWith('.zst') ? compressed(chunks(session, options)) : chunks(session, options)) {
      await file.write(bytes);
      await writeTruth();
    }
    await writeTruth();
    await file.commit();
    await truth?.commit();
    return { records: session.records, bytes: file.bytesWritten, truthEvents };
  } finally {
    await file.abort();
    await truth?.abort();
  }
}

async function* chunks(session: SyntheticSession, options: WriteSessionOptions): AsyncGenerator<Uint8Array> {
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) {
    yield chunk;
    options.onProgress?.(session.timeS, session.records);
    // Generating is synchronous: without a turn of the event loop no Ctrl-C would be heard.
    await new Promise(setImmediate);
    options.signal?.throwIfAborted();
  }
}

function compressed(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // The compressor keeps a chunk while the next one is made, so it gets copies.
  async function* copies() {
    for await (const chunk of bytes) yield chunk.slice();
  }
  const source = Readable.from(copies(), { highWaterMark: 1 });
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  source.once('error', (error) => zstd.destroy(error));
  return source.pipe(zstd);
}

function dateNumber(day: Temporal.PlainDate): number {
  return day.year * 10_000 + day.month * 100 + day.day;
}

function clockOf(unixNs: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(unixNs)
    .toZonedDateTimeISO(newYorkZone)
    .toPlainTime()
    .toString()
    .slice(0, 5);
}

/**
 * Makes a synthetic session and puts it into a lake as `importRawFile` does: one that is there with the same records stays, another
 * one is refused with FILE_EXISTS.
 */
export async function importSyntheticSession(
  lake: Lake,
  plan: SyntheticSessionOptions,
  options: WriteSessionOptions = {},
): Promise<{ readonly session: ImportedSession; readonly records: number; readonly bytes: number }> {
  const { importRawFile } = await import('../lake/index.ts');
  const folder = await mkdtemp(join(tmpdir(), 'spymaster-synth-'));
  try {
    const path = join(folder, 'session.dbn.zst');
    const written = await writeSyntheticSession(path, plan, options);
    const { sessions } = await importRawFile(lake, path, { signal: options.signal });
    return { session: present(sessions[0]), ...written };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
