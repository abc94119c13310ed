import { notNull } from '../../../src/errors.ts';
import { type Control, controlText, type SessionOverview } from '../../../src/wire/index.ts';
import { ApiError, ask } from '../../shared/ask.ts';
import { type Feed, type FeedListener, pageChannels } from './feed.ts';
import { StreamReader } from './stream_reader.ts';

/** The stream's address beside the page's own (product.md, "Stream"). */
export function streamUrl(page: Pick<Location, 'protocol' | 'host'>, serving: string): string {
  const scheme = page.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${page.host}/v1/vacuum-pressure/stream?serving=${encodeURIComponent(serving)}`;
}

/** Between two questions for the overview of a session that is not complete; the server takes about a second itself while it reads a file. */
const overviewMs = 1000;

/** A server's stream; it connects again when the connection breaks. */
export class SocketFeed implements Feed {
  readonly #url: string;
  #listener: FeedListener | null = null;
  #reader: StreamReader | null = null;
  /** Of several questions for overviews only the last is followed. */
  #overviewAsked = 0;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  start(listener: FeedListener): void {
    this.#listener = listener;
    this.#reader = new StreamReader(listener);
    this.#open();
  }

  send(control: Control): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(controlText(control));
  }

  askOverview(servingId: string): void {
    const asked = ++this.#overviewAsked;
    void this.#pollOverview(servingId, () => asked === this.#overviewAsked);
  }

  /** The server answers within about a second with what it knows by then. */
  async #pollOverview(servingId: string, isCurrent: () => boolean): Promise<void> {
    try {
      while (isCurrent()) {
        const overview = await ask<SessionOverview>(`/v1/servings/${encodeURIComponent(servingId)}/overview`);
        if (!isCurrent()) return;
        notNull(this.#listener).sessionOverview(overview);
        if (overview.is_complete) return;
        await new Promise((resolve) => setTimeout(resolve, overviewMs));
      }
    } catch (error) {
      // That the connection broke, the stream tells; it asks again when it is back.
      if (!isCurrent() || (error instanceof ApiError && error.code === 'UNREACHABLE')) return;
      notNull(this.#listener).notice(
        `The overview of the session is missing: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  retry(): void {
    this.stop();
    this.#reader?.step({ event: 'retry' });
    this.#open();
  }

  /** Lets go of the socket without hearing from it again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#overviewAsked++;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    let isOpen = false;
    socket.onopen = () => {
      isOpen = true;
      socket.send(controlText({ action: 'subscribe', channels: pageChannels }));
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket === this.#socket && !notNull(this.#reader).receive(data)) this.stop();
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.#socket) return;
      if (!isOpen) void this.#tellRefusal();
      this.#closed(code);
    };
  }

  /** A WebSocket does not say why it was refused; the same server's answer to anything else does. */
  async #tellRefusal(): Promise<void> {
    try {
      const answer = await fetch('/ready');
      if (answer.status !== 401) return;
      const { error } = (await answer.json()) as { error: { message: string } };
      notNull(this.#listener).notice(error.message);
    } catch {}
  }

  #closed(code: number): void {
    const reader = notNull(this.#reader);
    this.#socket = null;
    reader.step({ event: 'closed', code });
    if (reader.state.phase === 'waiting') this.#timer = setTimeout(() => this.retry(), reader.state.delayMs);
  }
}
