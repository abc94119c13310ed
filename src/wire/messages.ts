import type { RuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { SignalParameters, SignalSeries } from '../signals/index.ts';

/*
 * The text messages of the stream (product.md, "Stream"). Each message's fields are written down once, as data: the
 * types, and the checks that a receiver does, both come from there. Nothing here needs a schema library, so a page
 * that imports it stays small.
 */

type FieldKind = 'text' | 'boolean' | 'number' | 'number or null' | 'count' | 'int64' | 'block' | 'texts' | 'numbers';
type ValueOf<K extends FieldKind> = K extends 'boolean'
  ? boolean
  : K extends 'number' | 'count'
    ? number
    : K extends 'number or null'
      ? number | null
      : K extends 'block'
        ? object
        : K extends 'texts'
          ? readonly string[]
          : K extends 'numbers'
            ? readonly number[]
            : string;
type Fields = Readonly<Record<string, FieldKind>>;
type Message<Type extends string, F extends Fields> = { readonly type: Type } & {
  readonly [K in keyof F]: ValueOf<F[K]>;
};

const kindWords: Record<FieldKind, string> = {
  text: 'a text',
  boolean: 'true or false',
  number: 'a finite number',
  'number or null': 'a finite number or null',
  count: 'a whole number of at least 0',
  int64: 'a 64-bit whole number as a decimal string',
  block: 'a block',
  texts: 'a list of texts',
  numbers: 'a list of numbers',
};

const decimal = /^-?\d{1,19}$/;
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const kindChecks: Record<FieldKind, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: isNumber,
  'number or null': (value) => value === null || isNumber(value),
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  int64: (value) => typeof value === 'string' && decimal.test(value),
  block: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  numbers: (value) => Array.isArray(value) && value.every(isNumber),
};

/** Fields of a `grid_update` message, in wire order; `…_ns` are UNIX nanoseconds, `…_price_int` units of 1e-9. */
export const gridUpdateFields = {
  ts_ns: 'int64',
  bin_seq: 'count',
  bin_start_ns: 'int64',
  bin_end_ns: 'int64',
  bin_event_count: 'count',
  event_id: 'count',
  mid_price: 'number',
  spot_ref_price_int: 'int64',
  best_bid_price_int: 'int64',
  best_ask_price_int: 'int64',
  has_bid: 'boolean',
  has_ask: 'boolean',
  book_valid: 'boolean',
  state_model_name: 'text',
  state_model_score: 'number',
  state_model_ready: 'boolean',
  state_model_sample_count: 'count',
  state_model_base: 'number',
  state_model_d1: 'number',
  state_model_d2: 'number',
  state_model_d3: 'number',
  state_model_z1: 'number',
  state_model_z2: 'number',
  state_model_z3: 'number',
  state_model_bull_intensity: 'number',
  state_model_bear_intensity: 'number',
  state_model_mixed_intensity: 'number',
  state_model_dominant_state5_code: 'number',
  /** 1 where the signal fires up, −1 where it fires down, else 0; and the threshold of the bin, null where there is none yet. */
  state_model_firing: 'number',
  state_model_threshold: 'number or null',
} as const satisfies Fields;

/** The part of `runtime_config` that receivers rely on; the message holds every runtime field besides. */
const runtimeConfigFields = {
  symbol: 'text',
  product_type: 'text',
  price_scale: 'number',
  tick_size: 'number',
  price_decimals: 'count',
  grid_radius_ticks: 'count',
  cell_width_ms: 'number',
  flow_neutral_threshold: 'number',
  projection_horizons_ms: 'numbers',
  projection: 'block',
  state_model: 'block',
  signal: 'block',
  firing: 'block',
  serving: 'block',
  grid_schema_fields: 'texts',
  grid_rows: 'count',
  effective_config_hash: 'text',
  stream_format: 'text',
} as const satisfies Fields;

const errorFields = { message: 'text' } as const satisfies Fields;
const eofFields = { bin_count: 'count' } as const satisfies Fields;

/** One closed bin; the binary grid frame of the same bin follows it. */
export type GridUpdate = Message<'grid_update', typeof gridUpdateFields> & {
  /** Values of the signal's series, where it has any; null where the bin has none. */
  readonly state_model_series?: readonly (number | null)[];
};
/** Why the server is about to close, or why it did not follow a control message; a whole sentence. */
export type ErrorMessage = Message<'error', typeof errorFields>;
/** The last bin was sent; a clean close follows. `bin_count` is the number of bins of the whole capture. */
export type EofMessage = Message<'eof', typeof eofFields>;

/** The fields of `state_model_*` by their short names, and the signal's name. */
export type StateModelBlock = { readonly name: string } & {
  readonly [K in keyof RuntimeConfig as K extends `state_model_${infer Short}` ? Short : never]: RuntimeConfig[K];
};

/** How the flow score is continued to each horizon (model.md §6). */
export interface ProjectionBlock {
  readonly use_cubic: boolean;
  readonly cubic_scale: number;
  /** Per second. */
  readonly damping_lambda: number;
}

/** The signal that runs. */
export interface SignalBlock {
  /** What `state_model_series` holds, where the signal draws anything beside its score. */
  readonly series?: readonly SignalSeries[];
  readonly name: string;
  readonly about: string;
  /** Every parameter, as it runs. */
  readonly params: SignalParameters;
  /** Scores lie between −score_bound and score_bound; null: they may be of any size. */
  readonly score_bound: number | null;
}

/** When the signal fires: where the score crosses ±threshold from neutral or from the other side. */
export interface FiringBlock {
  /** Whether `threshold` is a score, or a percentile of |score| over the past `window_bins` bins. */
  readonly kind: 'score' | 'past_percentile';
  readonly threshold: number;
  readonly window_bins: number | null;
  /** Bins that must lie between two firings. */
  readonly cooldown_bins: number;
  /** Bins before the first firing. */
  readonly warmup_bins: number;
  /**
   * Whose rule it is: that of the run that was promoted, at its best; or, of a version that was published without one,
   * `flow_neutral_threshold`, or a percentile of the signal's defaults where a score of any size is held against percentiles.
   */
  readonly basis: 'published' | 'neutral' | 'default';
}

/** Which published version is streamed, and where it came from. */
export interface ServingBlock {
  /** The alias or id that the client asked for. */
  readonly serving_name: string;
  readonly serving_id: string;
  readonly source: object;
}

/** What `runtime_config` has besides when the session is being recorded; a replay's has none of it. */
export interface LiveFacts {
  readonly live: true;
  /** The contract that the version was published with; `symbol` is the one that is streamed. */
  readonly published_symbol: string;
  /** When the gateway received the recording's first order event, UNIX nanoseconds as a decimal string. */
  readonly recorded_from_ns: string;
  /** Minutes that the recording lacks of the 30 before the first bin. */
  readonly warm_up_short_min: number;
}

/** The first message of a stream: everything that a page needs to draw what follows. */
export type RuntimeConfigMessage = RuntimeConfig & {
  readonly type: 'runtime_config';
  readonly config_version: string;
  readonly projection_horizons_ms: readonly number[];
  readonly projection: ProjectionBlock;
  readonly stream_dt: string;
  readonly stream_start_time: string;
  readonly state_model: StateModelBlock;
  readonly signal: SignalBlock;
  readonly firing: FiringBlock;
  readonly serving: ServingBlock;
  readonly grid_schema_fields: readonly string[];
  readonly grid_rows: number;
  readonly effective_config_hash: string;
  readonly stream_format: 'dense_grid';
} & Partial<LiveFacts>;

export type ServerMessage = RuntimeConfigMessage | GridUpdate | ErrorMessage | EofMessage;

const serverMessages: Record<ServerMessage['type'], Fields> = {
  runtime_config: runtimeConfigFields,
  grid_update: gridUpdateFields,
  error: errorFields,
  eof: eofFields,
};

/** Reads a text message of the server; throws PROTOCOL with the field and what was expected of it. */
export function parseServerMessage(text: string): ServerMessage {
  const message = parseObject(text, 'a message of the server');
  const type = message.type;
  if (typeof type !== 'string' || !Object.hasOwn(serverMessages, type)) {
    throw violation('a message of the server', 'type', `one of ${Object.keys(serverMessages).join(', ')}`, type);
  }
  for (const [field, kind] of Object.entries(serverMessages[type as ServerMessage['type']])) {
    if (!kindChecks[kind](message[field])) throw violation(`a ${type} message`, field, kindWords[kind], message[field]);
  }
  return message as unknown as ServerMessage;
}

/** Reads JSON text that must be an object; `what` names it in the PROTOCOL error. */
export function parseObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SpymasterError('PROTOCOL', `Cannot read ${what}: expected JSON, got ${shorten(text)}.`, {}, cause);
  }
  if (!kindChecks.block(value)) {
    throw new SpymasterError('PROTOCOL', `Cannot read ${what}: expected a JSON object, got ${show(value)}.`);
  }
  return value as Record<string, unknown>;
}

/** A PROTOCOL error that names the field, what it should hold and what it holds. */
export function violation(what: string, field: string, expected: string, actual: unknown): SpymasterError {
  const got = actual === undefined ? 'nothing' : show(actual);
  return new SpymasterError('PROTOCOL', `Cannot read ${what}: expected ${field} to be ${expected}, got ${got}.`, {
    field,
  });
}

function show(value: unknown): string {
  return shorten(JSON.stringify(value) ?? String(value));
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
