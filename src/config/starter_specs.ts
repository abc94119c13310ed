import { defaultRuntimeConfig, type ProductType, parseRuntimeConfig, type RuntimeConfig } from './runtime.ts';

/** An instrument, and where its numbers were taken from (a few words each). */
export interface StarterInstrument {
  readonly productType: ProductType;
  readonly symbol: string;
  readonly root: string;
  /** Price units. */
  readonly tickSize: number;
  readonly tickSource: string;
  /** Currency per price unit. */
  readonly multiplier: number;
  readonly multiplierSource: string;
}

/** A stretch of a session, New York times HH:MM. */
export interface StarterCapture {
  readonly date: string;
  readonly start: string;
  readonly end: string;
}

export interface StarterFile {
  readonly kind: 'instrument' | 'pipeline' | 'serving' | 'experiment' | 'replay';
  /** Relative to the folder of them all. */
  readonly path: string;
  readonly text: string;
}

export interface StarterOptions {
  /** Name of the specs. */
  readonly name: string;
  /** Dates of further sessions that the file has. */
  readonly dates: readonly string[];
  /** Path from the folder to that of the JSON Schemas, for editors; null where there is none. */
  readonly schemas: string | null;
}

/** The least decimals that write a price step exactly, 9 at most. */
export function priceDecimals(tickSize: number): number {
  const int = Math.round(tickSize * 1e9);
  for (let decimals = 0; decimals < 9; decimals++) if (int % 10 ** (9 - decimals) === 0) return decimals;
  return 9;
}

/**
 * The text of an instrument file, of a pipeline, serving and experiment that ask a first question of it, and of a configuration for `replay`. Throws CONFIG_INVALID
 * for a tick size or multiplier that no instrument can have.
 */
export function starterSpecs(
  instrument: StarterInstrument,
  capture: StarterCapture,
  options: StarterOptions,
): StarterFile[] {
  const { name, schemas } = options;
  const head = (kind: string, folder: string) =>
    schemas === null ? '' : `# yaml-language-server: $schema=${folder}${schemas}/${kind}.schema.json\n`;
  return [
    { kind: 'instrument', path: 'instrument.yaml', text: head('instrument', '') + instrumentText(instrument) },
    {
      kind: 'pipeline',
      path: `pipelines/${name}.yaml`,
      text: head('pipeline', '../') + pipelineText(instrument, capture, name),
    },
    { kind: 'serving', path: `serving/${name}.yaml`, text: head('serving', '../') + servingText(name) },
    {
      kind: 'experiment',
      path: `experiments/${name}.yaml`,
      text: head('experiment', '../') + experimentText(instrument, options),
    },
    { kind: 'replay', path: 'replay.json', text: replayText(instrument, capture) },
  ];
}

/** The runtime fields of an instrument with default settings; throws CONFIG_INVALID. */
export function starterRuntime({ productType, symbol, root, tickSize, multiplier }: StarterInstrument): RuntimeConfig {
  return parseRuntimeConfig(
    {
      ...defaultRuntimeConfig,
      ...{ product_type: productType, symbol, symbol_root: root },
      ...{ tick_size: tickSize, bucket_size_dollars: tickSize, rel_tick_size: tickSize },
      contract_multiplier: multiplier,
      qty_unit: productType === 'future_mbo' ? 'contracts' : 'shares',
      price_decimals: priceDecimals(tickSize),
    },
    'the instrument',
  );
}

function instrumentText(instrument: StarterInstrument): string {
  const { symbol, root, tickSize, tickSource, multiplier, multiplierSource } = instrument;
  const d = starterRuntime(instrument);
  const list = (values: readonly number[]) => `[${values.join(', ')}]`;
  const keys = (prefix: string) =>
    Object.entries(d)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => `${key}: ${Array.isArray(value) ? list(value) : String(value)}`);
  return `${[
    `# ${symbol}: what its prices and sizes mean, and the constants of the model. docs/instrument.md says what each one does.`,
    `product_type: ${d.product_type}`,
    `symbol: ${JSON.stringify(symbol)}`,
    `symbol_root: ${JSON.stringify(root)}`,
    'price_scale: 1.0e-9',
    `tick_size: ${tickSize} # ${tickSource}`,
    `bucket_size_dollars: ${tickSize}`,
    `rel_tick_size: ${tickSize}`,
    `contract_multiplier: ${multiplier} # currency per price unit; ${multiplierSource}`,
    `qty_unit: ${d.qty_unit}`,
    `price_decimals: ${d.price_decimals}`,
    '',
    '# Ticks on each side of spot, milliseconds of a bin, ticks that are followed.',
    ...keys('grid_'),
    ...keys('cell_'),
    ...keys('n_absolute_'),
    '',
    '# Decay times in seconds, and the weights of pressure (c1 to c3) and vacuum (c4 to c7).',
    ...keys('tau_'),
    ...keys('c1_'),
    ...keys('c2_'),
    ...keys('c3_'),
    ...keys('c4_'),
    ...keys('c5_'),
    ...keys('c6_'),
    ...keys('c7_'),
    '',
    '# The flow score: windows in bins, weights, and the score at which a tick is no longer neutral.',
    ...keys('flow_'),
    ...keys('projection_'),
    '',
    '# The derivative signal.',
    ...keys('state_model_'),
  ].join('\n')}\n`;
}

function pipelineText({ productType, symbol }: StarterInstrument, capture: StarterCapture, name: string): string {
  const { date, start, end } = capture;
  return `name: ${name}
description: ${symbol} from ${start} to ${end} New York time
pipeline_code_version: 1
capture:
  product_type: ${productType}
  symbol: ${JSON.stringify(symbol)}
  dt: "${date}"
  start_time: "${start}"
  end_time: "${end}"
pipeline: {}
`;
}

function replayText(instrument: StarterInstrument, { date, start, end }: StarterCapture): string {
  const capture = { stream_dt: date, stream_start_time: start, end_time: end };
  return `${JSON.stringify({ runtime: starterRuntime(instrument), ...capture }, null, 2)}\n`;
}

function servingText(name: string): string {
  return `name: ${name}
description: The derivative signal
pipeline: ${name}
signal:
  name: derivative # the others: npx spymaster list-signals
`;
}

function experimentText({ symbol }: StarterInstrument, { name, dates }: StarterOptions): string {
  const days =
    dates.length < 2
      ? '# One day decides nothing. With more days in the lake: sessions: { from: YYYY-MM-DD, to: YYYY-MM-DD } (docs/sessions.md).'
      : `# One day decides nothing. To ask all days of the file:\n# sessions: { from: ${dates[0]}, to: ${dates.at(-1)} }`;
  return `name: ${name}
description: A first sweep of the derivative signal on ${symbol}
serving: ${name}
${days}
eval:
  tp_ticks: [4, 8]
  sl_ticks: [4, 8]
  max_hold_bins: 300
  warmup_bins: 300
  cooldown_bins: [10, 30]
  min_signals: 20
sweep:
  per_signal:
    derivative:
      d2_weight: [0.0, 0.5]
`;
}
