import { parseDatasetName, type RuntimeConfig, type SessionCapture } from '../../config/index.ts';
import type { Block, NewSpec } from './legacy_form.ts';
import { knownSignals, translateAxes } from './legacy_signals.ts';
import { blockOf, textsOf } from './legacy_values.ts';
import { refusal } from './refusal.ts';

type Instrument = Pick<RuntimeConfig, 'product_type'>;

/**
 * An experiment with `datasets`, `signals`, `sweep.universal` or `grid_variant`: a pipeline of the capture that the dataset's name
 * says, under the instrument's defaults, a serving of the first signal, and the experiment; of a grid variant a campaign too.
 */
export function translateExperiment(file: string, value: Block, instrument: Instrument, changes: string[]): NewSpec[] {
  const { name, description, datasets, signals, grid_variant, eval: evaluation, sweep, parallel, tracking } = value;
  if (typeof name !== 'string') throw refusal(file, 'name', 'it has no name');
  const captures = capturesOf(file, datasets, changes);
  const [first] = captures;
  if (first === undefined) throw refusal(file, 'datasets', 'it names no dataset');
  const known = knownSignals(file, textsOf(file, 'signals', signals), changes);
  const [signal] = known;
  if (signal === undefined) throw refusal(file, 'signals', 'it names no signal');
  const pipeline = pipelineOf(captures, name, instrument);
  const serving = `${pipeline.name}_${signal}`;
  changes.push(
    `datasets is a pipeline now, ${pipeline.name}, under the instrument's defaults` +
      `${captures.length === 1 ? '' : ', and sessions.datasets'}; the signal is that of the serving ${serving}` +
      `${known.length === 1 ? '.' : ', and signals names all of them.'}`,
  );
  const { universal, per_signal, ...otherSweep } = blockOf(file, 'sweep', sweep);
  const { cooldown_bins, ...otherUniversal } = blockOf(file, 'sweep.universal', universal);
  const [other] = Object.keys(otherUniversal);
  if (other !== undefined) throw refusal(file, `sweep.universal.${other}`, `sweep.universal.${other} is unknown`);
  if (cooldown_bins !== undefined) changes.push('sweep.universal.cooldown_bins is eval.cooldown_bins now.');
  const evalBlock = blockOf(file, 'eval', evaluation);
  const warmupBins = typeof evalBlock.warmup_bins === 'number' ? evalBlock.warmup_bins : 0;
  const axes = blockOf(file, 'sweep.per_signal', per_signal);
  const perSignal = known.flatMap((signal) => {
    const given = blockOf(file, `sweep.per_signal.${signal}`, axes[signal]);
    const translated = translateAxes(file, signal, given, warmupBins, changes);
    return Object.keys(translated).length === 0 ? [] : [[signal, translated] as const];
  });
  const experiment: NewSpec = {
    kind: 'experiments',
    name,
    value: {
      name,
      ...(description === undefined ? {} : { description: String(description).trim() }),
      serving,
      ...(known.length === 1 ? {} : { signals: known }),
      ...(captures.length === 1 ? {} : { sessions: { datasets: captures.map(({ named }) => named) } }),
      eval: { ...evalBlock, ...(cooldown_bins === undefined ? {} : { cooldown_bins }) },
      sweep: { ...otherSweep, per_signal: Object.fromEntries(perSignal) },
      ...(parallel === undefined ? {} : { parallel }),
      ...(tracking === undefined ? {} : { tracking: translateTracking(file, tracking, changes) }),
    },
  };
  const specs: NewSpec[] = [
    pipeline,
    { kind: 'serving', name: serving, value: { name: serving, pipeline: pipeline.name, signal: { name: signal } } },
  ];
  if (grid_variant !== undefined) {
    specs.push(campaignOf(file, name, first, signal, blockOf(file, 'grid_variant', grid_variant), instrument, changes));
  }
  return [...specs, experiment];
}

/** MLflow without an address meant a folder of the machine, which this program does not write. */
export function translateTracking(file: string, value: unknown, changes: string[]): Block {
  const tracking = blockOf(file, 'tracking', value);
  if (tracking.backend !== 'mlflow' || tracking.tracking_uri !== undefined) return tracking;
  changes.push(
    'tracking.backend is none: mlflow needs tracking.tracking_uri, the address of a server; give both to track.',
  );
  return { ...tracking, backend: 'none' };
}

type NamedCapture = SessionCapture & { readonly named: string };

function capturesOf(file: string, datasets: unknown, changes: string[]): NamedCapture[] {
  return textsOf(file, 'datasets', datasets ?? []).map((named) => {
    const capture = parseDatasetName(named);
    if (capture === null) {
      throw refusal(file, 'datasets', `datasets has ${named}; a name says its capture, SYMBOL_DATE_START_END`);
    }
    const plain = plainName(capture);
    if (named.toLowerCase() !== plain)
      changes.push(`${named} is the capture ${plain}; what stands behind it says nothing of it.`);
    return { ...capture, named: plain };
  });
}

function plainName({ symbol, dt, start_time, end_time }: SessionCapture): string {
  const digits = [dt, start_time, end_time].map((part) => part.replaceAll(/[-:]/g, ''));
  return [symbol.toLowerCase(), ...digits].join('_');
}

/** The pipeline of one capture, or one whose days the sessions give. */
function pipelineOf(captures: readonly NamedCapture[], experiment: string, { product_type }: Instrument): NewSpec {
  const [first, ...others] = captures;
  const { symbol, dt, start_time, end_time, named = experiment } = first as NamedCapture;
  const name = others.length === 0 ? named : experiment;
  const day = others.length === 0 ? { dt } : {};
  const capture = { product_type, symbol, ...day, start_time, end_time };
  return { kind: 'pipelines', name, value: { name, pipeline_code_version: '1', capture } };
}

/** The campaign of a grid variant: its lists are axes, the capture's end is that of the dataset. */
function campaignOf(
  file: string,
  experiment: string,
  { end_time }: SessionCapture,
  signal: string,
  variant: Block,
  instrument: Instrument,
  changes: string[],
): NewSpec {
  const { product_type = instrument.product_type, symbol, dt, start_time, bucket_size_dollars, ...axes } = variant;
  const name = `${experiment}_grid`;
  changes.push(
    `grid_variant is a campaign now, ${name}, until ${end_time} as the dataset; it makes a serving for each variant, which a copy of the ` +
      'experiment can name.',
  );
  if (bucket_size_dollars !== undefined && product_type !== 'future_mbo') Object.assign(axes, { bucket_size_dollars });
  else if (bucket_size_dollars !== undefined) {
    changes.push('grid_variant.bucket_size_dollars left out: the grid of futures steps by tick_size.');
  }
  const lists = Object.entries(axes).map(([key, values]) => [key, Array.isArray(values) ? values : [values]] as const);
  if (lists.length === 0) throw refusal(file, 'grid_variant', 'grid_variant has no axis');
  return {
    kind: 'gold_campaigns',
    name,
    value: {
      name,
      pipeline_code_version: '1',
      base_capture: { product_type, symbol, dt, start_time, end_time },
      sweep_axes: Object.fromEntries(lists),
      signal: { name: signal },
    },
  };
}
