import type { GridFrame } from '../../../src/engine/index.ts';
import { SpymasterError } from '../../../src/errors.ts';
import {
  createGridFrameDecoder,
  type DepthFrame,
  decodeDepthFrame,
  type FeaturesMessage,
  type GridUpdate,
  isDepthFrame,
  isFeaturesText,
  isOrderEventsText,
  type OrderEventsMessage,
  parseFeatures,
  parseOrderEvents,
  parseServerMessage,
  type ServerMessage,
} from '../../../src/wire/index.ts';
import { type ConnectionEvent, type ConnectionState, connectionStep, unconnected } from './connection.ts';
import type { FeedListener } from './feed.ts';

/** Checks the messages of a stream, in their order, and keeps its state. */
export class StreamReader {
  readonly #listener: FeedListener;
  #state: ConnectionState = unconnected;
  #decode: ((bytes: Uint8Array<ArrayBuffer>) => GridFrame) | null = null;
  /** The bin whose grid comes next. */
  #announced: GridUpdate | null = null;
  /** The bin whose grid came last. */
  #lastSeq = -1;

  constructor(listener: FeedListener) {
    this.#listener = listener;
    listener.connection(this.#state);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  step(event: ConnectionEvent): void {
    if (event.event === 'retry') this.#announced = null;
    const next = connectionStep(this.#state, event, Math.random());
    if (next === this.#state) return;
    this.#state = next;
    this.#listener.connection(next);
  }

  /** Takes in a message; false when it broke the contract, after which nothing may follow. */
  receive(data: string | ArrayBuffer): boolean {
    try {
      if (typeof data === 'string' && isOrderEventsText(data)) this.#events(parseOrderEvents(data));
      else if (typeof data === 'string' && isFeaturesText(data)) this.#features(parseFeatures(data));
      else if (typeof data === 'string') this.#text(parseServerMessage(data));
      else this.#binary(data);
      return true;
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      const field = String(error.fields.field ?? error.fields.column ?? 'message');
      this.step({ event: 'violation', message: error.message, field });
      return false;
    }
  }

  #text(message: ServerMessage): void {
    if (message.type === 'error') {
      if (this.#state.phase === 'streaming') this.#listener.controlFailed(message.message);
      this.step({ event: 'error', message: message.message });
    } else if (message.type === 'eof') {
      this.step({ event: 'eof', binCount: message.bin_count });
    } else if (message.type === 'runtime_config') {
      this.#decode = createGridFrameDecoder(message.grid_rows);
      this.step({ event: 'config' });
      this.#listener.config(message);
    } else {
      if (this.#announced !== null) throw outOfOrder('the grid of the bin before', 'another grid_update');
      this.#announced = message;
    }
  }

  #binary(data: ArrayBuffer): void {
    const bytes = new Uint8Array(data);
    if (isDepthFrame(bytes)) {
      this.#depth(decodeDepthFrame(bytes));
      return;
    }
    const update = this.#announced;
    if (update === null || this.#decode === null) throw outOfOrder('a grid_update before each grid', 'a grid alone');
    this.#announced = null;
    this.#lastSeq = update.bin_seq;
    this.#listener.bin(update, this.#decode(bytes));
  }

  #events(message: OrderEventsMessage): void {
    if (this.#announced !== null || message.bin_seq !== this.#lastSeq) {
      throw outOfOrder('the events of a bin after its grid', `the events of bin ${message.bin_seq}`);
    }
    this.#listener.events(message);
  }

  #features(message: FeaturesMessage): void {
    if (this.#announced !== null || message.bin_seq !== this.#lastSeq) {
      throw outOfOrder('the features of a bin after its grid', `the features of bin ${message.bin_seq}`);
    }
    this.#listener.features(message);
  }

  #depth(frame: DepthFrame): void {
    if (this.#announced !== null || frame.seq !== this.#lastSeq) {
      throw outOfOrder('the depth of a bin after its grid', `the depth of bin ${frame.seq}`);
    }
    this.#listener.depth(frame);
  }
}

function outOfOrder(expected: string, actual: string): SpymasterError {
  return new SpymasterError('PROTOCOL', `The stream broke its contract: expected ${expected}, got ${actual}.`, {
    field: 'type',
  });
}
