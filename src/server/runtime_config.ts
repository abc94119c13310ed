import { type PublishedServingSpec, pickRuntime, plainProjection } from '../config/index.ts';
import { type RuntimeConfigMessage, runtimeConfig } from '../wire/index.ts';

/** The first message of a stream of `spec`, which the client asked for as `servingName` (an alias or the id). */
export function runtimeConfigMessage(spec: PublishedServingSpec, servingName: string): RuntimeConfigMessage {
  const { runtime_snapshot: snapshot, signal = null, projection = null, firing = null } = spec;
  return runtimeConfig({
    runtime: pickRuntime(snapshot),
    streamDt: snapshot.stream_dt,
    streamStartTime: snapshot.stream_start_time,
    signal,
    projection: projection ?? plainProjection,
    firing,
    serving: { serving_name: servingName, serving_id: spec.serving_id, source: spec.source },
    // Versions without a rule of their own keep the hash that they always had.
    effective: { runtime_snapshot: snapshot, signal, projection, ...(firing !== null && { firing }) },
  });
}
