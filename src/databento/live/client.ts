import { DbnDecoder, errorCode, type Metadata, type RecordBatch, rtype } from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import { zstdChunks } from '../../files/index.ts';
import { Connection, interrupted, lost } from './connection.ts';
import { errorMessages } from './control_records.ts';
import {
  challengeAnswer,
  endsSession,
  formatLine,
  heartbeatRangeS,
  LineReader,
  maxSymbolsPerLine,
  parseLine,
} from './protocol.ts';

export interface LiveSubscription {
  /** `mbo`, `definition`, … */
  readonly schema: string;
  readonly stypeIn: 'raw_symbol' | 'instrument_id' | 'continuous' | 'parent';
  /** Any number: they are sent in lines of at most 500. */
  readonly symbols: readonly string[];
  /** The book as it is, then its changes; excludes `startNs`. */
  readonly snapshot?: boolean;
  /** Replays from this event time on, UNIX nanoseconds; 0n: all that the gateway has. */
  readonly startNs?: bigint;
}

/** Limits of time, milliseconds. */
export interface LiveTiming {
  readonly connectMs: number;
  readonly authenticateMs: number;
  /** Silence beyond the heartbeat interval after which the session counts as dead. */
  readonly graceMs: number;
}

export const defaultLiveTiming: LiveTiming = { connectMs: 10_000, authenticateMs: 30_000, graceMs: 10_000 };

export interface LiveSessionOptions {
  readonly host: string;
  readonly port: number;
  /** The account's key: its hash is sent, and its last five characters; it is in no message. */
  readonly key: string;
  readonly dataset: string;
  readonly subscriptions: readonly LiveSubscription[];
  /** Seconds of silence after which the gateway sends a heartbeat, 5 to 1800; 5 by default. */
  readonly heartbeatS?: number;
  /** Whether each record ends in the gateway's send time; false by default. */
  readonly tsOut?: boolean;
  /** How the stream is compressed on its way; not at all by default. */
  readonly compression?: 'none' | 'zstd';
  /** Name and version, as the gateway is told them. */
  readonly client?: string;
  readonly timing?: Partial<LiveTiming>;
  /** Ends the session as `close` does. */
  readonly signal?: AbortSignal;
}

export interface LiveSession extends AsyncDisposable {
  readonly sessionId: string;
  /** Of the gateway's stream: it names no symbols; version, `tsOut` and the length of symbols matter. */
  readonly metadata: Metadata;
  /** Whole records in order, system and error messages among them, to iterate once; a batch is valid until the next is asked for. */
  readonly batches: AsyncIterable<RecordBatch>;
  /** When the bytes that made the batch at hand whole were read from the socket, UNIX milliseconds. */
  readonly readMs: number;
  /** Ends the connection, and the iteration without an error. */
  close(): Promise<void>;
}

/**
 * Connects to a live gateway, answers its challenge, subscribes, starts the session and waits for the stream's metadata.
 *
 * Throws LIVE_REFUSED where key, dataset or subscription are refused (trying again gives the same), LIVE_LIMIT where there are
 * too many sessions (try again after a minute), LIVE_LOST for everything that passes: no connection, silence, an early end,
 * bytes that are not of the protocol. Throws API_KEY_MISSING, USAGE and, once the signal aborts, INTERRUPTED. The iteration
 * throws the first three too, with the gateway's `errorCode` where it sent one; LIVE_LOST at every end that is not ours.
 */
export async function openLiveSession(options: LiveSessionOptions): Promise<LiveSession> {
  checkOptions(options);
  const timing = { ...defaultLiveTiming, ...options.timing };
  const connection = await Connection.open(options.host, options.port, timing.connectMs, options.signal);
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
    options.signal?.removeEventListener('abort', close);
    connection.close();
  };
  options.signal?.addEventListener('abort', close, { once: true });
  try {
    const lines = new LineReader();
    const sessionId = await authenticate(connection, lines, options, timing.authenticateMs);
    connection.write(`${subscriptionLines(options.subscriptions).join('')}start_session\n`);
    const silenceMs = (options.heartbeatS ?? heartbeatRangeS.min) * 1000 + timing.graceMs;
    const chunks = stream(connection, lines.rest(), silenceMs);
    const bytes = options.compression === 'zstd' ? zstdChunks(chunks) : chunks;
    const decoder = new DbnDecoder();
    const first = await readMetadata(decoder, bytes, connection);
    const { metadata } = decoder;
    if (metadata === null) throw lost(connection.address, 'the stream ended before its metadata');
    return {
      sessionId,
      metadata,
      batches: batchesOf(decoder, first, bytes, connection, () => isClosed),
      get readMs() {
        return connection.readMs;
      },
      close: async () => close(),
      [Symbol.asyncDispose]: async () => close(),
    };
  } catch (error) {
    const isOurs = isClosed;
    close();
    throw isOurs ? interrupted() : passing(error, connection);
  }
}

function checkOptions({ key, heartbeatS = heartbeatRangeS.min, subscriptions }: LiveSessionOptions): void {
  if (!/^[\x21-\x7b\x7d\x7e]{6,}$/.test(key)) {
    throw new SpymasterError(
      'API_KEY_MISSING',
      'Cannot open a live session: expected the key of the account in DATABENTO_API_KEY, got ' +
        `${key === '' ? 'nothing' : 'text that cannot be a key'}; copy the key from the API keys page of the Databento ` +
        'portal and set it in the environment.',
    );
  }
  const { min, max } = heartbeatRangeS;
  if (!Number.isInteger(heartbeatS) || heartbeatS < min || heartbeatS > max) {
    throw new SpymasterError('USAGE', `Cannot ask for heartbeats every ${heartbeatS} s: expected ${min} to ${max}.`);
  }
  for (const { schema, symbols, snapshot, startNs } of subscriptions) {
    const unfit = symbols.find((symbol) => !/^[^\s|,=]+$/.test(symbol));
    if (symbols.length === 0 || unfit !== undefined) {
      const got = unfit === undefined ? 'none' : `"${unfit}"`;
      throw new SpymasterError('USAGE', `Cannot subscribe to ${schema}: expected symbols without spaces, got ${got}.`);
    }
    if (snapshot === true && startNs !== undefined) {
      throw new SpymasterError('USAGE', `Cannot subscribe to ${schema}: a snapshot and a start exclude each other.`);
    }
  }
}

/** Reads greeting and challenge, answers, and gives the session's id. */
async function authenticate(
  connection: Connection,
  lines: LineReader,
  options: LiveSessionOptions,
  timeoutMs: number,
): Promise<string> {
  const untilMs = performance.now() + timeoutMs;
  let isGreeted = false;
  const fieldsWith = async (key: string): Promise<ReadonlyMap<string, string>> => {
    for (;;) {
      for (let line = lines.next(); line !== null; line = lines.next()) {
        const fields = parseLine(line);
        if (fields.has(key)) return fields;
        // The greeting is one line of any text.
        if (isGreeted || key !== 'cram') {
          throw lost(connection.address, `expected the line ${key}=…, got ${JSON.stringify(line.slice(0, 80))}`);
        }
        isGreeted = true;
      }
      const chunk = await connection.read(Math.max(1, untilMs - performance.now()));
      if (chunk === null) throw lost(connection.address, `it closed the connection before the line ${key}=…`);
      lines.push(chunk);
    }
  };
  const challenge = (await fieldsWith('cram')).get('cram') ?? '';
  const { key, dataset, heartbeatS = heartbeatRangeS.min, tsOut = false, compression = 'none' } = options;
  connection.write(
    formatLine({
      auth: challengeAnswer(challenge, key),
      dataset,
      encoding: 'dbn',
      compression,
      ts_out: tsOut ? 1 : 0,
      client: options.client ?? 'Spymaster',
      heartbeat_interval_s: heartbeatS,
      slow_reader_behavior: 'warn',
    }),
  );
  const answer = await fieldsWith('success');
  if (answer.get('success') === '1') return answer.get('session_id') ?? '';
  const why = answer.get('error') ?? 'it gave no reason';
  const { address } = connection;
  if (/\b(limit|too many|maximum)\b/i.test(why)) throw overLimit(address, why);
  throw refused(address, why, 'check DATABENTO_API_KEY, the dataset, and that the plan includes live data');
}

/** The lines of all subscriptions, those of one `is_last=0` but for its last. */
export function subscriptionLines(subscriptions: readonly LiveSubscription[]): string[] {
  return subscriptions.flatMap(({ schema, stypeIn, symbols, snapshot, startNs }, id) => {
    const lines: string[] = [];
    for (let at = 0; at < symbols.length; at += maxSymbolsPerLine) {
      const end = at + maxSymbolsPerLine;
      lines.push(
        formatLine({
          schema,
          stype_in: stypeIn,
          symbols: symbols.slice(at, end).join(','),
          snapshot: snapshot === true ? 1 : 0,
          is_last: end >= symbols.length ? 1 : 0,
          start: startNs,
          id: id + 1,
        }),
      );
    }
    return lines;
  });
}

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

async function* stream(connection: Connection, rest: Uint8Array, silenceMs: number): Bytes {
  if (rest.length > 0) yield rest;
  for (let chunk = await connection.read(silenceMs); chunk !== null; chunk = await connection.read(silenceMs)) {
    yield chunk;
  }
}

/** Reads on until the metadata is there; gives the first batch, if there is one already. */
async function readMetadata(decoder: DbnDecoder, bytes: Bytes, connection: Connection): Promise<RecordBatch | null> {
  for (;;) {
    const { value: chunk, done } = await bytes.next();
    if (done) throw lost(connection.address, 'it closed the connection before the stream began');
    decoder.push(chunk);
    const batch = decoder.next();
    if (decoder.metadata !== null) return batch;
  }
}

async function* batchesOf(
  decoder: DbnDecoder,
  first: RecordBatch | null,
  bytes: Bytes,
  connection: Connection,
  isClosed: () => boolean,
): AsyncGenerator<RecordBatch, void, undefined> {
  try {
    let batch = first;
    for (;;) {
      for (; batch !== null; batch = decoder.next()) {
        const end = batch.rtype === rtype.error ? endOf(batch, connection.address) : null;
        yield batch;
        if (isClosed()) return;
        if (end !== null) throw end;
      }
      const part = await bytes.next();
      if (part.done) throw lost(connection.address, 'it closed the connection');
      decoder.push(part.value);
      batch = decoder.next();
    }
  } catch (error) {
    if (isClosed()) return;
    throw passing(error, connection);
  } finally {
    connection.close();
  }
}

/** The error with which the session ends behind the error messages of a batch; null where it goes on. */
function endOf(batch: RecordBatch, address: string): SpymasterError | null {
  const message = errorMessages(batch).find(({ code }) => endsSession(code));
  if (message === undefined) return null;
  const { code, text } = message;
  if (code === errorCode.connectionLimit) return overLimit(address, text);
  if (code === errorCode.authFailed || code === errorCode.keyDeactivated) {
    return refused(address, text, 'check DATABENTO_API_KEY', code);
  }
  if (code === errorCode.invalidSubscription) return refused(address, text, 'check symbols, schema and start', code);
  return lost(address, `it ended the session with code ${code}, "${text}"`, { errorCode: code });
}

function refused(address: string, why: string, remedy: string, code?: number): SpymasterError {
  return new SpymasterError('LIVE_REFUSED', `The live gateway at ${address} refused the session: ${why}; ${remedy}.`, {
    address,
    ...(code !== undefined && { errorCode: code }),
  });
}

function overLimit(address: string, why: string): SpymasterError {
  return new SpymasterError(
    'LIVE_LIMIT',
    `The live gateway at ${address} allows no further session: ${why}; close another one, or wait a minute.`,
    { address, errorCode: errorCode.connectionLimit },
  );
}

/** Bytes that are no DBN come of a bad connection, as far as a caller is concerned: a new session may go on. */
function passing(error: unknown, { address }: Connection): unknown {
  if (!(error instanceof SpymasterError) || !/^(DBN|ZSTD)_/.test(error.code)) return error;
  return new SpymasterError(
    'LIVE_LOST',
    `Lost the live gateway at ${address}: its stream cannot be read. ${error.message}`,
    { address },
    error,
  );
}
