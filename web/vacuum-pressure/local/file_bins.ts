import { type CaptureWindow, captureWindow, type ReplayConfig } from '../../../src/config/index.ts';
import { openDbn, resolveInstrument } from '../../../src/dbn/index.ts';
import { Engine } from '../../../src/engine/index.ts';
import { createWireFrame, gridUpdate } from '../../../src/wire/index.ts';
import { decompressZstd } from './zstd.ts';

/** One bin as the wire carries it. */
export interface FileBin {
  readonly seq: number;
  /** The `grid_update` message. */
  readonly text: string;
  /** The Arrow frame; a view, valid until the next bin. */
  readonly frame: Uint8Array<ArrayBuffer>;
}

/** The capture of a replay configuration; throws CONFIG_INVALID for times that do not exist. */
export function captureOf({ runtime, stream_dt, stream_start_time, end_time }: ReplayConfig): CaptureWindow {
  return captureWindow(runtime.product_type, stream_dt, stream_start_time, end_time);
}

/**
 * Replays a DBN file in the browser with the engine that the server runs: the same bins, bit for bit. Throws what reading
 * the file and the configuration throw.
 */
export async function* fileBins(file: Blob, config: ReplayConfig): AsyncGenerator<FileBin, void, undefined> {
  const { runtime } = config;
  const capture = captureOf(config);
  const source = await openDbn(file.stream(), { decompress: decompressZstd });
  try {
    const { metadata } = source;
    const date = Number(config.stream_dt.replaceAll('-', ''));
    const instrumentId = metadata === null ? null : resolveInstrument(metadata, runtime.symbol, date);
    const frame = createWireFrame(runtime.grid_radius_ticks);
    const engine = new Engine({ runtime, capture, instrumentId, frame });
    const bin = (): FileBin => {
      const update = gridUpdate(engine.bin, capture.sessionStartNs, 'derivative');
      return { seq: engine.bin.seq, text: JSON.stringify(update), frame: frame.bytes };
    };
    for await (const batch of source) {
      for (let index = 0; index < batch.count; ) {
        index = engine.ingest(batch, index);
        if (engine.binReady) yield bin();
        if (engine.done) return;
      }
    }
    if (engine.finish()) yield bin();
  } finally {
    await source.close();
  }
}
