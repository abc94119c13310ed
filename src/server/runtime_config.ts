import { type PublishedServingSpec, pickRuntime, plainProjection } from '../config/index.ts';
import type { FiringRule } from '../signals/index.ts';
import { firingBlock, firingRule, type RuntimeConfigMessage, runtimeConfig } from '../wire/index.ts';

/** Name of the signal that a published version streams. */
export function signalNameOf(spec: PublishedServingSpec): string {
  return spec.signal?.name ?? 'derivative';
}

/** When the signal of a published version fires. */
export function firingRuleOf(spec: PublishedServingSpec): FiringRule {
  return firingRule(firingBlock(spec.firing ?? null, signalNameOf(spec), spec.runtime_snapshot));
}

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
