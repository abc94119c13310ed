import {
  allowsValue,
  type ParameterSpec,
  type ParameterValue,
  type SignalDescription,
  type SignalParameters,
} from '../../signals/index.ts';

/** The default of each parameter. */
export function defaultsOf({ parameters }: SignalDescription): SignalParameters {
  return Object.fromEntries(parameters.map((spec) => [spec.name, spec.default]));
}

/** Parameters that differ from the defaults, each as little as shows; the defaults where there is nothing to change. */
export function otherParameters({ parameters }: SignalDescription): SignalParameters {
  return Object.fromEntries(parameters.map((spec) => [spec.name, otherValue(spec)]));
}

function otherValue(spec: ParameterSpec): ParameterValue {
  if ('choices' in spec) return spec.choices.find((choice) => choice !== spec.default) ?? spec.default;
  if ('list' in spec) return otherList(spec.default.flat(), spec);
  const { default: initial, min, max = Number.POSITIVE_INFINITY, aboveMin, integer } = spec;
  const isAllowed = (value: number) => value <= max && (aboveMin ? value > min : value >= min);
  const tried = integer
    ? [initial + 1, initial - 1]
    : [initial * 1.25, initial * 0.8, (initial + min) / 2, initial + 1];
  return tried.find((value) => value !== initial && isAllowed(value)) ?? initial;
}

/** The first number of a list a little larger or smaller, else the list without its last element. */
function otherList(numbers: readonly number[], spec: Extract<ParameterSpec, { list: unknown }>): ParameterValue {
  const size = spec.pairs ? 2 : 1;
  const [first = 0, ...rest] = numbers;
  const steps = spec.integer ? [first + 1, first - 1] : [first * 1.25, first * 0.8];
  const tried = [...steps.map((value) => [value, ...rest]), numbers.slice(0, -size)].map((list) =>
    spec.pairs ? list.flatMap((from, at) => (at % 2 === 0 ? [[from, list[at + 1]]] : [])) : list,
  );
  return (tried.find((list) => allowsValue(spec, list)) as ParameterValue | undefined) ?? spec.default;
}
