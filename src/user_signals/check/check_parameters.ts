import type { ParameterSpec, SignalDescription, SignalParameters } from '../../signals/index.ts';

/** The default of each parameter. */
export function defaultsOf({ parameters }: SignalDescription): SignalParameters {
  return Object.fromEntries(parameters.map((spec) => [spec.name, spec.default]));
}

/** Parameters that differ from the defaults, each as little as shows; the defaults where there is nothing to change. */
export function otherParameters({ parameters }: SignalDescription): SignalParameters {
  return Object.fromEntries(parameters.map((spec) => [spec.name, otherValue(spec)]));
}

function otherValue(spec: ParameterSpec): number | string {
  if ('choices' in spec) return spec.choices.find((choice) => choice !== spec.default) ?? spec.default;
  const { default: initial, min, max = Number.POSITIVE_INFINITY, aboveMin, integer } = spec;
  const isAllowed = (value: number) => value <= max && (aboveMin ? value > min : value >= min);
  const tried = integer
    ? [initial + 1, initial - 1]
    : [initial * 1.25, initial * 0.8, (initial + min) / 2, initial + 1];
  return tried.find((value) => value !== initial && isAllowed(value)) ?? initial;
}
