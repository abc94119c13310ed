import type { Engine } from '../engine/index.ts';
import { notNull } from '../errors.ts';
import { DepthFrameWriter } from './depth_frame.ts';
import { featuresText } from './features.ts';
import { orderEventsText } from './order_events.ts';

/** What a bin's channels carry, in the order in which they are sent. */
export interface ChannelMessages {
  /** Binary; a view, valid until the next bin. */
  readonly depth: Uint8Array<ArrayBuffer>;
  /** Text. */
  readonly events: string;
  /** Text. */
  readonly features: string;
}

/** Writes the messages of the channels for the last closed bin of an engine that counts activity, tells order events and makes features. */
export class ChannelWriter {
  readonly #depth: DepthFrameWriter;
  readonly #originNs: bigint;

  /** `tickInt`: the tick size in units of 1e-9; `originNs`: the session's start, UNIX nanoseconds. */
  constructor(tickInt: number, originNs: bigint) {
    this.#depth = new DepthFrameWriter(tickInt);
    this.#originNs = originNs;
  }

  write({ bin, book, activity, orderEvents, features, trouble }: Engine): ChannelMessages {
    return {
      depth: this.#depth.write(bin.seq, book, notNull(activity)),
      events: orderEventsText(bin.seq, notNull(orderEvents).rows, trouble, this.#originNs),
      features: featuresText(bin.seq, notNull(features), this.#originNs),
    };
  }
}
