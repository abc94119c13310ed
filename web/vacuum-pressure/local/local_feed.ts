import { notNull } from '../../../src/errors.ts';
import { type Control, controlText } from '../../../src/wire/index.ts';
import { type Feed, type FeedListener, pageChannels } from '../feed/feed.ts';
import { StreamReader } from '../feed/stream_reader.ts';
import type { FileRequest, FromWorker, ToWorker } from './worker_messages.ts';

/** A file that the browser replays itself, in a worker, with the server's engine; nothing leaves the computer. */
export class LocalFeed implements Feed {
  readonly #request: FileRequest;
  #listener: FeedListener | null = null;
  #reader: StreamReader | null = null;
  #worker: Worker | null = null;
  #overviewWorker: Worker | null = null;

  constructor(request: FileRequest) {
    this.#request = request;
  }

  start(listener: FeedListener): void {
    this.#listener = listener;
    this.#reader = new StreamReader(listener);
    this.#open();
  }

  send(control: Control): void {
    this.#tell({ type: 'control', text: controlText(control) });
  }

  /** A second worker reads the file ahead of the one that plays it. */
  askOverview(): void {
    this.#endOverview();
    const worker = createWorker();
    this.#overviewWorker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker !== this.#overviewWorker || data.type !== 'overview') return;
      if (data.overview !== null) notNull(this.#listener).sessionOverview(data.overview);
      if (data.overview === null || data.overview.is_complete) this.#endOverview();
    };
    worker.postMessage({ type: 'overview', ...this.#request } satisfies ToWorker);
  }

  #endOverview(): void {
    this.#overviewWorker?.terminate();
    this.#overviewWorker = null;
  }

  retry(): void {
    this.stop();
    this.#reader?.step({ event: 'retry' });
    this.#open();
  }

  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#endOverview();
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #open(): void {
    const worker = createWorker();
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker === this.#worker) this.#receive(data);
    };
    worker.onerror = ({ message }) => this.#fail(`The replay of the file stopped: ${message}.`);
    this.#tell({ type: 'control', text: controlText({ action: 'subscribe', channels: pageChannels }) });
    this.#tell({ type: 'open', ...this.#request });
  }

  #receive(message: FromWorker): void {
    if (message.type === 'failed') {
      this.#fail(message.message);
      return;
    }
    if (message.type === 'overview') return;
    if (message.type === 'report') {
      notNull(this.#listener).fileReport(message);
      return;
    }
    const sound = notNull(this.#reader).receive(message.type === 'text' ? message.text : message.bytes);
    if (message.type === 'bytes') this.#tell({ type: 'taken' });
    if (!sound) this.stop();
  }

  #fail(message: string): void {
    this.stop();
    notNull(this.#reader).step({ event: 'failed', message });
  }
}

const createWorker = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
