import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { errorCode, type Schema, type SType, schemas, stypes } from '../../dbn/index.ts';
import type { MarketClock } from './gateway_clock.ts';
import { garbageBytes, type SessionFaults } from './gateway_faults.ts';
import type { GatewayFiles } from './gateway_file.ts';
import { GatewayOutput, SessionOver } from './gateway_output.ts';
import { GatewayStream } from './gateway_stream.ts';
import type { FollowedSubscription } from './gateway_wanted.ts';
import {
  challengeAnswer,
  formatLine,
  heartbeatRangeS,
  LineReader,
  maxSymbolsPerLine,
  parseLine,
  parseStart,
} from './protocol.ts';

/** A client that has not authenticated by then is dropped. */
const authenticateMs = 30_000;
/** Lines that a session may send. */
const maxLines = 1000;
/** CME's sessions, whose records and definitions can be replayed from the start of the week. */
const weekDataset = 'GLBX.MDP3';
const dayRel = 86_400e9;

export interface SessionOptions {
  readonly id: number;
  readonly socket: Socket;
  readonly files: GatewayFiles;
  readonly clock: MarketClock;
  readonly dataset: string;
  /** Null: any key is right. */
  readonly key: string | null;
  readonly faults: SessionFaults;
  readonly snapshotEveryS: number;
  readonly atEnd: 'heartbeats' | 'close';
  readonly slowReaderMs: number;
  readonly rollWaitMs: number;
  /** Whether there is room for one more session; asked once the key is right. */
  readonly admits: () => boolean;
  readonly tell: (event: string) => void;
}

/** One client's connection to the gateway: it authenticates, subscribes, and gets a stream. */
export class GatewaySession {
  readonly #options: SessionOptions;
  readonly #output: GatewayOutput;
  readonly #lines = new LineReader();
  readonly #challenge = randomBytes(16).toString('hex');
  #stream: GatewayStream | null = null;
  #compression = 'none';
  #isStarted = false;
  #lineCount = 0;
  /** Lines are handled one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { socket, faults } = options;
    this.#output = new GatewayOutput(socket, faults.splitBytes);
    socket.setTimeout(authenticateMs, () => {
      if (this.#stream === null) socket.destroy();
    });
    socket.on('data', (chunk: Uint8Array) => this.#take(chunk));
    this.#do(() => this.#greet());
  }

  /** Whether the client has shown the right key. */
  get isAuthenticated(): boolean {
    return this.#stream !== null;
  }

  #take(chunk: Uint8Array): void {
    try {
      this.#lines.push(chunk);
    } catch {
      this.#options.socket.destroy();
      return;
    }
    for (let line = this.#lines.next(); line !== null; line = this.#lines.next()) {
      const fields = parseLine(line);
      if (++this.#lineCount > maxLines) this.#options.socket.destroy();
      else if (fields.size > 0) this.#do(() => this.#handle(fields));
    }
  }

  /** Runs a step behind those before it; whatever goes wrong ends this session and no other. */
  #do(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      const { socket, tell, id } = this.#options;
      if (!(error instanceof SessionOver)) {
        tell(`session ${id} fails: ${error instanceof Error ? error.message : String(error)}`);
        socket.destroy();
      }
    });
  }

  async #greet(): Promise<void> {
    const { greeting } = this.#options.faults;
    if (greeting === 'close') await this.#output.end();
    if (greeting === 'garbage') await this.#output.write(new Uint8Array([...garbageBytes, 10]));
    if (greeting !== undefined) return;
    await this.#output.write(formatLine({ lsg_version: '0.9.4' }));
    await this.#output.write(formatLine({ cram: this.#challenge }));
  }

  async #handle(fields: ReadonlyMap<string, string>): Promise<void> {
    if (fields.has('auth')) await this.#authenticate(fields);
    else if (this.#stream === null) await this.#refuse('Expected the answer to the challenge first');
    else if (fields.has('start_session')) await this.#start(this.#stream);
    else if (fields.has('schema')) await this.#subscribe(this.#stream, fields);
  }

  async #refuse(why: string): Promise<void> {
    await this.#output.write(formatLine({ success: 0, error: why }));
    await this.#output.end();
  }

  async #authenticate(fields: ReadonlyMap<string, string>): Promise<void> {
    const { key, dataset, faults, id, admits, tell, files, clock } = this.#options;
    const why = this.#stream === null ? this.#whyRefused(fields) : 'Authenticated already';
    if (faults.refuse !== undefined || why !== null) {
      tell(`client ${id} refused: ${faults.refuse ?? why}`);
      return this.#refuse(faults.refuse ?? why ?? '');
    }
    if (!admits()) return this.#refuse('Too many sessions are open: the limit is reached');
    // From here on it counts among those that are open.
    this.#stream = new GatewayStream({
      ...{ files, clock, faults, output: this.#output },
      tsOut: fields.get('ts_out') === '1',
      heartbeatS: Number(fields.get('heartbeat_interval_s') ?? heartbeatRangeS.default),
      skipsSlow: fields.get('slow_reader_behavior') === 'skip',
      snapshotEveryS: this.#options.snapshotEveryS,
      atEnd: this.#options.atEnd,
      slowReaderMs: this.#options.slowReaderMs,
      rollWaitMs: this.#options.rollWaitMs,
    });
    await this.#output.write(formatLine({ success: 1, session_id: id }));
    tell(`session ${id} of ${dataset} opened${key === null ? ', with any key' : ''}`);
    this.#options.socket.setTimeout(0);
    this.#compression = fields.get('compression') ?? 'none';
  }

  /** Why an authentication is not accepted; null where it is. */
  #whyRefused(fields: ReadonlyMap<string, string>): string | null {
    const { key, dataset } = this.#options;
    const auth = fields.get('auth') ?? '';
    const { min, max } = heartbeatRangeS;
    const heartbeatS = Number(fields.get('heartbeat_interval_s') ?? min);
    if (!/^[0-9a-f]{64}-.{5}$/.test(auth)) return 'Authentication failed: expected a hash and the end of the key';
    if (key !== null && auth !== challengeAnswer(this.#challenge, key)) return 'Authentication failed: another key';
    if (fields.get('dataset') !== dataset) return `Unknown dataset ${fields.get('dataset') ?? ''}: this is ${dataset}`;
    if ((fields.get('encoding') ?? 'dbn') !== 'dbn') return 'Expected the encoding dbn';
    if (!['none', 'zstd'].includes(fields.get('compression') ?? 'none')) return 'Expected the compression none or zstd';
    if (!['0', '1'].includes(fields.get('ts_out') ?? '0')) return 'Expected 0 or 1 as ts_out';
    if (!['warn', 'skip'].includes(fields.get('slow_reader_behavior') ?? 'warn')) {
      return 'Expected warn or skip as slow_reader_behavior';
    }
    if (Number.isInteger(heartbeatS) && heartbeatS >= min && heartbeatS <= max) return null;
    return `Expected a heartbeat_interval_s from ${min} to ${max}`;
  }

  async #subscribe(stream: GatewayStream, fields: ReadonlyMap<string, string>): Promise<void> {
    const subscription = this.#parse(fields);
    if (typeof subscription !== 'string') {
      stream.add(subscription);
      return;
    }
    this.#options.tell(`session ${this.#options.id} refused: ${subscription}`);
    if (!this.#isStarted) await this.#begin(stream);
    await stream.fail(errorCode.invalidSubscription, subscription);
  }

  async #begin(stream: GatewayStream): Promise<void> {
    this.#isStarted = true;
    if (this.#compression === 'zstd') this.#output.compress();
    await stream.begin();
  }

  async #start(stream: GatewayStream): Promise<void> {
    if (this.#isStarted) return;
    await this.#begin(stream);
    // The stream runs beside the lines that may still come.
    stream.run().catch((error: unknown) => this.#do(() => Promise.reject(error)));
  }

  /** A subscription line; the text of an error where it makes none. */
  #parse(fields: ReadonlyMap<string, string>): FollowedSubscription | string {
    const { files, clock, faults } = this.#options;
    const schema = fields.get('schema') as Schema;
    const stypeIn = (fields.get('stype_in') ?? 'raw_symbol') as SType;
    const symbols = (fields.get('symbols') ?? '').split(',').filter((symbol) => symbol !== '');
    const snapshot = fields.get('snapshot') === '1';
    const start = fields.get('start');
    if (!schemas.includes(schema)) return `Unknown schema ${schema}`;
    if (!stypes.includes(stypeIn)) return `Unknown stype_in ${stypeIn}`;
    if (symbols.length === 0) return 'Expected symbols';
    if (symbols.length > maxSymbolsPerLine) return `Expected at most ${maxSymbolsPerLine} symbols a line`;
    if (snapshot && start !== undefined) return 'A snapshot and a start exclude each other';
    if (snapshot && schema !== 'mbo') return `There are snapshots of mbo alone, not of ${schema}`;
    if (start !== undefined && this.#isStarted) return 'A start is for subscriptions before the session starts';
    const startNs = start === undefined ? null : parseStart(start);
    if (start !== undefined && startNs === null) return `Expected UNIX nanoseconds or ISO 8601 as start, got ${start}`;
    const isAll = symbols.includes('ALL_SYMBOLS');
    const atNs = clock.nowNs;
    const found = symbols.map((symbol) => files.resolve(stypeIn, symbol, atNs));
    const resolved = isAll ? files.all(atNs) : found.flat();
    return {
      ...{ id: fields.get('id') ?? null, schema, stypeIn, snapshot, resolved },
      instrumentIds: isAll ? null : new Set(resolved.map(({ instrumentId }) => instrumentId)),
      unresolved: isAll ? [] : symbols.filter((_, index) => found[index]?.length === 0),
      startRel:
        startNs === null
          ? null
          : faults.ignoreStart === true
            ? Number.NEGATIVE_INFINITY
            : this.#startRel(startNs, schema),
    };
  }

  /** Where a replay begins, nanoseconds from the clock's base; −∞ for all there is. */
  #startRel(startNs: bigint, schema: Schema): number {
    const { clock, dataset } = this.#options;
    const hasWeek = dataset === weekDataset && (schema === 'mbo' || schema === 'definition');
    if (hasWeek && startNs === 0n) return Number.NEGATIVE_INFINITY;
    const rel = Number(startNs - clock.baseNs);
    return hasWeek ? rel : Math.max(rel, clock.rel - dayRel);
  }
}
