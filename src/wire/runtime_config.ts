import {
  configVersion,
  contentHash,
  type PublishedFiring,
  type PublishedServingSpec,
  projectionHorizonsMs,
  type RuntimeConfig,
} from '../config/index.ts';
import { gridColumns } from '../engine/index.ts';
import {
  defaultSignal,
  resolveParameters,
  runtimeParameters,
  type StoredSignal,
  signalContext,
  signalDefinition,
  storedParameters,
} from '../signals/index.ts';
import { firingBlock } from './firing.ts';
import type { ProjectionBlock, RuntimeConfigMessage, ServingBlock, SignalBlock, StateModelBlock } from './messages.ts';

const signalPrefix = 'state_model_';

/** Subject of a stream: a published version or a file. */
export interface Streamed {
  readonly runtime: RuntimeConfig;
  readonly streamDt: string;
  readonly streamStartTime: string;
  /** The signal with its parameters as stored; null: the derivative signal of the runtime fields. */
  readonly signal: PublishedServingSpec['signal'] | null;
  readonly projection: ProjectionBlock;
  /** When the signal fires by its evaluation; null: not evaluated. */
  readonly firing: PublishedFiring | null;
  readonly serving: ServingBlock;
  /** Everything that the streamed values depend on; its hash identifies the stream. */
  readonly effective: object;
}

/** The first message of a stream. */
export function runtimeConfig(streamed: Streamed): RuntimeConfigMessage {
  const { runtime } = streamed;
  const signal = signalBlock(runtime, streamed.signal);
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
    state_model: { name: signal.name, ...Object.fromEntries(stateModel) } as StateModelBlock,
    signal,
    firing: firingBlock(streamed.firing, streamed.signal ?? defaultSignal, runtime),
    serving: streamed.serving,
    grid_schema_fields: gridColumns.map(([name]) => name),
    grid_rows: 2 * runtime.grid_radius_ticks + 1,
    effective_config_hash: contentHash(streamed.effective, 16),
    stream_format: 'dense_grid',
  };
}

function signalBlock(runtime: RuntimeConfig, signal: Streamed['signal']): SignalBlock {
  const { name, params, source_hash }: StoredSignal = signal ?? {
    name: defaultSignal.name,
    params: runtimeParameters(defaultSignal, runtime),
  };
  const definition = signalDefinition(name, source_hash);
  const context = signalContext(runtime);
  return {
    name,
    about: definition.about,
    params: resolveParameters(definition, storedParameters(definition, params), context),
    score_bound: definition.bound,
    ...(definition.series !== undefined && { series: definition.series }),
  };
}
