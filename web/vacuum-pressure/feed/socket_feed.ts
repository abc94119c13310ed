import { type Control, controlText } from '../../../src/wire/index.ts';
import type { Feed, FeedListener } from './feed.ts';
import { StreamReader } from './stream_reader.ts';

/** The stream's address beside the page's own (product.md, "Stream"). */
export function streamUrl(page: Pick<Location, 'protocol' | 'host'>, serving: string): string {
  const scheme = page.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${page.host}/v1/vacuum-pressure/stream?serving=${encodeURIComponent(serving)}`;
}

/** A server's stream; it connects again when the connection breaks. */
export class SocketFeed implements Feed {
  readonly #url: string;
  #reader: StreamReader | null = null;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  start(listener: FeedListener): void {
    this.#reader = new StreamReader(listener);
    this.#open();
  }

  send(control: Control): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(controlText(control));
  }

  retry(): void {
    this.stop();
    this.#reader?.step({ event: 'retry' });
    this.#open();
  }

  /** Lets go of the socket without hearing from it again. */
  stop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket === this.#socket && !this.#reader!.receive(data)) this.stop();
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#closed(code);
    };
  }

  #closed(code: number): void {
    const reader = this.#reader!;
    this.#socket = null;
    reader.step({ event: 'closed', code });
    if (reader.state.phase === 'waiting') this.#timer = setTimeout(() => this.retry(), reader.state.delayMs);
  }
}
