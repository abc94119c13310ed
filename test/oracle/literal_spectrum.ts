import type { RuntimeConfig } from '../../src/config/index.ts';
import { tanh } from '../../src/elementary.ts';
import { clip, mean, median, robustScale, sum } from './literal_statistics.ts';

/** model.md §6 for one tick: every value since the first bin is kept, every statistic taken anew from them. */
export class LiteralSpectrum {
  readonly cs: number[] = [];
  readonly composites: number[] = [];
  readonly derivatives: readonly [number[], number[], number[]] = [[], [], []];
  readonly scores: number[] = [];
  code = 0;

  /** @param bins bins that passed before the tick was first heard of: it was 0 in all of them */
  constructor(bins: number) {
    const lists = [this.cs, this.composites, ...this.derivatives, this.scores];
    for (const list of lists) for (let i = 0; i < bins; i++) list.push(0);
  }

  push(pressure: number, vacuum: number, dtS: number, config: RuntimeConfig): void {
    const { cs, composites } = this;
    cs.push((pressure - vacuum) / (Math.abs(pressure) + Math.abs(vacuum) + 1e-12));
    const weights = config.flow_rollup_weights;
    composites.push(
      sum(config.flow_windows.map((window, i) => (weights[i]! / sum(weights)) * mean(cs.slice(-window)))),
    );
    const first = cs.length === 1;
    let values = composites;
    for (const derivative of this.derivatives) {
      derivative.push(first ? 0 : (values.at(-1)! - values.at(-2)!) / dtS);
      values = derivative;
    }
    this.#score(config);
  }

  #score(config: RuntimeConfig): void {
    const weights = config.flow_derivative_weights;
    const terms = this.derivatives.map((derivative, i) => {
      const z = robustZ(derivative.slice(-config.flow_zscore_window_bins), config.flow_zscore_min_periods);
      return (weights[i]! / sum(weights)) * tanh(z / config.flow_tanh_scale);
    });
    const score = clip(sum(terms), -1, 1);
    this.scores.push(score);
    this.code = score >= config.flow_neutral_threshold ? 1 : score <= -config.flow_neutral_threshold ? -1 : 0;
  }
}

function robustZ(values: readonly number[], minPeriods: number): number {
  if (values.length < minPeriods) return 0;
  const scale = robustScale(values);
  return scale <= 1e-9 ? 0 : (values.at(-1)! - median(values)) / scale;
}
