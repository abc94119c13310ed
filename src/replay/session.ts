import { type CaptureWindow, type RuntimeConfig, tickSizeInt } from '../config/index.ts';
import { type RecordBatch, resolveInstrument } from '../dbn/index.ts';
import {
  type Bin,
  Drive,
  Engine,
  type EngineCounters,
  type EngineOptions,
  type GridFrame,
  PublisherCounts,
} from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { located, openRecords, type RecordSource, type TornTail, Turns } from '../files/index.ts';
import { type Coverage, CoverageWatch } from '../lake/index.ts';
import type { OrderFeatures } from '../orders/index.ts';

export interface SessionOptions {
  readonly path: string;
  readonly runtime: RuntimeConfig;
  /** Session date YYYY-MM-DD. */
  readonly date: string;
  readonly capture: CaptureWindow;
  /** The signal whose score the bins carry; the derivative signal of the runtime fields by default. */
  readonly signal?: EngineOptions['signal'];
  /** Where each bin's grid is written; own memory by default. */
  readonly frame?: GridFrame;
  /** Whether features are made of what orders did. */
  readonly makesFeatures?: boolean;
  /** Features that have taken the sessions before, which go on; then they are made. */
  readonly features?: OrderFeatures | undefined;
  /** Whether the book alone is followed, and features. */
  readonly bookOnly?: boolean;
}

export interface SessionWatcher {
  /** Takes a closed bin, its grid, and its features where they are made, valid during the call alone; a promise is waited for. */
  readonly onBin: (bin: Bin, frame: GridFrame, features: OrderFeatures | null) => Promise<void> | undefined;
  /** Takes a run of records before they are applied, valid during the call alone; other instruments' are among them. */
  readonly onBatch?: (batch: RecordBatch) => void;
  /**
   * Takes the bytes of the records that were read, in order: from the file's first to the one that reaches the capture's end,
   * which is the last to matter; valid during the call alone.
   */
  readonly onUsed?: (records: Uint8Array) => void;
  /** Called often; `bytesRead` of `sizeBytes` on disk. */
  readonly onProgress?: (bytesRead: number, sizeBytes: number, events: number) => void;
  /** Ends the replay with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface SessionSummary {
  readonly bins: number;
  readonly counters: EngineCounters;
  readonly coverage: Coverage;
  /** Whether the instrument's records start with a snapshot or a clear: the book is whole from the first record on. */
  readonly startsFromKnownBook: boolean;
  /** Whether the file ended before a record reached the capture's end: more records could have changed the last bins. */
  readonly endsWithFile: boolean;
  /** What a recording that was read to its end holds behind its last whole record; null where that is nothing. */
  readonly tornTail: TornTail | null;
  /** The instrument that was followed, at the end; null where no record came. */
  readonly instrumentId: number | null;
}

/** A replay file that was found to fit its configuration, ready to run once. */
export interface Session extends AsyncDisposable {
  readonly source: RecordSource;
  readonly capture: CaptureWindow;
  /** The instrument whose records count; null where the metadata maps no symbols. */
  readonly instrumentId: number | null;
  /** Rows of each bin's grid. */
  readonly frameRows: number;
  /**
   * Replays the capture at full speed; memory does not grow with the file. Throws what `openRecords` does, after all bins
   * of whole records, and DATE_OUTSIDE_FILE when the file has no event in the capture.
   */
  run(watcher: SessionWatcher): Promise<SessionSummary>;
}

/**
 * Opens a replay file for a configuration. Throws, besides what `openRecords` does, SCHEMA_MISMATCH for a file of another
 * schema, SYMBOL_UNKNOWN with the symbols of the file, DATE_OUTSIDE_FILE for a capture that the file does not reach.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { path, runtime, date, capture } = options;
  const source = await openRecords(path);
  try {
    const { metadata } = source;
    if (metadata.schema !== null && metadata.schema !== 'mbo') throw wrongSchema(metadata.schema);
    const instrumentId = resolveInstrument(metadata, runtime.symbol, date);
    assertOverlap(capture, metadata.start, metadata.end);
    const isRecording = metadata.schema === null;
    const engine = new Engine({
      runtime,
      capture,
      instrumentId,
      isRecording,
      signal: options.signal,
      makesFeatures: options.makesFeatures,
      features: options.features,
      bookOnly: options.bookOnly,
      date,
      ...(options.frame && { frame: options.frame }),
    });
    const subject = { capture, productType: runtime.product_type, tickInt: tickSizeInt(runtime) };
    const { symbol, publisher_id: publisherId = null } = runtime;
    const coverage = new CoverageWatch(subject, { symbol, instrumentId, publisherId }, isRecording);
    return {
      source,
      capture,
      instrumentId,
      frameRows: engine.frame.rows,
      run: (watcher) => run(source, engine, watcher, symbol, capture, coverage),
      [Symbol.asyncDispose]: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw located(error, path);
  }
}

async function run(
  source: RecordSource,
  engine: Engine,
  watcher: SessionWatcher,
  symbol: string,
  capture: CaptureWindow,
  coverage: CoverageWatch,
): Promise<SessionSummary> {
  try {
    return await replay(source, engine, watcher, capture, coverage);
  } catch (error) {
    if (!(error instanceof SpymasterError) || error.code !== 'PUBLISHER_UNKNOWN') throw error;
    throw await listPublishers(source.name, symbol, engine.instrumentId, error, watcher.signal);
  } finally {
    await source.close();
  }
}

async function replay(
  source: RecordSource,
  engine: Engine,
  { onBin, onBatch, onUsed, onProgress, signal }: SessionWatcher,
  capture: CaptureWindow,
  coverage: CoverageWatch,
): Promise<SessionSummary> {
  let bins = 0;
  const turns = new Turns();
  const drive = new Drive(engine, source, {
    beforeSlice: (batch) => {
      signal?.throwIfAborted();
      coverage.add(batch);
      onBatch?.(batch);
      return undefined;
    },
    afterSlice: (batch, used) => {
      onUsed?.(batch.bytes.subarray(0, used * batch.recordBytes));
      onProgress?.(source.bytesRead, source.sizeBytes, engine.counters.events);
      return turns.isDue ? turns.take(signal) : undefined;
    },
  });
  while (await drive.advance()) {
    bins++;
    const wait = onBin(engine.bin, engine.frame, engine.features);
    if (wait !== undefined) await wait;
    if (turns.isDue) await turns.take(signal);
  }
  const { counters, startsFromKnownBook, instrumentId } = engine;
  if (Object.values(counters).every((count) => count === 0)) throw located(noRecords(), source.name);
  if (counters.events === 0 && counters.otherRecords > 0) throw located(wrongSchema('other records'), source.name);
  if (bins === 0) throw located(emptyCapture(capture, counters), source.name);
  const endsWithFile = drive.endsWithBatches;
  const { tornTail } = source;
  return { bins, counters, coverage: coverage.report(), startsFromKnownBook, endsWithFile, tornTail, instrumentId };
}

/** The engine knows the publishers up to the second that acts on the book; the whole file has all of them, and their counts. */
async function listPublishers(
  path: string,
  symbol: string,
  instrumentId: number | null,
  error: SpymasterError,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (instrumentId === null || error.fields.isMissing === true) return located(error, path);
  const counts = new PublisherCounts();
  const turns = new Turns();
  for await (const batch of await openRecords(path)) {
    signal?.throwIfAborted();
    counts.addBatch(batch, instrumentId);
    if (turns.isDue) await turns.take(signal);
  }
  return located(counts.severalError(symbol), path);
}

function noRecords(): SpymasterError {
  return new SpymasterError(
    'FILE_EMPTY',
    'Cannot replay it: the file holds no records; fetch it again, or give another.',
  );
}

function wrongSchema(schema: string): SpymasterError {
  return new SpymasterError(
    'SCHEMA_MISMATCH',
    `Cannot replay it: expected the schema mbo (every order), the file holds ${schema}; download the mbo schema.`,
    { schema },
  );
}

/** A file's metadata says which time it covers; a start of 0 says nothing. */
function assertOverlap(capture: CaptureWindow, startNs: bigint, endNs: bigint | null): void {
  if (startNs === 0n) return;
  const captureEndNs = capture.endNs ?? capture.sessionEndNs;
  if (startNs < captureEndNs && (endNs === null || endNs <= startNs || endNs > capture.startNs)) return;
  throw new SpymasterError(
    'DATE_OUTSIDE_FILE',
    `Cannot replay ${utc(capture.startNs)} to ${utc(captureEndNs)}: the file covers ${utc(startNs)} to ` +
      `${endNs === null ? 'an open end' : utc(endNs)}; give the file of that day, or a time inside it.`,
    { startNs: String(startNs), endNs: String(endNs) },
  );
}

function emptyCapture(capture: CaptureWindow, counters: EngineCounters): SpymasterError {
  return new SpymasterError(
    'DATE_OUTSIDE_FILE',
    `Cannot replay from ${utc(capture.startNs)}: the file has no event at or after that time (${counters.events} before it, ` +
      `${counters.beforeSession} before the session and ${counters.outOfSession} after it, ${counters.otherInstrument} of other ` +
      `instruments and ${counters.otherPublisher} of other publishers); ` +
      'give the file of that day, or an earlier start.',
    { events: counters.events },
  );
}

function utc(unixNs: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(unixNs).toString({ smallestUnit: 'second' });
}
