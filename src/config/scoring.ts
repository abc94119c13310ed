import { type RuntimeConfig, runtimeShape } from './runtime.ts';

/** The flow scoring of a serving (product.md, `ServingSpec.scoring`), by its names in specs, and the runtime field of each. */
export const scoringFields = {
  zscore_window_bins: 'flow_zscore_window_bins',
  zscore_min_periods: 'flow_zscore_min_periods',
  derivative_weights: 'flow_derivative_weights',
  tanh_scale: 'flow_tanh_scale',
  threshold_neutral: 'flow_neutral_threshold',
} as const satisfies Record<string, keyof RuntimeConfig>;

export type ScoringField = keyof typeof scoringFields;
export type FlowScoring = Readonly<Record<ScoringField, number | readonly number[]>>;

const names = Object.keys(scoringFields) as ScoringField[];

/** Fields of `scoring` in specs, each checked as the runtime field that it sets. */
export const scoringShape = Object.fromEntries(
  names.map((name) => [name, runtimeShape[scoringFields[name]]]),
) as unknown as { [Name in ScoringField]: (typeof runtimeShape)[(typeof scoringFields)[Name]] };

/** The flow scoring that a runtime configuration holds. */
export function scoringOf(runtime: RuntimeConfig): FlowScoring {
  return Object.fromEntries(names.map((name) => [name, runtime[scoringFields[name]]])) as unknown as FlowScoring;
}

type ScoringChanges = { readonly [Name in ScoringField]?: FlowScoring[Name] | undefined };

/** A runtime configuration with another flow scoring; not checked. */
export function withScoring(runtime: RuntimeConfig, scoring: ScoringChanges): RuntimeConfig {
  const given = Object.entries(scoring).map(([name, value]) => [scoringFields[name as ScoringField], value]);
  return { ...runtime, ...Object.fromEntries(given) };
}
