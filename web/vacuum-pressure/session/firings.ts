import type { FiringBlock } from '../../../src/wire/index.ts';
import { formatCount } from './format.ts';

/** When the signal fires, in words, and whose rule that is. */
export function firingWords({ kind, threshold, window_bins, cooldown_bins, warmup_bins, basis }: FiringBlock): string {
  const at =
    kind === 'score'
      ? `at ±${threshold}`
      : `at ± percentile ${threshold} of |score| over the past ${formatCount(window_bins ?? 0)} bins`;
  const limits = [
    ...(cooldown_bins > 0 ? [`at least ${formatCount(cooldown_bins)} bins apart`] : []),
    ...(warmup_bins > 0 ? [`from bin ${formatCount(warmup_bins)} on`] : []),
  ].join(', ');
  return [at, whose[basis], limits].filter((part) => part !== '').join(', ');
}

const whose: Record<FiringBlock['basis'], string> = {
  published: 'as its run was judged',
  neutral: 'flow_neutral_threshold: the version was published without a threshold of its own',
  default: 'a default of the signal: the version was published without a threshold of its own',
};
