import { z } from 'zod';
import { canonicalJson } from './canonical.ts';
import { clockTime, sessionDate } from './capture.ts';
import { checked, configError, type Problem } from './check.ts';
import { block, list, matching, oneOf, text } from './fields.ts';
import { type Origin, originOf, place } from './origin.ts';
import { codeVersion, pipelineOverrides } from './pipeline_spec.ts';
import { specName } from './published_serving.ts';
import { productType, symbol } from './runtime.ts';
import { scoringShape } from './scoring.ts';
import { servingProjectionShape, servingSignal } from './serving_spec.ts';

/** Formats and ways to split a published dataset. */
export const bundleFormats = ['parquet', 'arrow', 'csv'] as const;
export type BundleFormat = (typeof bundleFormats)[number];
export const bundlePartitions = ['none', 'hour'] as const;
export type BundlePartition = (typeof bundlePartitions)[number];

/** A value that `unwrap` frees of its default: what is swept is always said. */
const bare = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodOptional || field instanceof z.ZodDefault ? bare(field.unwrap() as z.ZodType) : field;

const prefixed = (prefix: string, shape: Readonly<Record<string, z.ZodType>>): [string, z.ZodType][] =>
  Object.entries(shape).map(([key, field]) => [`${prefix}${key}`, bare(field)]);

/** Every field that a campaign can set, by its name in the file. */
const settingShape: Readonly<Record<string, z.ZodType>> = Object.fromEntries([
  ...prefixed('', pipelineOverrides),
  ...prefixed('scoring.', scoringShape),
  ...prefixed('projection.', servingProjectionShape),
]);

/** A value of a setting. */
export type SettingValue = number | boolean | readonly number[];
export type Settings = Readonly<Record<string, SettingValue>>;

const distinctList = <T extends z.ZodType>(item: T, what: string) =>
  list(item, what).refine((values) => new Set(values.map(canonicalJson)).size === values.length, { error: what });

const axes = Object.fromEntries(
  Object.entries(settingShape).map(([key, field]) => [
    key,
    z.optional(distinctList(field, `a list of different values, each ${field.description}`)),
  ]),
);
const settings = Object.fromEntries(Object.entries(settingShape).map(([key, field]) => [key, z.optional(field)]));

const whatDates = 'a date YYYY-MM-DD, or a list of different ones';
const dates = z
  .union([sessionDate, list(sessionDate, whatDates)], { error: whatDates })
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .refine((values) => new Set(values).size === values.length, { error: whatDates })
  .describe(whatDates);

export const campaignSchema = block({
  /** Names of pipelines and servings start with it, and have 20 characters more. */
  name: matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'a name of 1 to 100 letters, digits, "_", "-" and "."'),
  description: z.string({ error: 'a text' }).default(''),
  pipeline_code_version: codeVersion,
  base_capture: block({
    product_type: productType,
    symbol,
    dt: dates,
    start_time: clockTime,
    end_time: clockTime,
  }),
  sweep_axes: block(axes).default({}),
  bundles: z
    .array(block({ name: specName, settings: block(settings) }), { error: 'a list of bundles' })
    .default([])
    .describe('a list of bundles: fields that are set together'),
  /** The signal of every serving; absent: the default signal as the instrument has it. */
  signal: z.optional(servingSignal),
  publish: z.optional(
    block({
      format: oneOf(bundleFormats).default('parquet'),
      columns: z.optional(list(text('the name of a column'), 'a list of names of columns')),
      partition: oneOf(bundlePartitions).default('none'),
    }),
  ),
});

/** Many datasets and servings from one file: sessions × bundles × axes. */
export type CampaignSpec = Readonly<Omit<z.output<typeof campaignSchema>, 'sweep_axes' | 'bundles'>> & {
  readonly sweep_axes: Readonly<Record<string, readonly SettingValue[]>>;
  readonly bundles: readonly { readonly name: string; readonly settings: Settings }[];
};

/**
 * Checks a campaign spec that was read from `origin`; throws CONFIG_INVALID as `parseRuntimeConfig` does, also for bundles of
 * one name and for a field that is both swept and set by a bundle.
 */
export function parseCampaignSpec(value: unknown, origin: string | Origin): CampaignSpec {
  const source = originOf(origin);
  const spec = checked(campaignSchema, value, source) as unknown as CampaignSpec;
  const problems = spec.bundles.flatMap(({ name, settings }, i): Problem[] => {
    const at = ['bundles', i, 'name'];
    const twins = spec.bundles.findIndex((other) => other.name === name) < i;
    const again = Object.keys(settings).filter((key) => Object.hasOwn(spec.sweep_axes, key));
    return [
      ...(twins
        ? [
            {
              where: place(source, at),
              key: `bundles[${i}].name`,
              text: `the bundle ${name} is there twice; give each a name of its own`,
            },
          ]
        : []),
      ...again.map((key) => ({
        where: place(source, ['bundles', i, 'settings', key], true),
        key: `bundles[${i}].settings.${key}`,
        text: `${key} is set by the bundle ${name} and is an axis of sweep_axes too; say it once`,
      })),
    ];
  });
  if (problems.length > 0) throw configError(source, problems);
  return spec;
}
