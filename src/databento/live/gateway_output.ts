import type { Socket } from 'node:net';
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib';

/** Thrown through a session's stream where the session is over; nobody is told. */
export class SessionOver extends Error {}

/**
 * The bytes that a session of the gateway sends, compressed or not, in parts of any size. What waits is bounded: `write`
 * resolves once the socket takes more.
 */
export class GatewayOutput {
  readonly #socket: Socket;
  readonly #splitBytes: number;
  #compressor: ZstdCompress | null = null;
  #isOver = false;
  #wakes = new Set<() => void>();
  /** Milliseconds that the last write waited for its reader. */
  waitedMs = 0;
  /** When something was written last, by the monotonic clock. */
  writtenMs: number = performance.now();

  constructor(socket: Socket, splitBytes = Number.POSITIVE_INFINITY) {
    this.#socket = socket;
    this.#splitBytes = splitBytes;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('drain', () => this.wake());
    socket.on('close', () => {
      this.#isOver = true;
      this.#compressor?.destroy();
      this.wake();
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** From now on all is one zstd stream. */
  compress(): void {
    const compressor = createZstdCompress();
    compressor.on('data', (chunk: Uint8Array) => this.#socket.write(chunk));
    compressor.on('error', () => this.#socket.destroy());
    this.#compressor = compressor;
  }

  /** Sends bytes, which stay unchanged from now on. Throws SessionOver once the connection has ended. */
  async write(bytes: Uint8Array | string): Promise<void> {
    const whole = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    for (let at = 0; at < whole.length; at += this.#splitBytes) {
      if (this.#isOver) throw new SessionOver();
      const end = Math.min(whole.length, at + this.#splitBytes);
      await this.#send(whole.subarray(at, end));
      if (end < whole.length) await new Promise((resolve) => setImmediate(resolve));
    }
    const before = performance.now();
    while (this.#socket.writableNeedDrain && !this.#isOver) await this.sleep(60_000);
    if (this.#isOver) throw new SessionOver();
    this.writtenMs = performance.now();
    this.waitedMs = this.writtenMs - before;
  }

  /** Waits for some milliseconds, or until it is woken. Throws SessionOver once the connection has ended. */
  async sleep(ms: number): Promise<void> {
    if (!this.#isOver) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#wakes.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(ms, 0x7fff_ffff));
        this.#wakes.add(wake);
      });
    }
    if (this.#isOver) throw new SessionOver();
  }

  /** Ends every sleep. */
  wake(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  /** Ends the connection behind what was written. */
  async end(): Promise<never> {
    const compressor = this.#compressor;
    if (compressor !== null && !this.#isOver) {
      await new Promise<void>((resolve) => {
        compressor.once('end', resolve).once('close', resolve);
        compressor.end();
      });
    }
    this.#socket.end();
    throw new SessionOver();
  }

  /** Breaks the connection. */
  drop(): never {
    this.#socket.destroySoon();
    throw new SessionOver();
  }

  #send(bytes: Uint8Array): Promise<void> | undefined {
    const compressor = this.#compressor;
    if (compressor === null) {
      this.#socket.write(bytes);
      return undefined;
    }
    return new Promise((resolve) => {
      compressor.once('close', resolve);
      compressor.write(bytes);
      compressor.flush(constants.ZSTD_e_flush, () => {
        compressor.off('close', resolve);
        resolve();
      });
    });
  }
}
