import { z } from 'zod';
import { contentHash } from './canonical.ts';
import { type CapturePaths, type CaptureWindow, captureWindowOf, clockTime, sessionDate } from './capture.ts';
import { checked } from './check.ts';
import { block, boolean, integer, list, matching, text } from './fields.ts';
import { assertInstrument, assertInstrumentRoot } from './instrument.ts';
import { type Origin, originOf } from './origin.ts';
import { specName } from './published_serving.ts';
import { productType, type RuntimeConfig, runtimeKeys, runtimeSchema, runtimeShape, symbol } from './runtime.ts';
import { assertCaptureFits } from './size_checks.ts';

/** Runtime fields that a pipeline may override: those that shape the data. */
const pipelineKeys = [
  ...(['cell_width_ms', 'grid_radius_ticks', 'n_absolute_ticks', 'bucket_size_dollars'] as const),
  ...(['tau_velocity', 'tau_acceleration', 'tau_jerk', 'tau_rest_decay'] as const),
  ...(['c1_v_add', 'c2_v_rest_pos', 'c3_a_add', 'c4_v_pull', 'c5_v_fill', 'c6_v_rest_neg', 'c7_a_pull'] as const),
  ...(['flow_windows', 'flow_rollup_weights'] as const),
];
type PipelineKey = (typeof pipelineKeys)[number];

/** The schema of each field that a pipeline may override; each may be left out. */
export const pipelineOverrides = Object.fromEntries(
  pipelineKeys.map((key) => [key, z.optional(runtimeShape[key])]),
) as {
  [K in PipelineKey]: z.ZodOptional<(typeof runtimeShape)[K]>;
};

export const codeVersion = z
  .union([integer(0), text()], { error: 'a version, a number or a text' })
  .transform(String)
  .describe('a version, a number or a text');

const whatColumns = 'all, or a list of different names of columns';

const whenNot = 'a date YYYY-MM-DD; only a pipeline that an experiment with sessions uses may leave it out';

const pipelineBlock = <Dt extends z.ZodType>(dt: Dt) =>
  block({
    name: specName,
    description: z.string({ error: 'a text' }).default(''),
    pipeline_code_version: codeVersion,
    capture: block({
      product_type: productType,
      symbol,
      dt,
      start_time: clockTime,
      end_time: clockTime,
    }),
    pipeline: block({
      ...pipelineOverrides,
      /** Grid columns that the dataset holds; absent: all. */
      columns: z.optional(
        z
          .union([z.literal('all'), list(text('the name of a column'), whatColumns)], { error: whatColumns })
          .refine((columns) => columns === 'all' || new Set(columns).size === columns.length, { error: whatColumns })
          .describe(whatColumns),
      ),
      /** Whether features know the sessions before, back to the beginning of the trading day before. */
      prior_day: z.optional(boolean()),
    }).default({}),
  });

/** A pipeline whose day may be given elsewhere. */
export const pipelineSchema = pipelineBlock(z.optional(sessionDate));
const datedSchema = pipelineBlock(matching(/^\d{4}-\d{2}-\d{2}$/, whenNot));

/** The source of a dataset (product.md, "Configuration"): a capture, and physics that differ from the instrument's. */
export type PipelineSpec = Readonly<z.output<typeof datedSchema>>;

/** A pipeline that may leave its day to the sessions of an experiment. */
export type PipelineTemplate = Readonly<z.output<typeof pipelineSchema>>;

/** A template as it applies to the instrument. */
export interface ResolvedTemplate {
  readonly spec: PipelineTemplate;
  readonly runtime: RuntimeConfig;
}

/** A pipeline with everything that it leaves to the instrument filled in. */
export interface ResolvedPipeline {
  readonly spec: PipelineSpec;
  readonly runtime: RuntimeConfig;
  readonly capture: CaptureWindow;
  readonly datasetId: string;
}

/** Checks a pipeline spec that was read from `origin`; throws CONFIG_INVALID as `parseRuntimeConfig` does. */
export function parsePipelineSpec(value: unknown, origin: string | Origin): PipelineSpec {
  return checked(datedSchema, value, origin);
}

/** The same of a pipeline whose `capture.dt` may be absent. */
export function parsePipelineTemplate(value: unknown, origin: string | Origin): PipelineTemplate {
  return checked(pipelineSchema, value, origin);
}

/**
 * Applies a pipeline to the instrument's configuration. Throws INSTRUMENT_LOCKED for another instrument, CONFIG_INVALID for
 * a capture that cannot be or is too long for its bins and rows, and for fields that do not go together.
 */
export function resolvePipeline(
  spec: PipelineSpec,
  instrument: RuntimeConfig,
  origin: string | Origin,
): ResolvedPipeline {
  assertInstrument(instrument, spec.capture.product_type, spec.capture.symbol);
  return resolveDay({ spec, runtime: runtimeOf(spec, instrument, origin) }, spec.capture, origin);
}

/**
 * Applies a pipeline to the instrument's configuration, its day left open. `lock`: which instruments may be used, the one of
 * the environment or every contract of its root. Throws INSTRUMENT_LOCKED, and CONFIG_INVALID for fields that do not go together.
 */
export function resolveTemplate(
  spec: PipelineTemplate,
  instrument: RuntimeConfig,
  origin: string | Origin,
  lock: 'symbol' | 'root',
): ResolvedTemplate {
  const { product_type, symbol } = spec.capture;
  if (lock === 'symbol') assertInstrument(instrument, product_type, symbol);
  else assertInstrumentRoot(instrument, product_type, symbol);
  return { spec, runtime: runtimeOf(spec, instrument, origin) };
}

/** The capture of one session. */
export type SessionCapture = Pick<PipelineSpec['capture'], 'dt' | 'symbol' | 'start_time' | 'end_time'>;

/**
 * The pipeline of one session of a template: its date, contract and window. The same capture in a pipeline's own file
 * gives the same id. Throws CONFIG_INVALID as `resolvePipeline` does; INSTRUMENT_LOCKED for a contract of another root.
 */
export function resolveDay(
  { spec: template, runtime: base }: ResolvedTemplate,
  { dt, symbol, start_time, end_time }: SessionCapture,
  origin: string | Origin,
): ResolvedPipeline {
  const { product_type } = template.capture;
  assertInstrumentRoot(base, product_type, symbol);
  const spec: PipelineSpec = { ...template, capture: { product_type, symbol, dt, start_time, end_time } };
  const runtime = symbol === base.symbol ? base : { ...base, symbol };
  const capture = captureWindowOf(origin, capturePaths, product_type, dt, start_time, end_time);
  assertCaptureFits(origin, 'pipeline', runtime, capture);
  return { spec, runtime, capture, datasetId: datasetId(spec, runtime) };
}

function runtimeOf(
  { pipeline, capture }: PipelineTemplate,
  instrument: RuntimeConfig,
  origin: string | Origin,
): RuntimeConfig {
  const { columns: _columns, prior_day: _priorDay, ...overrides } = pipeline;
  const { file, locate } = originOf(origin);
  const fields = { ...instrument, ...overrides, symbol: capture.symbol };
  return checked(runtimeSchema, fields, { file, locate: (path, atKey) => locate(['pipeline', ...path], atKey) });
}

const capturePaths: CapturePaths = {
  stream_dt: ['capture', 'dt'],
  stream_start_time: ['capture', 'start_time'],
  end_time: ['capture', 'end_time'],
};

/** Runtime fields that no number of a dataset depends on: they belong to scoring and to the signal. */
const isScoringKey = (key: string) =>
  key.startsWith('state_model_') ||
  key.startsWith('projection_') ||
  (key.startsWith('flow_') && !(pipelineKeys as readonly string[]).includes(key));

/** The runtime fields that the numbers of a dataset depend on. */
export function dataFields(runtime: RuntimeConfig): Partial<RuntimeConfig> {
  return Object.fromEntries(runtimeKeys.filter((key) => !isScoringKey(key)).map((key) => [key, runtime[key]]));
}

/**
 * `{symbol}_{yyyymmdd}_{hhmm}_{hhmm}__{name}__{hash8}` in lower case. The hash covers code version, capture, overrides and
 * the resolved fields that shape the data, so that another instrument.yaml cannot pass for the same dataset.
 */
function datasetId(spec: PipelineSpec, runtime: RuntimeConfig): string {
  const { symbol, dt, start_time, end_time } = spec.capture;
  const data = dataFields(runtime);
  const { pipeline_code_version: version, capture } = spec;
  const { columns, prior_day, ...overrides } = spec.pipeline;
  // All columns are what an absent list means, and no day before what an absent `prior_day` does.
  const pipeline = {
    ...overrides,
    ...(columns !== undefined && columns !== 'all' && { columns }),
    ...(prior_day && { prior_day }),
  };
  const hash = contentHash({ version, capture, pipeline, data }, 8);
  const name = symbol.replace(/[^A-Za-z0-9]+/g, '-');
  const [date, start, end] = [dt, start_time, end_time].map((part) => part.replaceAll(/[-:]/g, ''));
  return `${name}_${date}_${start}_${end}__${spec.name}__${hash}`.toLowerCase();
}

/** The id of the dataset of a pipeline if it held all columns. */
export function fullDatasetId(spec: PipelineSpec, runtime: RuntimeConfig): string {
  return datasetId({ ...spec, pipeline: { ...spec.pipeline, columns: 'all' } }, runtime);
}
