import { type RuntimeConfig, tickSizeInt } from '../config/index.ts';
import type { PhysicsParams } from '../physics/index.ts';
import type { SpectrumParams } from '../spectrum/index.ts';

/** A tick of the price grid in 1e-9 units (model.md §4). */
export const gridTickInt = tickSizeInt;

export function physicsParams(runtime: RuntimeConfig): PhysicsParams {
  return {
    tauVelocity: runtime.tau_velocity,
    tauAcceleration: runtime.tau_acceleration,
    tauJerk: runtime.tau_jerk,
    tauRestDecay: runtime.tau_rest_decay,
    c1VAdd: runtime.c1_v_add,
    c2VRestPos: runtime.c2_v_rest_pos,
    c3AAdd: runtime.c3_a_add,
    c4VPull: runtime.c4_v_pull,
    c5VFill: runtime.c5_v_fill,
    c6VRestNeg: runtime.c6_v_rest_neg,
    c7APull: runtime.c7_a_pull,
  };
}

export function spectrumParams(runtime: RuntimeConfig): SpectrumParams {
  return {
    binS: runtime.cell_width_ms / 1000,
    windows: runtime.flow_windows,
    rollupWeights: runtime.flow_rollup_weights,
    derivativeWeights: runtime.flow_derivative_weights,
    tanhScale: runtime.flow_tanh_scale,
    neutralThreshold: runtime.flow_neutral_threshold,
    zscoreWindowBins: runtime.flow_zscore_window_bins,
    zscoreMinPeriods: runtime.flow_zscore_min_periods,
  };
}
