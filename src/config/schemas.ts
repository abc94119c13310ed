import { z } from 'zod';
import { alertsSchema } from './alerts_spec.ts';
import { campaignSchema } from './campaign_spec.ts';
import { experimentSchema } from './experiment_spec.ts';
import { featureListSchema } from './feature_list.ts';
import { pipelineSchema } from './pipeline_spec.ts';
import { publishedSchema } from './published_serving.ts';
import { replaySchema } from './replay_config.ts';
import { runtimeSchema } from './runtime.ts';
import { servingSchema } from './serving_spec.ts';

/** Kinds of configuration file. */
export const configKinds = [
  ...([
    'instrument',
    'replay',
    'pipeline',
    'serving',
    'experiment',
    'campaign',
    'alerts',
    'features',
    'published_serving',
  ] as const),
] as const;
export type ConfigKind = (typeof configKinds)[number];

const schemas: Record<ConfigKind, z.ZodType> = {
  instrument: runtimeSchema,
  replay: replaySchema,
  pipeline: pipelineSchema,
  serving: servingSchema,
  experiment: experimentSchema,
  campaign: campaignSchema,
  alerts: alertsSchema,
  features: featureListSchema,
  published_serving: publishedSchema,
};

const titles: Record<ConfigKind, string> = {
  instrument: 'Spymaster instrument lock (instrument.yaml)',
  replay: 'Spymaster replay configuration',
  pipeline: 'Spymaster PipelineSpec',
  serving: 'Spymaster ServingSpec',
  experiment: 'Spymaster ExperimentSpec',
  campaign: 'Spymaster CampaignSpec',
  alerts: 'Spymaster alerts',
  features: 'Spymaster feature list',
  published_serving: 'Spymaster PublishedServingSpec',
};

/** The JSON Schema of a kind of configuration file, for editors; rules across fields are not in it. */
export function jsonSchema(kind: ConfigKind): object {
  const { $schema, ...rest } = z.toJSONSchema(schemas[kind], { io: 'input', unrepresentable: 'any' });
  return { $schema, title: titles[kind], ...rest };
}

/** The kind of configuration that a parsed file looks like, by the keys that only that kind has; null when none fits. */
export function configKindOf(value: unknown): ConfigKind | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const has = (...keys: string[]) => keys.some((key) => Object.hasOwn(value, key));
  if (has('runtime_snapshot', 'serving_id')) return 'published_serving';
  if (has('runtime')) return 'replay';
  if (has('alerts', 'webhooks')) return 'alerts';
  if (has('features')) return 'features';
  if (has('base_capture', 'sweep_axes', 'bundles')) return 'campaign';
  if (has('eval', 'sweep', 'serving')) return 'experiment';
  if (has('capture', 'pipeline_code_version')) return 'pipeline';
  if (has('scoring', 'signal', 'projection')) return 'serving';
  return has('tick_size', 'symbol_root', 'grid_radius_ticks') ? 'instrument' : null;
}
