import { captureOf, type PublishedServingSpec, tickSizeInt } from '../config/index.ts';
import type { Engine } from '../engine/index.ts';
import { type Channel, type ChannelMessages, ChannelWriter, gridUpdate, signalNameOf } from '../wire/index.ts';

/** The messages of a bin but for its Arrow frame, which the engine writes. */
export interface BinMessages {
  /** The `grid_update`. */
  readonly text: string;
  /** Those of the channels; valid until the next bin's are made. */
  readonly channels: ChannelMessages;
}

/** Makes the messages of the bins that an engine of a serving version closes, those of the channels that are wanted; of all without a list. */
export function binMessages(spec: PublishedServingSpec): (engine: Engine, wanted?: readonly Channel[]) => BinMessages {
  const { sessionStartNs } = captureOf(spec.runtime_snapshot);
  const signalName = signalNameOf(spec);
  const writer = new ChannelWriter(tickSizeInt(spec.runtime_snapshot), sessionStartNs);
  return (engine, wanted) => ({
    text: JSON.stringify(gridUpdate(engine.bin, sessionStartNs, signalName)),
    channels: writer.write(engine, wanted),
  });
}
