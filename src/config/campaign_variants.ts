import { present } from '../errors.ts';
import { formatCount } from '../format.ts';
import type { CampaignSpec, Settings, SettingValue } from './campaign_spec.ts';
import { contentHash } from './canonical.ts';
import { configError } from './check.ts';
import { type Origin, originOf, place } from './origin.ts';
import { type PipelineSpec, type ResolvedPipeline, resolvePipeline } from './pipeline_spec.ts';
import type { RuntimeConfig } from './runtime.ts';
import { type ResolvedServingSpec, resolveServing, type ServingSpec } from './serving_spec.ts';

/** One point of a campaign: a session, a bundle, a value of each axis. */
export interface CampaignVariant {
  readonly date: string;
  /** Name of its bundle; null where the campaign has none. */
  readonly bundle: string | null;
  /** Fields of the bundle and of the axes. */
  readonly settings: Settings;
  readonly pipeline: ResolvedPipeline;
  readonly serving: ResolvedServingSpec;
  /** Where the campaign's file says what the serving's fields are. */
  readonly servingOrigin: Origin;
}

/** More would be a mistake in the file rather than a plan. */
const maxVariants = 10_000;

/**
 * Lays out a campaign: sessions × bundles × axes, axes in the order of the fields' definition, the last one fastest. The names of pipelines and servings are the campaign's
 * and a hash of what they say, so that a variant keeps its name when others come or go; variants that differ in nothing that
 * shapes the data have one pipeline and one dataset.
 *
 * Servings run the campaign's signal, or `defaultSignal` where it names none.
 *
 * Throws CONFIG_INVALID, pointing at the line, for a variant that cannot be, and INSTRUMENT_LOCKED.
 */
export function campaignVariants(
  spec: CampaignSpec,
  instrument: RuntimeConfig,
  origin: string | Origin,
  defaultSignal: string,
): CampaignVariant[] {
  const source = originOf(origin);
  const axes = Object.entries(spec.sweep_axes);
  const signal = spec.signal ?? { name: defaultSignal, params: {}, weights: {} };
  const bundles = spec.bundles.length === 0 ? [null] : spec.bundles;
  const dates = spec.base_capture.dt;
  const count = axes.reduce((product, [, values]) => product * values.length, dates.length * bundles.length);
  if (count > maxVariants) {
    const allowed = `at most ${formatCount(maxVariants)} variants`;
    const text = `the campaign has ${formatCount(count)} variants; allowed: ${allowed}`;
    throw configError(source, [{ where: place(source, ['sweep_axes']), key: 'sweep_axes', text, allowed }]);
  }
  const points = axes.reduce<Settings[]>(
    (before, [key, values]) => before.flatMap((point) => values.map((value) => ({ ...point, [key]: value }))),
    [{}],
  );
  return dates.flatMap((date) =>
    bundles.flatMap((bundle, bundleIndex) =>
      points.map((point) => {
        const settings = { ...bundle?.settings, ...point };
        const at = variantOrigin(source, spec, date, bundle === null ? null : bundleIndex, settings);
        const pipeline = resolvePipeline(pipelineOf(spec, date, settings), instrument, at);
        const serving = resolveServing(
          servingOf(spec, date, settings, pipeline.spec.name, signal),
          pipeline.runtime,
          at,
        );
        return { date, bundle: bundle?.name ?? null, settings, pipeline, serving, servingOrigin: at };
      }),
    ),
  );
}

function pipelineOf(spec: CampaignSpec, date: string, settings: Settings): PipelineSpec {
  const pipeline = fieldsOf(settings, '');
  const capture = { ...spec.base_capture, dt: date };
  const { pipeline_code_version } = spec;
  return {
    name: nameOf(spec, date, { pipeline_code_version, capture, pipeline }),
    description: describe(spec, pipeline),
    pipeline_code_version,
    capture,
    pipeline,
  };
}

function servingOf(
  spec: CampaignSpec,
  date: string,
  settings: Settings,
  pipeline: string,
  signal: ServingSpec['signal'],
): ServingSpec {
  const scoring = fieldsOf(settings, 'scoring.');
  const projection = {
    ...{ use_cubic: false, cubic_scale: 0, damping_lambda: 0 },
    ...fieldsOf(settings, 'projection.'),
  };
  const name = nameOf(spec, date, { pipeline, scoring, projection, signal });
  return { name, description: describe(spec, settings), pipeline, scoring, signal, projection };
}

function nameOf(spec: CampaignSpec, date: string, content: object): string {
  return `${spec.name}_${date.replaceAll('-', '')}_${contentHash(content, 8)}`;
}

/** Description of a spec, a function of its content alone. */
function describe(spec: CampaignSpec, settings: Settings): string {
  const said = Object.keys(settings)
    .sort()
    .map((key) => `${key} ${JSON.stringify(settings[key])}`);
  return `Campaign ${spec.name}: ${said.length === 0 ? 'as the instrument has it' : said.join(', ')}`;
}

/** The settings of one block, without its prefix; the pipeline's have none. */
function fieldsOf(settings: Settings, prefix: string): Record<string, never> {
  const isMine = (key: string) => (prefix === '' ? !key.includes('.') : key.startsWith(prefix));
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([key]) => isMine(key))
      .map(([key, value]): [string, SettingValue] => [key.slice(prefix.length), value]),
  ) as Record<string, never>;
}

/** The origin of a variant's pipeline and serving: where the campaign's file says what they hold. */
function variantOrigin(
  source: Origin,
  { base_capture, bundles, sweep_axes }: CampaignSpec,
  date: string,
  bundle: number | null,
  settings: Settings,
): Origin {
  const settingPath = (key: string): PropertyKey[] => {
    if (bundle !== null && Object.hasOwn(present(bundles[bundle]).settings, key))
      return ['bundles', bundle, 'settings', key];
    const values = sweep_axes[key];
    return values === undefined ? ['sweep_axes'] : ['sweep_axes', key, values.indexOf(present(settings[key]))];
  };
  return {
    file: source.file,
    locate: (path, atKey) => {
      const [block, field, ...rest] = path;
      if (block === 'signal') return source.locate(path, atKey);
      if (block === 'capture') {
        const index = field === 'dt' ? [base_capture.dt.indexOf(date)] : [];
        return source.locate(['base_capture', String(field), ...index], atKey);
      }
      const key = block === 'pipeline' ? String(field) : `${String(block)}.${String(field)}`;
      return source.locate([...settingPath(key), ...rest], atKey);
    },
  };
}
