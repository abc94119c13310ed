import { z } from 'zod';
import { type Plain, sha256Hex } from './canonical.ts';
import { clockTime, sessionDate } from './capture.ts';
import { checked } from './check.ts';
import { between, block, boolean, integer, matching, oneOf, parameters, positive, text, withRules } from './fields.ts';
import { maxCoefficient, maxWindowBins } from './limits.ts';
import type { Origin } from './origin.ts';
import { pickRuntime, runtimeRules, runtimeShape } from './runtime.ts';
import { formatYaml, parseYaml } from './yaml.ts';

/** Names that are used as file names and in URLs: aliases, serving ids, spec names. */
export const specName = matching(
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
  'a name of 1 to 128 letters, digits, "_", "-" and "."',
);

const snapshotSchema = withRules(
  block({
    ...runtimeShape,
    stream_dt: sessionDate,
    stream_start_time: clockTime,
    /** End of what is streamed; absent: to the end of the session. */
    end_time: z.optional(clockTime),
  }),
  runtimeRules,
);

/** How the page continues the flow score beyond the last bin (model.md §6); the horizons are runtime fields. */
export const projectionShape = {
  use_cubic: boolean().default(false),
  cubic_scale: between(0, maxCoefficient).default(0),
  damping_lambda: between(0, maxCoefficient).default(0),
};

const projectionSchema = block(projectionShape);
export type Projection = Readonly<z.output<typeof projectionSchema>>;

/** No cubic term, no damping: what a spec without a projection block means. */
export const plainProjection: Projection = { use_cubic: false, cubic_scale: 0, damping_lambda: 0 };

/** When the signal fires. Versions from before the kind was said have a fixed score, and no warm-up. */
const firingSchema = withRules(
  block({
    kind: z.optional(oneOf(['score', 'past_percentile'])),
    /** A score, or a percentile of |score| over the past `window_bins` bins. */
    threshold: positive(),
    window_bins: z.optional(integer(2, maxWindowBins)),
    cooldown_bins: integer(0),
    warmup_bins: z.optional(integer(0)),
  }),
  [
    {
      keys: ['threshold', 'kind'],
      allowed: 'a percentile > 0 and <= 100',
      holds: ({ kind, threshold }) => kind !== 'past_percentile' || threshold <= 100,
    },
    {
      keys: ['window_bins', 'kind'],
      allowed: 'the window of a past_percentile threshold, and none for a score',
      holds: ({ kind, window_bins }) => (kind === 'past_percentile') === (window_bins !== undefined),
    },
  ],
);

export type PublishedFiring = Readonly<z.output<typeof firingSchema>>;

const ticks = z.nullable(z.number());
const chance = z.nullable(between(0, 1));

/** What was known of the run at its threshold when it was published; money in ticks a trade, after costs, at the mid. */
export const evidenceSchema = block({
  /** When the experiment was judged, ISO 8601 in UTC. */
  judged_at_utc: text(),
  /** On the experiment, in words. */
  verdict: z.nullable(text()),
  threshold: positive(),
  n_sessions: integer(0),
  first_session: text(),
  last_session: text(),
  n_signals: integer(0),
  mean_net_pnl_ticks: ticks,
  mean_net_pnl_ticks_low: ticks,
  mean_net_pnl_ticks_high: ticks,
  p_profit: chance,
  q_value: chance,
  p_adjusted: chance,
  /** Of the experiment's walk-forward, which chooses among all its trials. */
  walk_forward_net_ticks: ticks,
  walk_forward_net_ticks_low: ticks,
});

export type PublishedEvidence = Readonly<z.output<typeof evidenceSchema>>;

/** Where a version came from. */
export const publishedSourceSchema = block({
  run_id: text(),
  experiment_name: text(),
  config_hash: text(),
  promoted_at_utc: text(),
  serving_spec_name: text(),
  signal_name: text(),
});

export const publishedSchema = block({
  serving_id: specName,
  description: z.string({ error: 'a text' }),
  runtime_snapshot: snapshotSchema,
  /** The signal that streams and everything it resolved to; absent: the derivative signal of the runtime fields. */
  signal: z.optional(
    block({
      name: specName,
      params: parameters,
      /** Of a user's signal: the hash of the source that was evaluated; absent: built in. */
      source_hash: z.optional(matching(/^[0-9a-f]{64}$/, 'a SHA-256 in 64 hexadecimal digits')),
    }),
  ),
  /** Absent: no cubic term, no damping. */
  projection: z.optional(projectionSchema),
  /** When the run that was promoted fires, at the threshold where it did best; absent: no threshold was judged. */
  firing: z.optional(firingSchema),
  /** Absent in versions of before 0.3. */
  evidence: z.optional(evidenceSchema),
  source: publishedSourceSchema,
});

/** A frozen, named serving version (product.md, "Configuration"). */
export type PublishedServingSpec = Readonly<z.output<typeof publishedSchema>>;
export type RuntimeSnapshot = PublishedServingSpec['runtime_snapshot'];

/** Checks a published serving spec; throws CONFIG_INVALID as `parseRuntimeConfig` does. */
export function parsePublishedServing(value: unknown, origin: string | Origin): PublishedServingSpec {
  return checked(publishedSchema, value, origin);
}

/** Reads the YAML text of a published serving spec, from `file`. */
export function readPublishedServing(text: string, file: string): PublishedServingSpec {
  const { value, origin } = parseYaml(text, file);
  return parsePublishedServing(value, origin);
}

/** The canonical YAML of a spec and its SHA-256: the same content gives the same bytes, whatever the order of keys. */
export function formatPublishedServing(spec: PublishedServingSpec): { text: string; sha256: string } {
  const { serving_id, description, runtime_snapshot: snapshot, signal, projection, firing, evidence, source } = spec;
  const ordered = {
    serving_id,
    description,
    runtime_snapshot: {
      ...pickRuntime(snapshot),
      stream_dt: snapshot.stream_dt,
      stream_start_time: snapshot.stream_start_time,
      ...(snapshot.end_time === undefined ? {} : { end_time: snapshot.end_time }),
    },
    ...(signal === undefined ? {} : { signal: orderedSignal(signal) }),
    ...(projection === undefined
      ? {}
      : {
          projection: {
            use_cubic: projection.use_cubic,
            cubic_scale: projection.cubic_scale,
            damping_lambda: projection.damping_lambda,
          },
        }),
    ...(firing === undefined ? {} : { firing: orderedFiring(firing) }),
    ...(evidence === undefined ? {} : { evidence: orderedEvidence(evidence) }),
    source: {
      run_id: source.run_id,
      experiment_name: source.experiment_name,
      config_hash: source.config_hash,
      promoted_at_utc: source.promoted_at_utc,
      serving_spec_name: source.serving_spec_name,
      signal_name: source.signal_name,
    },
  };
  const text = formatYaml(ordered as Plain);
  return { text, sha256: sha256Hex(text) };
}

function orderedSignal({ name, params, source_hash }: NonNullable<PublishedServingSpec['signal']>) {
  return { name, params: sorted(params), ...(source_hash === undefined ? {} : { source_hash }) };
}

function orderedFiring({ kind, threshold, window_bins, cooldown_bins, warmup_bins }: PublishedFiring) {
  return {
    ...(kind === undefined ? {} : { kind }),
    threshold,
    ...(window_bins === undefined ? {} : { window_bins }),
    cooldown_bins,
    ...(warmup_bins === undefined ? {} : { warmup_bins }),
  };
}

function orderedEvidence(evidence: PublishedEvidence): PublishedEvidence {
  return evidenceSchema.parse(evidence);
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Checks a name that is used as a file name and in URLs; throws CONFIG_INVALID, calling it `what`. */
export function checkedName(name: string, what: string): string {
  checked(block({ [what]: specName }), { [what]: name }, what);
  return name;
}
