import { connect, type Socket } from 'node:net';
import { SpymasterError } from '../../errors.ts';
import { preciseNowMs } from '../../files/index.ts';

/** Bytes that wait for the reader before the socket is paused; from then on they wait at the sender. */
const maxQueuedBytes = 16 << 20;

/** A TCP connection that is read chunk by chunk, each with a limit of time. Reading ahead is bounded. */
export class Connection {
  /** `host:port`, for messages. */
  readonly address: string;
  readonly #socket: Socket;
  readonly #queue: { readonly bytes: Uint8Array; readonly readMs: number }[] = [];
  /** When the bytes that were read last came from the socket, UNIX milliseconds. */
  readMs = Number.NaN;
  #queuedBytes = 0;
  #failure: Error | null = null;
  #isOver = false;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => {
      this.#queue.push({ bytes: chunk, readMs: preciseNowMs() });
      this.#queuedBytes += chunk.length;
      if (this.#queuedBytes >= maxQueuedBytes) socket.pause();
      this.#tell();
    });
    socket.on('error', (error) => {
      this.#failure = error;
    });
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  /** Connects within `timeoutMs`. Throws LIVE_LOST, and INTERRUPTED once the signal aborts. */
  static open(host: string, port: number, timeoutMs: number, signal?: AbortSignal): Promise<Connection> {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      const finish = (error: SpymasterError | null): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        socket.removeAllListeners();
        if (error === null) {
          const connection = new Connection(socket, address);
          resolve(connection);
          return;
        }
        socket.on('error', () => {});
        socket.destroy();
        reject(error);
      };
      const onAbort = (): void => finish(interrupted());
      const timer = setTimeout(() => finish(unreached(address, `no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      socket.once('connect', () => finish(null));
      socket.once('error', (error) => finish(unreached(address, error.message || 'no address answers', error)));
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * The next bytes, which are the caller's; null at the connection's end. Throws LIVE_LOST after `timeoutMs` without any, or
   * when the connection breaks.
   */
  async read(timeoutMs: number): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk !== undefined) {
        this.#queuedBytes -= chunk.bytes.length;
        this.readMs = chunk.readMs;
        if (this.#socket.isPaused() && this.#queuedBytes < maxQueuedBytes / 2) this.#socket.resume();
        return chunk.bytes;
      }
      if (this.#failure !== null) throw lost(this.address, `the connection broke (${this.#failure.message})`);
      if (this.#isOver) return null;
      if (!(await this.#arrives(timeoutMs))) throw lost(this.address, `nothing came for ${timeoutMs / 1000} s`);
    }
  }

  /** Sends text. A connection that has broken says so at the next read. */
  write(text: string): void {
    this.#socket.write(text);
  }

  /** Ends the connection; a read that waits gives null. Bytes that were not read are dropped. */
  close(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#failure = null;
    this.#socket.destroy();
    this.#end();
  }

  /** Waits until something may have come; false once the time is over. */
  #arrives(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#wake = null;
        resolve(false);
      }, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve(true);
      };
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    this.#wake?.();
  }
}

/** The error of a session that was lost, from whatever cause: another may go on. */
export function lost(
  address: string,
  why: string,
  fields: Readonly<Record<string, string | number>> = {},
): SpymasterError {
  return new SpymasterError('LIVE_LOST', `Lost the live gateway at ${address}: ${why}.`, { address, ...fields });
}

export function interrupted(): SpymasterError {
  return new SpymasterError('INTERRUPTED', 'Interrupted before the live session had begun.');
}

function unreached(address: string, why: string, cause?: unknown): SpymasterError {
  return new SpymasterError(
    'LIVE_LOST',
    `Cannot connect to the live gateway at ${address}: ${why}; check the network and the address.`,
    { address },
    cause,
  );
}
