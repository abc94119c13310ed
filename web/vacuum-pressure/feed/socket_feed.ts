import type { GridFrame } from '../../../src/engine/index.ts';
import { SpymasterError } from '../../../src/errors.ts';
import {
  type Control,
  controlText,
  createGridFrameDecoder,
  type GridUpdate,
  parseServerMessage,
  type ServerMessage,
} from '../../../src/wire/index.ts';
import { type ConnectionEvent, type ConnectionState, connectionStep, unconnected } from '../model/connection.ts';
import type { Feed, FeedListener } from './feed.ts';

/** The stream's address beside the page's own (product.md, "Stream"). */
export function streamUrl(page: Pick<Location, 'protocol' | 'host'>, serving: string): string {
  const scheme = page.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${page.host}/v1/vacuum-pressure/stream?serving=${encodeURIComponent(serving)}`;
}

/** A server's stream: checks every message, and connects again when the connection breaks. */
export class SocketFeed implements Feed {
  readonly #url: string;
  #listener: FeedListener | null = null;
  #socket: WebSocket | null = null;
  #state: ConnectionState = unconnected;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #decode: ((bytes: Uint8Array<ArrayBuffer>) => GridFrame) | null = null;
  /** The bin whose grid comes next. */
  #announced: GridUpdate | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  start(listener: FeedListener): void {
    this.#listener = listener;
    listener.connection(this.#state);
    this.#open();
  }

  send(control: Control): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(controlText(control));
  }

  retry(): void {
    clearTimeout(this.#timer);
    this.#drop();
    this.#step({ event: 'retry' });
    this.#open();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Lets go of the socket without hearing from it again. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#announced = null;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#closed(code);
    };
  }

  #closed(code: number): void {
    this.#socket = null;
    this.#step({ event: 'closed', code });
    if (this.#state.phase === 'waiting') this.#timer = setTimeout(() => this.retry(), this.#state.delayMs);
  }

  #receive(data: string | ArrayBuffer): void {
    try {
      if (typeof data === 'string') this.#text(parseServerMessage(data));
      else this.#binary(data);
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      const field = String(error.fields.field ?? error.fields.column ?? 'message');
      this.#step({ event: 'violation', message: error.message, field });
      this.#drop();
    }
  }

  #text(message: ServerMessage): void {
    if (message.type === 'error') {
      if (this.#state.phase === 'streaming') this.#listener?.notice(message.message);
      this.#step({ event: 'error', message: message.message });
    } else if (message.type === 'eof') {
      this.#step({ event: 'eof', binCount: message.bin_count });
    } else if (message.type === 'runtime_config') {
      this.#decode = createGridFrameDecoder(message.grid_rows);
      this.#step({ event: 'config' });
      this.#listener?.config(message);
    } else {
      if (this.#announced !== null) throw outOfOrder('the grid of the bin before', 'another grid_update');
      this.#announced = message;
    }
  }

  #binary(data: ArrayBuffer): void {
    const update = this.#announced;
    if (update === null || this.#decode === null) throw outOfOrder('a grid_update before each grid', 'a grid alone');
    this.#announced = null;
    this.#listener?.bin(update, this.#decode(new Uint8Array(data)));
  }

  #step(event: ConnectionEvent): void {
    const next = connectionStep(this.#state, event, Math.random());
    if (next === this.#state) return;
    this.#state = next;
    this.#listener?.connection(next);
  }
}

function outOfOrder(expected: string, actual: string): SpymasterError {
  return new SpymasterError('PROTOCOL', `The stream broke its contract: expected ${expected}, got ${actual}.`, {
    field: 'type',
  });
}
