import { gridColumns } from '../../../src/engine/index.ts';
import { SpymasterError } from '../../../src/errors.ts';
import type { ProjectionParams } from '../../../src/spectrum/index.ts';
import type { GridUpdate, RuntimeConfigMessage } from '../../../src/wire/index.ts';

/** What the page knows of the instrument and the stream: all of it from `runtime_config`. */
export interface SessionContract {
  readonly config: RuntimeConfigMessage;
  /** Size of a row of the heatmap, in 1e-9 units. */
  readonly tickInt: number;
  readonly rows: number;
  readonly radius: number;
  readonly cellNs: number;
  readonly priceDecimals: number;
  readonly quantityUnit: string;
  readonly projection: ProjectionParams;
}

const violated = (field: string, expected: string, actual: unknown) =>
  new SpymasterError(
    'PROTOCOL',
    `The stream broke its contract, so drawing has stopped: expected ${field} to be ${expected}, got ${JSON.stringify(actual) ?? 'nothing'}.`,
    { field },
  );

/** Reads what the page needs out of the stream's first message; throws PROTOCOL with the field that is wrong. */
export function sessionContract(config: RuntimeConfigMessage): SessionContract {
  const future = config.product_type === 'future_mbo';
  const tickField = future ? 'tick_size' : 'bucket_size_dollars';
  const tickInt = Math.round(config[tickField] / config.price_scale);
  if (!(tickInt >= 1)) throw violated(tickField, 'a price of at least 1e-9', config[tickField]);
  const radius = config.grid_radius_ticks;
  if (config.grid_rows !== 2 * radius + 1) throw violated('grid_rows', `${2 * radius + 1}`, config.grid_rows);
  if (!(config.cell_width_ms > 0)) throw violated('cell_width_ms', 'more than 0', config.cell_width_ms);
  const { kind, threshold, window_bins: window } = config.firing;
  if (!(threshold > 0)) throw violated('firing.threshold', 'more than 0', threshold);
  if (kind !== 'score' && kind !== 'past_percentile') {
    throw violated('firing.kind', '"score" or "past_percentile"', kind);
  }
  if (kind === 'past_percentile' && !(window !== null && window > 0)) {
    throw violated('firing.window_bins', 'more than 0', window);
  }
  const { name, score_bound: bound } = config.signal;
  if (typeof name !== 'string') throw violated('signal.name', 'a text', name);
  if (bound !== null && !(bound > 0)) throw violated('signal.score_bound', 'null or more than 0', bound);
  if (config.stream_format !== 'dense_grid') throw violated('stream_format', '"dense_grid"', config.stream_format);
  gridColumns.forEach(([name], index) => {
    const sent = config.grid_schema_fields[index];
    if (sent !== name) throw violated(`grid_schema_fields[${index}]`, `"${name}"`, sent);
  });
  return {
    config,
    tickInt,
    rows: config.grid_rows,
    radius,
    cellNs: config.cell_width_ms * 1e6,
    priceDecimals: config.price_decimals,
    quantityUnit: config.qty_unit,
    projection: {
      useCubic: config.projection.use_cubic,
      cubicScale: config.projection.cubic_scale,
      dampingLambda: config.projection.damping_lambda,
    },
  };
}

/**
 * The start of bin 0 in UNIX nanoseconds, from any bin: cells are of one width, so bin n starts n cells later. Given
 * the origin of earlier bins, throws PROTOCOL when this bin does not lie on their time axis.
 */
export function sessionOriginNs(contract: SessionContract, update: GridUpdate, knownNs: bigint | null): bigint {
  const originNs = BigInt(update.bin_start_ns) - BigInt(update.bin_seq) * BigInt(contract.cellNs);
  if (knownNs !== null && originNs !== knownNs) {
    const expected = knownNs + BigInt(update.bin_seq) * BigInt(contract.cellNs);
    throw violated(`bin_start_ns of bin ${update.bin_seq}`, `${expected}`, update.bin_start_ns);
  }
  if (BigInt(update.bin_end_ns) - BigInt(update.bin_start_ns) !== BigInt(contract.cellNs)) {
    throw violated(`bin_end_ns of bin ${update.bin_seq}`, `${contract.cellNs} ns after its start`, update.bin_end_ns);
  }
  return originNs;
}

/** The tick that spot lies on, or null where a side is empty; throws PROTOCOL when it lies between two ticks. */
export function spotTick(contract: SessionContract, update: GridUpdate): number | null {
  if (!update.has_bid || !update.has_ask) return null;
  const tick = Number(update.spot_ref_price_int) / contract.tickInt;
  if (!Number.isInteger(tick)) {
    throw violated('spot_ref_price_int', `a multiple of ${contract.tickInt}`, update.spot_ref_price_int);
  }
  return tick;
}

/** Why a book is not valid, in a trader's words, as far as the stream tells. */
export function invalidBookReason(bidTick: number, askTick: number): string {
  if (Number.isNaN(bidTick) && Number.isNaN(askTick)) return 'book is empty';
  if (Number.isNaN(bidTick)) return 'no bids';
  if (Number.isNaN(askTick)) return 'no asks';
  if (bidTick === askTick) return 'book is locked';
  if (bidTick > askTick) return 'book is crossed';
  return 'snapshot in progress, or the feed marked the book bad';
}
