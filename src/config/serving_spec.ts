import { z } from 'zod';
import { checked, configError, shown } from './check.ts';
import { block, integer, parameters, type parameterValue, shortList } from './fields.ts';
import { maxHorizons } from './limits.ts';
import { type Origin, originOf, place } from './origin.ts';
import { type Projection, projectionShape, specName } from './published_serving.ts';
import { type RuntimeConfig, runtimeSchema } from './runtime.ts';
import { scoringFields, scoringShape, withScoring } from './scoring.ts';

/** Fields of `projection`. */
export const servingProjectionShape = {
  horizons_ms: z.optional(
    shortList(
      integer(1),
      `a list of at most ${maxHorizons} different whole milliseconds, multiples of the cell`,
      maxHorizons,
    ),
  ),
  ...projectionShape,
};
export const servingSignal = block({
  name: specName,
  params: parameters.default({}),
  weights: parameters.default({}),
});

export const servingSchema = block({
  name: specName,
  description: z.string({ error: 'a text' }).default(''),
  /** Name of a pipeline. */
  pipeline: specName,
  scoring: block(scoringShape).partial().default({}),
  signal: servingSignal,
  projection: block(servingProjectionShape).prefault({}),
});

/** How a pipeline's data is scored, and which signal runs on it (product.md, "Configuration"). */
export type ServingSpec = Readonly<z.output<typeof servingSchema>>;

/** A serving on its pipeline. */
export interface ResolvedServingSpec {
  readonly spec: ServingSpec;
  /** The pipeline's runtime configuration with this scoring and these horizons. */
  readonly runtime: RuntimeConfig;
  /** Parameters and weights of the signal that the spec sets. */
  readonly signalParameters: Readonly<Record<string, z.output<typeof parameterValue>>>;
}

/** The projection of a spec without its horizons, which are runtime fields. */
export function projectionOf({ projection }: ServingSpec): Projection {
  const { use_cubic, cubic_scale, damping_lambda } = projection;
  return { use_cubic, cubic_scale, damping_lambda };
}

/** Checks a serving spec that was read from `origin`; throws CONFIG_INVALID as `parseRuntimeConfig` does. */
export function parseServingSpec(value: unknown, origin: string | Origin): ServingSpec {
  return checked(servingSchema, value, origin);
}

/**
 * Applies a serving to its pipeline's runtime configuration. Throws CONFIG_INVALID for horizons that are no multiples of
 * the cell, a parameter that is also a weight, and fields that do not go together.
 */
export function resolveServing(
  spec: ServingSpec,
  pipeline: RuntimeConfig,
  origin: string | Origin,
): ResolvedServingSpec {
  const source = originOf(origin);
  const { params, weights } = spec.signal;
  const twice = Object.keys(params).filter((key) => Object.hasOwn(weights, key));
  const cellMs = pipeline.cell_width_ms;
  const horizonsMs = spec.projection.horizons_ms;
  const allowed = `different multiples of the cell, ${cellMs} ms`;
  const problems = [
    ...twice.map((name) => ({
      key: `signal.weights.${name}`,
      where: place(source, ['signal', 'weights', name], true),
      text: `signal.weights.${name} is set in signal.params too; say it once`,
    })),
    ...(horizonsMs ?? []).flatMap((horizonMs, i) =>
      horizonMs % cellMs === 0 && horizonsMs?.indexOf(horizonMs) === i
        ? []
        : [
            {
              key: `projection.horizons_ms[${i}]`,
              where: place(source, ['projection', 'horizons_ms', i]),
              text: `projection.horizons_ms[${i}] is ${shown(horizonMs)}; allowed: ${allowed}`,
              value: shown(horizonMs),
              allowed,
            },
          ],
    ),
  ];
  if (problems.length > 0) throw configError(source, problems);
  const horizons = horizonsMs === undefined ? {} : { projection_horizons_bins: horizonsMs.map((ms) => ms / cellMs) };
  const runtime = checked(
    runtimeSchema,
    { ...withScoring(pipeline, spec.scoring), ...horizons },
    {
      file: source.file,
      locate: ([key, ...rest], atKey) => {
        const field = Object.entries(scoringFields).find(([, target]) => target === key)?.[0];
        return source.locate(field === undefined ? ['scoring'] : ['scoring', field, ...rest], atKey);
      },
    },
  );
  return { spec, runtime, signalParameters: { ...params, ...weights } };
}
