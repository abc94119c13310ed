import {
  configVersion,
  contentHash,
  type PublishedServingSpec,
  pickRuntime,
  plainProjection,
  projectionHorizonsMs,
} from '../config/index.ts';
import { gridColumns } from '../engine/index.ts';
import type { RuntimeConfigMessage, StateModelBlock } from '../wire/index.ts';

const signalPrefix = 'state_model_';

/** Name of the signal that a published version streams. */
export function signalNameOf(spec: PublishedServingSpec): string {
  return spec.signal?.name ?? 'derivative';
}

/** The first message of a stream of `spec`, which the client asked for as `servingName` (an alias or the id). */
export function runtimeConfigMessage(spec: PublishedServingSpec, servingName: string): RuntimeConfigMessage {
  const snapshot = spec.runtime_snapshot;
  const runtime = pickRuntime(snapshot);
  const stateModel = Object.entries(runtime)
    .filter(([key]) => key.startsWith(signalPrefix))
    .map(([key, value]) => [key.slice(signalPrefix.length), value]);
  return {
    type: 'runtime_config',
    ...runtime,
    config_version: configVersion(runtime),
    projection_horizons_ms: projectionHorizonsMs(runtime),
    projection: spec.projection ?? plainProjection,
    stream_dt: snapshot.stream_dt,
    stream_start_time: snapshot.stream_start_time,
    state_model: { name: signalNameOf(spec), ...Object.fromEntries(stateModel) } as StateModelBlock,
    serving: { serving_name: servingName, serving_id: spec.serving_id, source: spec.source },
    grid_schema_fields: gridColumns.map(([name]) => name),
    grid_rows: 2 * runtime.grid_radius_ticks + 1,
    effective_config_hash: contentHash(
      { runtime_snapshot: snapshot, signal: spec.signal ?? null, projection: spec.projection ?? null },
      16,
    ),
    stream_format: 'dense_grid',
  };
}
