import { createHash } from 'node:crypto';
import { configVersion, type RuntimeConfig } from '../config/index.ts';
import { type RecordBatch, sliceBatch } from '../dbn/index.ts';
import { type Bin, Drive, Engine, warmUpNs } from '../engine/index.ts';
import { fileChunks, openRecords, openToRead, zstdChunks } from '../files/index.ts';
import { defaultSignal } from '../signals/index.ts';
import { createWireFrame, gridUpdate } from '../wire/index.ts';
import { openSession, type SessionOptions, type SessionSummary } from './session.ts';

/** Stages of a replay, in order: pass i of a round does the first i + 1 of them. */
export const stages = [
  'read + decompress',
  'decode',
  'book',
  'physics + flow',
  'passive time + spectrum + window',
  'frame encode',
] as const;

/** One replay of the window, every byte of its bins hashed. */
export interface HashedReplay extends SessionSummary {
  /** SHA-256 over `grid_update` text and Arrow frame of each bin in turn, as they are streamed; its first 16 digits. */
  readonly resultHash: string;
  /** Of the runtime fields: hashes of other configurations are not to be compared. */
  readonly configVersion: string;
  /** The largest resident memory of this process up to the replay's end. */
  readonly peakRssBytes: number;
}

/** One pass of each stage over the same records. */
export interface Round {
  /** CPU time of the pass that ends with each stage; of all threads of the process. */
  readonly cpuS: readonly number[];
  /** Wall time of the last pass, which is a whole replay, and of its part from the first bin to the last. */
  readonly wallS: number;
  readonly binsWallS: number;
}

/** An untimed replay: the amount of work, and a hash of its result. */
export async function replayHashed(
  options: SessionOptions,
  onProgress: (events: number) => void,
  signal: AbortSignal,
): Promise<HashedReplay> {
  const hash = createHash('sha256');
  const summary = await replayFrames(options, signal, (text, frame) => hash.update(text).update(frame), onProgress);
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  return {
    ...summary,
    resultHash: hash.digest('hex').slice(0, 16),
    configVersion: configVersion(options.runtime),
    peakRssBytes,
  };
}

/**
 * Passes over the records that `replay` took, each with one stage more, so that a stage costs what its pass adds.
 * `onPass` is told how many of them are done.
 */
export async function measureRound(
  options: SessionOptions,
  replay: HashedReplay,
  signal: AbortSignal,
  onPass: (done: number) => void,
): Promise<Round> {
  const { events, otherRecords, otherInstrument, otherPublisher, beforeSession, outOfSession } = replay.counters;
  const records = events + otherRecords + otherInstrument + otherPublisher + beforeSession + outOfSession;
  const part = { path: options.path, records, signal };
  const endByteOffset = await decodeRecords(part);
  let binsWallS = 0;
  const passes: (() => Promise<unknown>)[] = [
    () => readBytes(part, endByteOffset),
    () => decodeRecords(part),
    () => ingestRecords(part, bookEngine(options, replay.instrumentId)),
    () => ingestRecords(part, binlessEngine(options, replay.instrumentId)),
    () => replayBins(options, signal),
    async () => {
      binsWallS = await replayStreamed(options, signal);
    },
  ];
  const cpuS: number[] = [];
  let wallS = 0;
  for (const pass of passes) {
    const cpuBefore = process.cpuUsage();
    const wallBefore = performance.now();
    await pass();
    wallS = (performance.now() - wallBefore) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    // Never zero: a short pass may be over between two ticks of the CPU clock.
    cpuS.push(Math.max(user + system, 1) / 1e6);
    onPass(cpuS.length);
  }
  return { cpuS, wallS, binsWallS };
}

/** The first records of a file. */
interface FilePart {
  readonly path: string;
  readonly records: number;
  readonly signal: AbortSignal;
}

async function readBytes({ path, signal }: FilePart, endByteOffset: number): Promise<void> {
  const { container, close } = await openRecords(path);
  await close();
  const { file } = await openToRead(path);
  try {
    const disk = fileChunks(file, path, 0, 1 << 20);
    let bytes = 0;
    for await (const chunk of container === 'dbn' ? disk : zstdChunks(disk)) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes >= endByteOffset) break;
    }
  } finally {
    await file.close();
  }
}

async function* readRecords({ path, records, signal }: FilePart): AsyncGenerator<RecordBatch, void, undefined> {
  let left = records;
  await using source = await openRecords(path);
  for await (const batch of source) {
    signal.throwIfAborted();
    const count = Math.min(batch.count, left);
    yield sliceBatch(batch, 0, count);
    left -= count;
    if (left === 0) return;
  }
}

/** Decodes the records; gives the offset of their end in the decompressed stream. */
async function decodeRecords(part: FilePart): Promise<number> {
  let endByteOffset = 0;
  for await (const { byteOffset, bytes } of readRecords(part)) endByteOffset = byteOffset + bytes.length;
  return endByteOffset;
}

async function ingestRecords(part: FilePart, engine: Engine): Promise<void> {
  const drive = new Drive(engine, readRecords(part));
  for (let more = true; more; ) more = await drive.advance();
}

/** An engine whose warm-up never begins: before that there is nothing but the book. */
function bookEngine({ runtime, capture }: SessionOptions, instrumentId: number | null): Engine {
  const startNs = capture.sessionEndNs + BigInt(warmUpNs);
  return new Engine({ runtime, capture: { ...capture, startNs, endNs: null }, instrumentId });
}

/** An engine whose first bin does not end within the session. */
function binlessEngine({ runtime, capture }: SessionOptions, instrumentId: number | null): Engine {
  const wide: RuntimeConfig = { ...runtime, cell_width_ms: 86_400_000 };
  return new Engine({ runtime: wide, capture: { ...capture, endNs: null }, instrumentId });
}

async function replayBins(options: SessionOptions, signal: AbortSignal): Promise<void> {
  await using session = await openSession(options);
  await session.run({ onBin: () => undefined, signal });
}

/** A whole replay; gives the seconds from its first bin to its last. */
async function replayStreamed(options: SessionOptions, signal: AbortSignal): Promise<number> {
  let sent: Uint8Array | null = null;
  let firstMs = 0;
  let lastMs = 0;
  await replayFrames(options, signal, (_text, frame) => {
    lastMs = performance.now();
    if (sent === null) firstMs = lastMs;
    sent ??= new Uint8Array(frame.length);
    sent.set(frame);
  });
  return (lastMs - firstMs) / 1000;
}

/** Replays into messages as they are streamed; `frame` is valid during the call alone. */
async function replayFrames(
  options: SessionOptions,
  signal: AbortSignal,
  onFrame: (text: string, frame: Uint8Array) => void,
  onProgress: (events: number) => void = () => {},
): Promise<SessionSummary> {
  const frame = createWireFrame(options.runtime.grid_radius_ticks);
  await using session = await openSession({ ...options, frame });
  const onBin = (bin: Bin) => {
    onFrame(JSON.stringify(gridUpdate(bin, options.capture.sessionStartNs, defaultSignal.name)), frame.bytes);
    return undefined;
  };
  return await session.run({ onBin, onProgress: (_bytesRead, _sizeBytes, events) => onProgress(events), signal });
}
