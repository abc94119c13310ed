import type { RuntimeConfig } from '../config/index.ts';
import type { SignalDefinition, SignalParameters } from './signal.ts';

/** The parameters that a runtime configuration holds for a signal; empty where the signal's block holds them. */
export function runtimeParameters(definition: SignalDefinition, runtime: RuntimeConfig): SignalParameters {
  const { runtimeFieldPrefix: prefix, parameters } = definition;
  if (prefix === undefined) return {};
  return Object.fromEntries(
    parameters.map(({ name }) => [name, runtime[`${prefix}${name}` as keyof RuntimeConfig] as number]),
  );
}

/** A runtime configuration with a signal's `parameters` where it holds them; unchanged where the signal's block does. */
export function withRuntimeParameters(
  definition: SignalDefinition,
  runtime: RuntimeConfig,
  parameters: SignalParameters,
): RuntimeConfig {
  const { runtimeFieldPrefix: prefix } = definition;
  if (prefix === undefined) return runtime;
  const fields = definition.parameters.map(({ name }) => [`${prefix}${name}`, parameters[name]] as const);
  return { ...runtime, ...Object.fromEntries(fields) };
}
