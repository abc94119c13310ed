import { captureOf, type PublishedServingSpec, pickRuntime } from '../config/index.ts';
import { type Metadata, type RecordBatch, resolveInstrument } from '../dbn/index.ts';
import { Engine, type EngineOptions, type GridFrame, warmUpNs } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import type { RecordSource } from '../files/index.ts';
import type { BookCheckpoint } from '../lake/index.ts';
import { defaultOrderEventParams } from '../orders/index.ts';
import { createWireFrame, firingRuleOf } from '../wire/index.ts';
import { type Checkpoint, ReplayCursor } from './replay_cursor.ts';
import { firstReaching } from './warm_book.ts';

/** Where the book before the warm-up is kept from run to run. */
export interface BookStore {
  load(): Promise<BookCheckpoint | null>;
  save(checkpoint: BookCheckpoint): Promise<void>;
}

export interface ReplayStartOptions {
  readonly spec: PublishedServingSpec;
  /** Opens the replay file, at a record if an offset is given. */
  readonly open: (startByteOffset?: number) => Promise<RecordSource>;
  readonly bookStore: BookStore | null;
  /** UNIX time in milliseconds. */
  readonly nowMs: () => number;
  /** Awaited before each slice of records. */
  readonly beforeSlice: (slice: RecordBatch) => Promise<void>;
  /** Follows the book alone: bins without grid and signal (`EngineOptions`). */
  readonly bookOnly?: boolean;
}

/** A replay, and the Arrow bytes that its engine writes each bin's grid into. */
export interface Replay {
  readonly cursor: ReplayCursor;
  readonly frameBytes: Uint8Array;
}

/**
 * Starts a replay of a serving version from a checkpoint, else from the stored book, else from the file's first record.
 * Throws what opening the file throws, SCHEMA_MISMATCH, and what resolving the symbol throws.
 */
export async function startReplay(options: ReplayStartOptions, checkpoint: Checkpoint | null): Promise<Replay> {
  if (checkpoint !== null) return startAt(options, checkpoint, null);
  const book = (await options.bookStore?.load()) ?? null;
  try {
    return await startAt(options, null, book);
  } catch (error) {
    // A book that another release wrote is no reason to fail: it is made anew.
    const isStale = book !== null && error instanceof SpymasterError && error.code === 'STATE_INVALID';
    if (!isStale) throw error;
    return startAt(options, null, null);
  }
}

async function startAt(
  options: ReplayStartOptions,
  checkpoint: Checkpoint | null,
  book: BookCheckpoint | null,
): Promise<Replay> {
  const byteOffset = checkpoint?.byteOffset ?? book?.byteOffset;
  const source = await options.open(byteOffset);
  try {
    const frame = createWireFrame(options.spec.runtime_snapshot.grid_radius_ticks);
    const engine = startEngine(engineOptions(options, source.metadata, frame), checkpoint, book);
    const keepBook = checkpoint === null && book === null ? bookKeeper(options, engine) : null;
    const cursor = new ReplayCursor({
      engine,
      source,
      nextSeq: checkpoint?.nextSeq ?? 0,
      nowMs: options.nowMs,
      beforeSlice: async (slice) => {
        await keepBook?.(slice);
        await options.beforeSlice(slice);
      },
    });
    return { cursor, frameBytes: frame.bytes };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function startEngine(options: EngineOptions, checkpoint: Checkpoint | null, book: BookCheckpoint | null): Engine {
  if (checkpoint !== null) return Engine.restore(options, checkpoint.state);
  return book === null ? new Engine(options) : Engine.restoreBook(options, book.state);
}

function engineOptions({ spec, bookOnly }: ReplayStartOptions, metadata: Metadata, frame: GridFrame): EngineOptions {
  const { runtime_snapshot: snapshot, signal } = spec;
  if (metadata.schema !== null && metadata.schema !== 'mbo') {
    throw new SpymasterError(
      'SCHEMA_MISMATCH',
      `Cannot stream the replay file: expected the schema mbo (every order), it holds ${metadata.schema}.`,
      { schema: metadata.schema },
    );
  }
  return {
    runtime: pickRuntime(snapshot),
    capture: captureOf(snapshot),
    instrumentId: resolveInstrument(metadata, snapshot.symbol, snapshot.stream_dt),
    isRecording: metadata.schema === null,
    frame,
    ...(bookOnly === true ? {} : { signal, firing: firingRuleOf(spec), date: snapshot.stream_dt }),
    bookOnly,
    countsActivity: bookOnly !== true,
    orderEvents: bookOnly === true ? undefined : defaultOrderEventParams,
    makesFeatures: bookOnly !== true,
  };
}

/** Saves the book, once, before the first slice of records that reaches into the warm-up. */
function bookKeeper({ spec, bookStore }: ReplayStartOptions, engine: Engine): (slice: RecordBatch) => Promise<void> {
  const warmUpStartNs = captureOf(spec.runtime_snapshot).startNs - BigInt(warmUpNs);
  // A book without order events and features would not serve a stream.
  let isWatching = bookStore !== null && engine.orderEvents !== null;
  return async (slice) => {
    if (!isWatching || firstReaching(slice, warmUpStartNs) === slice.count) return;
    isWatching = false;
    const state = engine.saveBook();
    if (state !== null && engine.counters.events > 0) await bookStore?.save({ byteOffset: slice.byteOffset, state });
  };
}
