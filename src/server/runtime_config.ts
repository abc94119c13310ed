import { type PublishedServingSpec, pickRuntime, plainProjection } from '../config/index.ts';
import { type LiveFacts, type RuntimeConfigMessage, runtimeConfig } from '../wire/index.ts';

/** The first message of a stream of `spec`, which the client asked for as `servingName` (an alias or the id); `live` is of one that is being recorded. */
export function runtimeConfigMessage(
  spec: PublishedServingSpec,
  servingName: string,
  live?: LiveFacts,
): RuntimeConfigMessage {
  const { runtime_snapshot: snapshot, signal = null, projection = null, firing = null } = spec;
  const message = runtimeConfig({
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
  return live === undefined ? message : { ...message, ...live };
}
