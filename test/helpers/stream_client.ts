import { once } from 'node:events';
import { WebSocket } from 'ws';
import { decodeDepthFrame, isDepthFrame } from '../../src/wire/index.ts';

/** One bin as it came over the wire. */
export interface ReceivedBin {
  readonly seq: number;
  readonly text: string;
  readonly frame: Buffer;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A stream client that keeps what it gets, in order. */
export class StreamClient {
  readonly socket: WebSocket;
  /** Text messages other than `grid_update`, parsed. */
  readonly messages: Record<string, unknown>[] = [];
  readonly bins: ReceivedBin[] = [];
  /** Depth frames, in the order of the bins that they follow; one before its bin is a disorder. */
  readonly depths: Buffer[] = [];
  /** Messages of the channel `events`, as they came; one before its bin is a disorder. */
  readonly events: { readonly seq: number; readonly text: string }[] = [];
  /** The same of the channel `features`, which come after the events. */
  readonly features: { readonly seq: number; readonly text: string }[] = [];
  readonly closed: Promise<Closed>;
  /** Violations of the order "grid_update, then its frame". */
  readonly disorder: string[] = [];
  #text: string | null = null;
  #changed: () => void = () => {};

  constructor(url: string, options: ConstructorParameters<typeof WebSocket>[2] = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#changed();
      }),
    );
    this.socket.on('error', () => {});
    this.socket.on('message', (data: Buffer, isBinary: boolean) => this.#take(data, isBinary));
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  control(action: string, more: object = {}): void {
    this.send({ type: 'control', action, ...more });
  }

  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open');
  }

  /** Resolves when `holds` is true of what was received; rejects when the connection closes before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error(`closed: ${JSON.stringify(this.messages.at(-1))}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Waits for the server's answer to a ping: everything sent before it was handled. */
  async roundTrip(): Promise<void> {
    this.socket.ping();
    await once(this.socket, 'pong');
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #takeEvents(seq: number, text: string): void {
    if (this.bins.at(-1)?.seq !== seq) this.disorder.push(`events of bin ${seq}`);
    if (this.features.at(-1)?.seq === seq) this.disorder.push(`events after the features of bin ${seq}`);
    this.events.push({ seq, text });
  }

  #takeFeatures(seq: number, text: string): void {
    if (this.bins.at(-1)?.seq !== seq) this.disorder.push(`features of bin ${seq}`);
    this.features.push({ seq, text });
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (isBinary && isDepthFrame(data)) {
      const { seq } = decodeDepthFrame(data);
      if (this.#text !== null || this.bins.at(-1)?.seq !== seq) this.disorder.push(`depth of bin ${seq}`);
      this.depths.push(data);
      this.#changed();
      return;
    }
    if (isBinary) {
      if (this.#text === null) this.disorder.push(`a frame without a grid_update after bin ${this.bins.at(-1)?.seq}`);
      else {
        const seq = (JSON.parse(this.#text) as { bin_seq: number }).bin_seq;
        this.bins.push({ seq, text: this.#text, frame: Buffer.from(data) });
      }
      this.#text = null;
    } else {
      const text = data.toString();
      const message = JSON.parse(text) as Record<string, unknown>;
      if (this.#text !== null) this.disorder.push('a grid_update without its frame');
      if (message.type === 'order_events') this.#takeEvents(Number(message.bin_seq), text);
      else if (message.type === 'features') this.#takeFeatures(Number(message.bin_seq), text);
      else if (message.type === 'grid_update') this.#text = text;
      else this.messages.push(message);
    }
    this.#changed();
  }
}
