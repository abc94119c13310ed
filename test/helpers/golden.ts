import { parseReplayConfig, type ReplayConfig, replayCapture } from '../../src/config/index.ts';
import { DbnDecoder, type Metadata, type RecordBatch, resolveInstrument } from '../../src/dbn/index.ts';
import { Engine, type EngineOptions, type GridFrame } from '../../src/engine/index.ts';
import { readShared, sharedNames } from './shared.ts';

/** Expected outputs of an independent implementation: the synthetic one of the repository, real ones beside the checkout. */
export const goldenCases = sharedNames('golden');

export function readGoldenConfig(name: string): ReplayConfig {
  const origin = `golden/${name}/config.json`;
  return parseReplayConfig(JSON.parse(readShared('golden', name, 'config.json').toString()), origin);
}

export function engineOptions(config: ReplayConfig, metadata: Metadata, frame?: GridFrame): EngineOptions {
  const { runtime, stream_dt: date } = config;
  return {
    runtime,
    capture: replayCapture(config),
    instrumentId: resolveInstrument(metadata, runtime.symbol, date),
    ...(frame && { frame }),
  };
}

/** Decodes a whole stream that is fed in chunks of `chunkBytes`, and visits each batch. */
export function decode(
  bytes: Uint8Array,
  chunkBytes: number,
  visit: (batch: RecordBatch, metadata: Metadata) => void,
): void {
  const decoder = new DbnDecoder();
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    decoder.push(bytes.subarray(at, at + chunkBytes));
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
      if (decoder.metadata === null) throw new Error('records before metadata');
      visit(batch, decoder.metadata);
    }
  }
  decoder.end();
}

/** Runs an engine over a whole stream and visits it at each closed bin. */
export function replay(
  bytes: Uint8Array,
  config: ReplayConfig,
  visit: (engine: Engine) => void,
  chunkBytes = 1 << 20,
): Engine {
  let engine: Engine | undefined;
  decode(bytes, chunkBytes, (batch, metadata) => {
    engine ??= new Engine(engineOptions(config, metadata));
    for (let i = 0; i < batch.count; ) {
      i = engine.ingest(batch, i);
      if (engine.binReady) visit(engine);
    }
  });
  if (engine === undefined) throw new Error('the stream holds no records');
  if (!engine.done && engine.finish()) visit(engine);
  return engine;
}
