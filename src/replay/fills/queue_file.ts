import { Admission } from '../../book/index.ts';
import {
  dateOfNs,
  dateText,
  type Metadata,
  type RecordBatch,
  RecordReader,
  resolveInstrument,
  rtype,
} from '../../dbn/index.ts';
import {
  type ExecutionClock,
  type ExecutionCounters,
  type ExecutionPass,
  FilePass,
  type FilePassOptions,
  type FillRows,
  type OurOrders,
} from '../../execution/index.ts';
import { located, openRecords, Turns } from '../../files/index.ts';
import { assertMbo, inTermsOfOptions, noRecords, onlySymbol } from '../one_instrument.ts';

const purpose = 'follow orders through a queue';

export interface FollowQueuesOptions {
  readonly path: string;
  /** May be left out where the file maps one symbol, or none. */
  readonly symbol?: string;
  readonly publisherId?: number;
  readonly clock: ExecutionClock;
  readonly onProgress?: (bytesRead: number, sizeBytes: number, records: number) => void;
  readonly signal?: AbortSignal;
}

/** What follows the queues of a file. */
export interface QueueFollower extends Pick<FilePassOptions, 'onRecord' | 'onLoss' | 'endNs'> {
  /** UNIX nanoseconds from which times count. */
  readonly originNs: bigint;
  readonly ours: OurOrders;
  /** Called with the pass before the records. */
  readonly onPass?: (pass: ExecutionPass) => void;
  /** Called after each batch; what it gives is waited for. */
  readonly onBatch?: () => Promise<void> | undefined;
}

/** The queues of one instrument, followed to the end of a file or of what is followed. */
export interface FollowedQueues {
  readonly ours: OurOrders;
  readonly rows: FillRows;
  /** UNIX nanoseconds from which times of `ours` and `rows` count. */
  readonly originNs: bigint;
  readonly symbol: string;
  readonly records: number;
  readonly executions: number;
  /** Share of the executions at the front of their queue; null without any. */
  readonly frontShare: number | null;
  /** As the file's definitions say; null without them. */
  readonly matchAlgorithm: string | null;
  readonly counters: ExecutionCounters;
  /** Gaps and moves of the symbol, at which resting orders were lost. */
  readonly losses: number;
}

/**
 * Follows the queues of one instrument of a file of schema mbo in one pass.
 * @param begin says what follows, once the metadata is known
 * @throws SCHEMA_MISMATCH, SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN, DATE_OUTSIDE_FILE, FILE_EMPTY, and what `openRecords` throws
 */
export async function followQueues(
  options: FollowQueuesOptions,
  begin: (metadata: Metadata) => QueueFollower,
): Promise<FollowedQueues> {
  const { path, publisherId = null, clock, onProgress, signal } = options;
  await using source = await openRecords(path);
  try {
    const { metadata } = source;
    assertMbo(metadata, purpose);
    const { onBatch, onPass, ...follower } = begin(metadata);
    const { ours, originNs } = follower;
    const symbol = options.symbol ?? onlySymbol(metadata, purpose);
    const date = dateOfNs(originNs > metadata.start ? originNs : metadata.start);
    const instrumentId = symbol === '' ? null : resolveInstrument(metadata, symbol, dateText(date));
    const admission = new Admission({ symbol, instrumentId, publisherId, session: null });
    const file = new FilePass({ ...follower, admission, clock });
    onPass?.(file.pass);
    const definitions = new Definitions(metadata.tsOut);
    const turns = new Turns();
    let records = 0;
    for await (const batch of source) {
      signal?.throwIfAborted();
      if (batch.rtype === rtype.definition) definitions.add(batch);
      file.ingest(batch);
      records += batch.count;
      onProgress?.(source.bytesRead, source.sizeBytes, records);
      const waiting = onBatch?.();
      if (waiting !== undefined) await waiting;
      if (turns.isDue) await turns.take(signal);
      if (file.feed.isOver) break;
    }
    file.finish();
    if (file.feed.nowNs === Number.NEGATIVE_INFINITY) throw noRecords(symbol, purpose);
    const { frontShare: share, counters, fills: rows } = file.pass;
    const { executions } = share;
    return {
      ...{ ours, rows, originNs, symbol, records, executions, counters },
      frontShare: executions === 0 ? null : share.share,
      matchAlgorithm: definitions.algorithmOf(admission.instrumentId),
      losses: file.feed.losses,
    };
  } catch (error) {
    throw located(inTermsOfOptions(error, purpose), path);
  }
}

/** Match algorithms by instrument, as definition records say. */
class Definitions {
  readonly #algorithms = new Map<number, string>();
  readonly #reader: RecordReader;

  constructor(tsOut: boolean) {
    this.#reader = new RecordReader({ tsOut });
  }

  add(batch: RecordBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const record = this.#reader.read(batch, index);
      if ('matchAlgorithm' in record) this.#algorithms.set(record.instrumentId, String(record.matchAlgorithm));
    }
  }

  /** Null without a definition, and where it does not say (U). */
  algorithmOf(instrumentId: number | null): string | null {
    const found = instrumentId === null ? undefined : this.#algorithms.get(instrumentId);
    return found === undefined || !/[A-TV-Z]/.test(found) ? null : found;
  }
}
