import type { Engine } from '../engine/index.ts';
import { notNull } from '../errors.ts';
import { type Channel, channels } from './control.ts';
import { DepthFrameWriter } from './depth_frame.ts';
import { featuresText } from './features.ts';
import { orderEventsText } from './order_events.ts';

/** What a bin's channels carry, in the order in which they are sent; empty for one that was not wanted. */
export interface ChannelMessages {
  /** Binary; a view, valid until the next bin. */
  readonly depth: Uint8Array<ArrayBuffer>;
  /** Text. */
  readonly events: string;
  /** Text. */
  readonly features: string;
}

const noBytes = new Uint8Array(0);

/** Writes the messages of the channels for the last closed bin of an engine that counts activity, tells order events and makes features. */
export class ChannelWriter {
  readonly #depth: DepthFrameWriter;
  readonly #originNs: bigint;

  /** `tickInt`: the tick size in units of 1e-9; `originNs`: the session's start, UNIX nanoseconds. */
  constructor(tickInt: number, originNs: bigint) {
    this.#depth = new DepthFrameWriter(tickInt);
    this.#originNs = originNs;
  }

  /** The messages of the channels that are wanted: the same for each, whichever others are. */
  write(engine: Engine, wanted: readonly Channel[] = channels): ChannelMessages {
    const { bin, book, activity, orderEvents, features, trouble } = engine;
    const wants = (channel: Channel) => wanted.includes(channel);
    return {
      depth: wants('depth') ? this.#depth.write(bin.seq, book, notNull(activity)) : noBytes,
      events: wants('events') ? orderEventsText(bin.seq, notNull(orderEvents).rows, trouble, this.#originNs) : '',
      features: wants('features') ? featuresText(bin.seq, notNull(features), this.#originNs) : '',
    };
  }
}
