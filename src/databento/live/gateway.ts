import { createServer, type Server, type Socket } from 'node:net';
import { SpymasterError } from '../../errors.ts';
import { MarketClock } from './gateway_clock.ts';
import type { GatewayFaults, SessionFaults } from './gateway_faults.ts';
import { GatewayFiles } from './gateway_file.ts';
import { GatewaySession } from './gateway_session.ts';

/** Connections at once, those that have not authenticated among them, and sessions. */
const maxConnections = 64;
const defaultMaxSessions = 10;
/** Bytes that wait in the socket of a session before its stream waits. */
const outputBytes = 256 * 1024;
/** How long the market stands still at full speed before a session's end: time to read what waits in the sockets. */
const defaultRollWaitMs = 5000;
/** How long a write waits before its reader counts as slow. */
const defaultSlowReaderMs = 1000;

export interface GatewayOptions {
  /** DBN files of one dataset, which are played one after the other. */
  readonly files: readonly string[];
  /** The dataset that clients must name; that of the files by default. */
  readonly dataset?: string;
  /** The key that clients must have; null: any. */
  readonly key: string | null;
  /** Seconds of the files in a second, 1 or more, by `ts_recv`; `max`: as fast as the client reads. */
  readonly speed: number | 'max';
  /** 0: any that is free. */
  readonly port: number;
  readonly host?: string;
  /** Where in the files the market is at first, UNIX nanoseconds; at their start by default. */
  readonly fromNs?: bigint;
  /** What follows the last record: heartbeats, as from a closed market (the default), or the end of the connection. */
  readonly atEnd?: 'heartbeats' | 'close';
  /** Snapshots are of the last multiple of so many seconds, as at the vendor's; 0: of now. 60 by default. */
  readonly snapshotEveryS?: number;
  readonly slowReaderMs?: number;
  /** At full speed, how long the market stands still at most before each session's end, for a recorder to open its next file; 5 s by default. */
  readonly rollWaitMs?: number;
  /** Sessions that may be open at once; 10 by default, as with the vendor. */
  readonly maxSessions?: number;
  /** What goes wrong in each connection, in their order; or of each number, from 0 on. */
  readonly faults?: GatewayFaults | ((connection: number) => SessionFaults);
  /** Told, in a few words, of sessions that open, are refused and fail. */
  readonly onEvent?: (text: string) => void;
}

export interface Gateway extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly dataset: string;
  /** The time of the market, UNIX nanoseconds. */
  readonly nowNs: bigint;
  /** Sessions that were opened so far, those that have ended among them. */
  readonly sessions: number;
  /** Breaks every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves the live protocol from DBN files: what the vendor's gateway would send if their market were open now.
 *
 * Throws what reading the files does, and PORT_TAKEN.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { speed, host = '127.0.0.1', faults = [], maxSessions = defaultMaxSessions } = options;
  if (speed !== 'max' && !(speed >= 1)) {
    throw new SpymasterError('USAGE', `Cannot play files at speed ${speed}: expected max, or a number from 1 on.`);
  }
  const files = await GatewayFiles.open(options.files);
  const { firstNs } = files;
  const dataset = options.dataset ?? files.dataset;
  const clock = new MarketClock(speed, firstNs, options.fromNs ?? firstNs);
  const sessions = new Map<Socket, GatewaySession>();
  let connections = 0;
  let opened = 0;
  const server = createServer({ highWaterMark: outputBytes }, (socket) => {
    const id = ++connections;
    const sessionFaults = (typeof faults === 'function' ? faults(id - 1) : faults[id - 1]) ?? {};
    const admits = (): boolean => {
      if ([...sessions.values()].filter(({ isAuthenticated }) => isAuthenticated).length >= maxSessions) return false;
      opened++;
      return true;
    };
    const session = new GatewaySession({
      ...{ id, socket, files, clock, dataset, admits },
      key: options.key,
      faults: sessionFaults,
      snapshotEveryS: options.snapshotEveryS ?? 60,
      atEnd: options.atEnd ?? 'heartbeats',
      slowReaderMs: options.slowReaderMs ?? defaultSlowReaderMs,
      rollWaitMs: options.rollWaitMs ?? defaultRollWaitMs,
      tell: options.onEvent ?? (() => {}),
    });
    sessions.set(socket, session);
    socket.on('close', () => {
      if (session.isAuthenticated) options.onEvent?.(`session ${id} closed`);
      clock.skip(sessionFaults.missed ?? 0);
      sessions.delete(socket);
    });
  });
  server.maxConnections = maxConnections;
  const port = await listen(server, host, options.port);
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sessions.keys()) socket.destroy();
    await closed;
  };
  return {
    ...{ host, port, dataset, close },
    get nowNs() {
      return clock.nowNs;
    },
    get sessions() {
      return opened;
    },
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'it is in use; give another with --port' : cause.message;
      reject(new SpymasterError('PORT_TAKEN', `Cannot listen on ${host}:${port}: ${why}.`, { host, port }, cause));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
