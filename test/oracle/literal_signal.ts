import type { RuntimeConfig } from '../../src/config/index.ts';
import { tanh } from '../../src/elementary.ts';
import type { SignalState } from '../../src/engine/index.ts';
import { clip, mean, median, robustScale, standardDeviation, sum } from './literal_statistics.ts';

/** model.md §8 over all bins so far. */
export class LiteralSignal {
  readonly bases: number[] = [];
  readonly derivatives: readonly [number[], number[], number[]] = [[], [], []];

  /** @param state5 codes of the window, k = −radius first */
  update(state5: readonly number[], config: RuntimeConfig): SignalState {
    const weights = weightsOverK(config);
    const intensity = (code: number) => sum(weights.map((weight, row) => (state5[row] === code ? weight : 0)));
    const bull =
      config.state_model_bull_pressure_weight * intensity(1) + config.state_model_bull_vacuum_weight * intensity(2);
    const bear =
      config.state_model_bear_pressure_weight * intensity(-1) + config.state_model_bear_vacuum_weight * intensity(-2);
    const mixed = intensity(0);
    this.bases.push((bull - bear) * clip(1 - config.state_model_mixed_weight * mixed, 0, 1));
    const n = this.bases.length;
    let values = this.bases;
    for (const derivative of this.derivatives) {
      derivative.push(n === 1 ? 0 : (values.at(-1)! - values.at(-2)!) / (config.cell_width_ms / 1000));
      values = derivative;
    }
    const dWeights = [config.state_model_d1_weight, config.state_model_d2_weight, config.state_model_d3_weight];
    const zs = this.derivatives.map((derivative) => z(derivative, config));
    const score = sum(zs.map((value, i) => dWeights[i]! * tanh(value / config.state_model_tanh_scale))) / sum(dWeights);
    const codes = [-2, -1, 0, 1, 2];
    const largest = Math.max(...codes.map(intensity));
    return {
      score: clip(score, -1, 1),
      ready: n >= config.state_model_zscore_min_periods,
      sampleCount: n,
      base: this.bases.at(-1)!,
      d1: this.derivatives[0].at(-1)!,
      d2: this.derivatives[1].at(-1)!,
      d3: this.derivatives[2].at(-1)!,
      z1: zs[0]!,
      z2: zs[1]!,
      z3: zs[2]!,
      bullIntensity: bull,
      bearIntensity: bear,
      mixedIntensity: mixed,
      dominantState5Code: codes.find((code) => intensity(code) === largest)!,
    };
  }
}

function weightsOverK(config: RuntimeConfig): number[] {
  const radius = config.grid_radius_ticks;
  const excluded = config.state_model_center_exclusion_radius;
  const power = config.state_model_spatial_decay_power;
  const raw = Array.from({ length: 2 * radius + 1 }, (_, row) => {
    const distance = Math.abs(row - radius);
    if (excluded > 0 && distance <= excluded) return 0;
    return power > 0 ? 1 / Math.max(distance, 1) ** power : 1;
  });
  return raw.map((weight) => weight / sum(raw));
}

function z(all: readonly number[], config: RuntimeConfig): number {
  if (all.length < config.state_model_zscore_min_periods) return 0;
  const values = all.slice(-config.state_model_zscore_window_bins);
  const x = values.at(-1)!;
  const scale = robustScale(values);
  if (scale > 1e-12) return (x - median(values)) / scale;
  const deviation = standardDeviation(values);
  return deviation <= 1e-12 ? 0 : (x - mean(values)) / deviation;
}
