import { Admission } from '../../book/index.ts';
import {
  dateOfNs,
  dateText,
  type Metadata,
  namedInstruments,
  type RecordBatch,
  RecordReader,
  resolveInstrument,
  rtype,
} from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import {
  type ExecutionClock,
  type ExecutionCounters,
  FilePass,
  type FillRows,
  OurOrders,
} from '../../execution/index.ts';
import { located, openRecords, Turns } from '../../files/index.ts';
import type { OrderRow } from './orders_csv.ts';

/** Below this share of executions at the front of their queue a market does not execute first in, first out. */
export const leastFrontShare = 0.995;
/** What Databento's definitions call first in, first out. */
const fifo = 'F';
/** Offsets from the first order are exact doubles up to here, 104 days. */
const exactNs = 2n ** 53n;

export interface FillOrdersOptions {
  readonly path: string;
  /** At least one. */
  readonly orders: readonly OrderRow[];
  /** Of the orders file, for errors. */
  readonly ordersName: string;
  /** May be left out where the file maps one symbol, or none. */
  readonly symbol?: string;
  readonly publisherId?: number;
  readonly clock: ExecutionClock;
  /** Whether to go on where the market is not first in, first out. */
  readonly notFifo: boolean;
  readonly onProgress?: (bytesRead: number, sizeBytes: number, records: number) => void;
  readonly signal?: AbortSignal;
}

/** What became of orders in a file. */
export interface OrderFills {
  readonly orders: readonly OrderRow[];
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
 * Puts orders into the queues of one instrument of a file of schema mbo, in one pass.
 * @throws NOT_FIFO where the market is not first in, first out; ORDERS_INVALID for times that cannot be the file's; SCHEMA_MISMATCH,
 * SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN, DATE_OUTSIDE_FILE, and what `openRecords` throws
 */
export async function fillOrders(options: FillOrdersOptions): Promise<OrderFills> {
  const { path, orders, publisherId = null, clock, onProgress, signal } = options;
  await using source = await openRecords(path);
  try {
    const { metadata } = source;
    assertMbo(metadata);
    const originNs = originOf(options, metadata);
    const symbol = options.symbol ?? onlySymbol(metadata);
    const date = dateOfNs(originNs > metadata.start ? originNs : metadata.start);
    const instrumentId = symbol === '' ? null : resolveInstrument(metadata, symbol, dateText(date));
    const admission = new Admission({ symbol, instrumentId, publisherId, session: null });
    const ours = new OurOrders(
      orders.map(({ tsNs, side, kind, priceInt, size, maxWaitNs }) => {
        return { arrivalNs: Number(tsNs - originNs), side, kind, price: priceInt, size, maxWaitNs };
      }),
    );
    const file = new FilePass({ ours, admission, originNs, clock });
    const definitions = new Definitions(metadata.tsOut);
    const turns = new Turns();
    let records = 0;
    for await (const batch of source) {
      signal?.throwIfAborted();
      if (batch.rtype === rtype.definition) definitions.add(batch);
      file.ingest(batch);
      records += batch.count;
      onProgress?.(source.bytesRead, source.sizeBytes, records);
      if (turns.isDue) await turns.take(signal);
    }
    file.finish();
    if (file.nowNs === Number.NEGATIVE_INFINITY) throw noRecords(symbol);
    const { frontShare: share, counters, fills: rows } = file.pass;
    const frontShare = share.executions === 0 ? null : share.share;
    const matchAlgorithm = definitions.algorithmOf(admission.instrumentId);
    if (!options.notFifo) assertFifo(path, frontShare, matchAlgorithm);
    const { losses } = file;
    const { executions } = share;
    return { orders, ours, rows, originNs, symbol, records, executions, frontShare, matchAlgorithm, counters, losses };
  } catch (error) {
    throw located(inTermsOfOptions(error), path);
  }
}

/** Errors of the choice of records speak of the runtime fields, which this has no use for. */
function inTermsOfOptions(error: unknown): unknown {
  if (!(error instanceof SpymasterError)) return error;
  const { code, message, fields } = error;
  const known = Array.isArray(fields.known) ? fields.known.map(String) : [];
  if (code === 'SYMBOL_UNKNOWN' && fields.symbol === '' && known.length > 0) return severalSymbols(known);
  if (code !== 'PUBLISHER_UNKNOWN') return error;
  const text = message.replace(
    'add publisher_id, one of these, to the runtime fields',
    'choose one with --publisher-id',
  );
  return new SpymasterError(code, text, fields);
}

function noRecords(symbol: string): SpymasterError {
  const of = symbol === '' ? '' : ` of ${symbol}`;
  return new SpymasterError(
    'FILE_EMPTY',
    `Cannot follow orders through a queue: the file holds no order records${of}. Fetch it again, or give another.`,
  );
}

function severalSymbols(symbols: readonly string[]): SpymasterError {
  const listed = symbols.slice(0, 12).join(', ');
  return new SpymasterError(
    'SYMBOL_UNKNOWN',
    `Cannot tell whose queues the orders stand in: the file maps ${listed}. Choose one with --symbol.`,
    { known: symbols },
  );
}

/** The time of the first order. */
function originOf({ orders, ordersName }: FillOrdersOptions, { start }: Metadata): bigint {
  const times = orders.map(({ tsNs }) => tsNs);
  const first = times.reduce((least, tsNs) => (tsNs < least ? tsNs : least));
  const isSane = (tsNs: bigint): boolean => tsNs > start - exactNs && tsNs - first < exactNs;
  const wrong = times.findIndex((tsNs) => !isSane(tsNs));
  if (wrong < 0) return first;
  throw new SpymasterError(
    'ORDERS_INVALID',
    `Cannot place the orders of ${ordersName}: line ${wrong + 2}, column ts_ns: expected a time of the file, which starts at ` +
      `${start}, got ${times[wrong]}. Write UNIX nanoseconds, not seconds or milliseconds.`,
    { path: ordersName, line: wrong + 2, column: 'ts_ns' },
  );
}

function assertMbo({ schema }: Metadata): void {
  if (schema !== null && schema !== 'mbo') {
    throw new SpymasterError(
      'SCHEMA_MISMATCH',
      `Cannot follow orders through a queue in a file of schema ${schema}: it needs every order. Give one of schema mbo.`,
      { schema },
    );
  }
}

function onlySymbol(metadata: Metadata): string {
  const symbols = [...new Set(namedInstruments(metadata).map(({ symbol }) => symbol))];
  if (symbols.length <= 1) return symbols[0] ?? '';
  throw severalSymbols(symbols);
}

function assertFifo(path: string, frontShare: number | null, matchAlgorithm: string | null): void {
  const isMeasured = frontShare === null || frontShare >= leastFrontShare;
  if (isMeasured && (matchAlgorithm === null || matchAlgorithm === fifo)) return;
  const why = isMeasured
    ? `the file's definitions say match_algorithm ${matchAlgorithm}, not ${fifo}`
    : `${((frontShare ?? 0) * 100).toFixed(2)} % of its executions are at the front of their queue, fewer than ${leastFrontShare * 100} %`;
  throw new SpymasterError(
    'NOT_FIFO',
    `Cannot say which orders would be filled in ${path}: its market does not execute first in, first out (${why}). ` +
      '--not-fifo takes it as if it did, and marks every fill with that share.',
    {
      path,
      ...(frontShare !== null && { front_share: frontShare }),
      ...(matchAlgorithm !== null && { match_algorithm: matchAlgorithm }),
    },
  );
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
