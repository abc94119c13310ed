import { connect, createServer, type Server, type Socket } from 'node:net';
import { DbnDecoder, mboWord, rtypeMbo, tsOfWords } from '../../src/dbn/index.ts';

/** Passes a live session on, and notes when the record that closes each bin is written to the client. */
export class BinStamps {
  /** By bin, when its closing record was written, on this process's clock; later bins of a silent moment have the same. */
  readonly writtenMs: number[] = [];
  readonly #server: Server;
  readonly #startNs: bigint;
  readonly #cellNs: bigint;
  readonly #sockets: Socket[] = [];

  private constructor(server: Server, startNs: bigint, cellWidthMs: number) {
    this.#server = server;
    this.#startNs = startNs;
    this.#cellNs = BigInt(cellWidthMs) * 1_000_000n;
  }

  /** @param gateway `host:port` of the gateway that is passed on */
  static async listen(gateway: string, startNs: bigint, cellWidthMs: number): Promise<BinStamps> {
    const server = createServer({ noDelay: true });
    const stamps = new BinStamps(server, startNs, cellWidthMs);
    const [host = '', port = ''] = gateway.split(':');
    server.on('connection', (client) => stamps.#pass(client, connect({ host, port: Number(port), noDelay: true })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stamps;
  }

  get address(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(client: Socket, gateway: Socket): void {
    this.#sockets.push(client, gateway);
    for (const [socket, other] of [
      [client, gateway],
      [gateway, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
    client.on('data', (bytes: Buffer) => gateway.write(bytes));
    let preface = Buffer.alloc(0);
    let decoder: DbnDecoder | null = null;
    gateway.on('data', (bytes: Buffer) => {
      if (decoder !== null) this.#stamp(decoder, bytes);
      else {
        preface = Buffer.concat([preface, bytes]);
        const at = preface.indexOf('DBN');
        if (at >= 0 && preface.includes('success=1')) {
          decoder = new DbnDecoder();
          this.#stamp(decoder, preface.subarray(at));
        }
      }
      client.write(bytes);
    });
  }

  #stamp(decoder: DbnDecoder, bytes: Uint8Array): void {
    const nowMs = performance.now();
    decoder.push(new Uint8Array(bytes));
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
      if (batch.rtype !== rtypeMbo) continue;
      // Times of a busy market hardly go back: the last record of a run tells which bins are closed by it.
      const at = ((batch.count - 1) * batch.recordBytes) >>> 2;
      const closed = (tsOfWords(batch.words, at + mboWord.tsEventLo) - this.#startNs) / this.#cellNs;
      while (this.writtenMs.length < closed) this.writtenMs.push(nowMs);
    }
  }
}
