import { type ReplayConfig, replayCapture, tickSizeInt } from '../../../src/config/index.ts';
import { gapsOf, openDbn, resolveInstrument } from '../../../src/dbn/index.ts';
import { Drive, Engine, type EngineCounters } from '../../../src/engine/index.ts';
import { defaultOrderEventParams } from '../../../src/orders/index.ts';
import { defaultSignal } from '../../../src/signals/index.ts';
import {
  type ChannelMessages,
  ChannelWriter,
  createWireFrame,
  firingBlock,
  firingRule,
  gridUpdate,
  OverviewBuilder,
  type SessionOverview,
  type WireFrame,
} from '../../../src/wire/index.ts';
import { wholeRecords } from './whole_records.ts';
import { decompressZstd } from './zstd.ts';

/** One bin as the wire carries it. */
export interface FileBin extends ChannelMessages {
  readonly seq: number;
  /** The `grid_update` message. */
  readonly text: string;
  /** The Arrow frame; a view, valid until the next bin. */
  readonly frame: Uint8Array<ArrayBuffer>;
}

/** Feed anomalies of a file and counts of its records, as far as it was replayed. */
export interface ReplayFindings {
  readonly counters: EngineCounters;
  /** Whether the instrument's records start with a snapshot or a clear. */
  readonly startsFromKnownBook: boolean;
  /** Times of which a recording says that its records were lost, as far as it was replayed. */
  readonly gaps: number;
  /** Bytes at the file's end that are no whole record, and were left out. */
  readonly tornBytes: number;
}

interface FileReplay {
  readonly engine: Engine;
  readonly frame: WireFrame;
  report(): ReplayFindings;
}

/** Replays a file; yields after each bin the engine that closed it, and ends with the replay as it is then. */
async function* replayFile(
  file: Blob,
  config: ReplayConfig,
  bookOnly: boolean,
): AsyncGenerator<FileReplay, FileReplay, undefined> {
  const { runtime } = config;
  let tornBytes = 0;
  let gaps = 0;
  const bytes = wholeRecords(file.stream(), (count) => {
    tornBytes = count;
  });
  const source = await openDbn(bytes, { decompress: decompressZstd });
  try {
    const { metadata } = source;
    const instrumentId = metadata === null ? null : resolveInstrument(metadata, runtime.symbol, config.stream_dt);
    const frame = createWireFrame(runtime.grid_radius_ticks);
    // As `runtimeConfig` tells it of a stream without a published rule.
    const firing = firingRule(firingBlock(null, defaultSignal, runtime));
    const isRecording = metadata?.schema === null;
    const capture = replayCapture(config);
    const engine = new Engine({
      runtime,
      capture,
      instrumentId,
      isRecording,
      frame,
      firing,
      bookOnly,
      countsActivity: !bookOnly,
      orderEvents: bookOnly ? undefined : defaultOrderEventParams,
      makesFeatures: !bookOnly,
    });
    const replay = {
      engine,
      frame,
      report: () => ({
        counters: engine.counters,
        startsFromKnownBook: engine.startsFromKnownBook,
        gaps,
        tornBytes,
      }),
    };
    const drive = new Drive(engine, source, {
      beforeSlice: (slice) => {
        gaps += gapsOf(slice)?.length ?? 0;
        return undefined;
      },
    });
    while (await drive.advance()) yield replay;
    return replay;
  } finally {
    await source.close();
  }
}

/**
 * Replays a DBN file in the browser with the engine that the server runs: the same bins, bit for bit. `onReport` is called
 * with what was wrong with the file, once a bin. Throws what reading the file and the configuration throw.
 */
export async function* fileBins(
  file: Blob,
  config: ReplayConfig,
  onReport: (report: () => ReplayFindings) => void,
): AsyncGenerator<FileBin, void, undefined> {
  const { sessionStartNs } = replayCapture(config);
  const replay = replayFile(file, config, false);
  const channels = new ChannelWriter(tickSizeInt(config.runtime), sessionStartNs);
  try {
    for (;;) {
      const { value, done } = await replay.next();
      onReport(() => value.report());
      if (done === true) return;
      const { engine, frame } = value;
      const text = JSON.stringify(gridUpdate(engine.bin, sessionStartNs, defaultSignal.name));
      yield { seq: engine.bin.seq, text, frame: frame.bytes, ...channels.write(engine) };
    }
  } finally {
    await replay.return(undefined as never);
  }
}

/** Sums up a file's session, without grid and signal; calls `onOverview` again and again, the last time complete. */
export async function fileOverview(
  file: File,
  config: ReplayConfig,
  nowMs: () => number,
  onOverview: (overview: SessionOverview) => void,
): Promise<void> {
  const { cell_width_ms } = config.runtime;
  const session = { serving_id: file.name, start_ns: String(replayCapture(config).startNs), cell_width_ms };
  const builder = new OverviewBuilder();
  let toldMs = nowMs();
  for await (const { engine } of replayFile(file, config, true)) {
    builder.add(engine.bin);
    if (nowMs() - toldMs < 250) continue;
    toldMs = nowMs();
    onOverview(builder.overview(session, { is_complete: false, failure: null }));
  }
  onOverview(builder.overview(session, { is_complete: true, failure: null }));
}
