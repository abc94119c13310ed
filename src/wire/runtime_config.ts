import { configVersion, contentHash, projectionHorizonsMs, type RuntimeConfig } from '../config/index.ts';
import { gridColumns } from '../engine/index.ts';
import type { ProjectionBlock, RuntimeConfigMessage, ServingBlock, StateModelBlock } from './messages.ts';

const signalPrefix = 'state_model_';

/** What a stream sends, whether of a published version or of a file. */
export interface Streamed {
  readonly runtime: RuntimeConfig;
  readonly streamDt: string;
  readonly streamStartTime: string;
  readonly signalName: string;
  readonly projection: ProjectionBlock;
  /** Where the signal was judged to fire; null: nobody has judged it. */
  readonly firing: { readonly threshold: number; readonly cooldown_bins: number } | null;
  readonly serving: ServingBlock;
  /** What the streamed values depend on; its hash tells one stream from another. */
  readonly effective: object;
}

/** The first message of a stream. */
export function runtimeConfig(streamed: Streamed): RuntimeConfigMessage {
  const { runtime, firing } = streamed;
  const stateModel = Object.entries(runtime)
    .filter(([key]) => key.startsWith(signalPrefix))
    .map(([key, value]) => [key.slice(signalPrefix.length), value]);
  return {
    type: 'runtime_config',
    ...runtime,
    config_version: configVersion(runtime),
    projection_horizons_ms: projectionHorizonsMs(runtime),
    projection: streamed.projection,
    stream_dt: streamed.streamDt,
    stream_start_time: streamed.streamStartTime,
    state_model: { name: streamed.signalName, ...Object.fromEntries(stateModel) } as StateModelBlock,
    firing:
      firing === null
        ? { threshold: runtime.flow_neutral_threshold, cooldown_bins: 0, basis: 'neutral' }
        : { threshold: firing.threshold, cooldown_bins: firing.cooldown_bins, basis: 'published' },
    serving: streamed.serving,
    grid_schema_fields: gridColumns.map(([name]) => name),
    grid_rows: 2 * runtime.grid_radius_ticks + 1,
    effective_config_hash: contentHash(streamed.effective, 16),
    stream_format: 'dense_grid',
  };
}
