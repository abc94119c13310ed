import type { PublishedFiring, PublishedServingSpec, RuntimeConfig } from '../config/index.ts';
import { present } from '../errors.ts';
import { defaultSignal, type FiringRule, type StoredSignal, signalDefinition } from '../signals/index.ts';
import type { FiringBlock } from './messages.ts';

/** When the signal of a stream fires; `published` is what its version says, null where it says nothing. */
export function firingBlock(
  published: PublishedFiring | null,
  { name, source_hash }: Pick<StoredSignal, 'name' | 'source_hash'>,
  runtime: RuntimeConfig,
): FiringBlock {
  if (published !== null) {
    const { kind = 'score', threshold, window_bins = null, cooldown_bins, warmup_bins = 0 } = published;
    return { kind, threshold, window_bins, cooldown_bins, warmup_bins, basis: 'published' };
  }
  const { thresholds } = signalDefinition(name, source_hash);
  const without = { cooldown_bins: 0, warmup_bins: 0 } as const;
  if (thresholds.kind === 'score') {
    const threshold = runtime.flow_neutral_threshold;
    return { kind: 'score', threshold, window_bins: null, ...without, basis: 'neutral' };
  }
  const { values, windowBins } = thresholds;
  const threshold = present(values[values.length >> 1]);
  return { kind: 'past_percentile', threshold, window_bins: windowBins, ...without, basis: 'default' };
}

/** The rule that a block tells, for the engine. */
export function firingRule({ kind, threshold, window_bins, cooldown_bins, warmup_bins }: FiringBlock): FiringRule {
  return {
    threshold:
      kind === 'score' || window_bins === null
        ? { kind: 'score', value: threshold }
        : { kind, percentile: threshold, windowBins: window_bins },
    warmupBins: warmup_bins,
    cooldownBins: cooldown_bins,
  };
}

/** Name of the signal that a published version streams. */
export function signalNameOf(spec: PublishedServingSpec): string {
  return spec.signal?.name ?? defaultSignal.name;
}

/** When the signal of a published version fires. */
export function firingRuleOf(spec: PublishedServingSpec): FiringRule {
  return firingRule(firingBlock(spec.firing ?? null, spec.signal ?? defaultSignal, spec.runtime_snapshot));
}
