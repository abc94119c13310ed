import { z } from 'zod';
import { checked } from './check.ts';
import { between, block, integer, list, matching, oneOf, type Rule, withRules } from './fields.ts';
import { maxBins, maxCoefficient } from './limits.ts';
import type { Origin } from './origin.ts';
import { featureSignalColumns, gridSignalColumns } from './signal_columns.ts';

const maxTicks = 10_000;
const maxItems = 1000;
/** Bins that a feature looks back: what is kept of each value. */
const maxLookBack = Math.min(100_000, maxBins);

/** Columns of one number a bin: the mid's return, and features of the orders. */
const binColumns: readonly string[] = ['mid_return', ...featureSignalColumns];
const hasTicks = (column: string) => !binColumns.includes(column);
const column = oneOf([...gridSignalColumns, ...binColumns]);

const tick = integer(-maxTicks, maxTicks);
const several = <T extends z.ZodType>(item: T, what: string) => {
  const text = `${what}, or a list of different ones`;
  return z
    .union([item, list(item, text).max(maxItems, { error: text })], { error: text })
    .refine((value) => !Array.isArray(value) || new Set(value).size === value.length, { error: text })
    .describe(text);
};
const whatBand = 'a band [first k, last k], the first not above the last';
const band = z
  .array(tick, { error: whatBand })
  .length(2, { error: whatBand })
  .refine(([from = 0, to = 0]) => from <= to, { error: whatBand })
  .describe(whatBand);

const termFields = {
  column,
  sum: z.optional(band),
  mean: z.optional(band),
};
type Placed = { readonly k?: unknown; readonly sum?: unknown; readonly mean?: unknown };
const isPlacedOnce = ({ k, sum, mean }: Placed) => [k, sum, mean].filter((place) => place !== undefined).length <= 1;

const isPlaced = ({ k, sum, mean }: Placed) => [k, sum, mean].some((place) => place !== undefined);
/** A column of one number a bin is at no tick. */
const noTicks = {
  keys: ['k', 'sum', 'mean'] as const,
  allowed: 'no k, sum or mean with a column that has one number a bin',
  holds: (term: Placed & { readonly column?: string | undefined }) =>
    term.column === undefined || hasTicks(term.column) || !isPlaced(term),
};

const termSchema = withRules(
  block({ ...termFields, k: z.optional(tick), weight: between(-maxCoefficient, maxCoefficient).default(1) }),
  [{ keys: ['k', 'sum', 'mean'], allowed: 'one of k, sum and mean', holds: isPlacedOnce }, noTicks],
);

const featureFields = block({
  name: matching(/^[A-Za-z][A-Za-z0-9_]{0,99}$/, 'a name of letters, digits and _'),
  /** One column at k, or summed or averaged over a band. */
  column: z.optional(column),
  k: z.optional(several(tick, `a tick from spot from -${maxTicks} to ${maxTicks}`)),
  sum: z.optional(band),
  mean: z.optional(band),
  /** In the place of `column`: a weighted sum; terms without a place of their own are taken at the feature's k. */
  of: z.optional(list(termSchema, 'a list of terms').max(maxItems, { error: `at most ${maxItems} terms` })),
  /** Less the value of so many bins before. */
  change: z.optional(integer(1, maxLookBack)),
  /** Of so many bins ago. */
  lag: z.optional(several(integer(0, maxLookBack), `an integer from 0 to ${maxLookBack}`)),
  /** Statistics over the last `bins` bins; `value` is the value itself. */
  rolling: z.optional(
    list(oneOf(['value', 'mean', 'std', 'skew', 'min', 'max', 'slope', 'z']), 'a list of statistics'),
  ),
  bins: z.optional(several(integer(2, maxLookBack), `an integer from 2 to ${maxLookBack}`)),
});
const featureRules: readonly Rule<z.output<typeof featureFields>>[] = [
  {
    keys: ['column', 'of'],
    allowed: 'a column, or `of` with a list of terms, not both',
    holds: ({ column, of }) => (column === undefined) !== (of === undefined),
  },
  { keys: ['k', 'sum', 'mean'], allowed: 'one of k, sum and mean', holds: isPlacedOnce },
  noTicks,
  {
    keys: ['k', 'column', 'sum', 'mean'],
    allowed: 'a tick or several, or sum or mean with a band in their place',
    holds: (one) => one.column === undefined || !hasTicks(one.column) || isPlaced(one),
  },
  {
    keys: ['of', 'k'],
    allowed: 'terms with k, sum or mean each, or `k` beside `of` for those without',
    holds: ({ of, k, sum, mean }) =>
      of === undefined ||
      (sum === undefined &&
        mean === undefined &&
        (k !== undefined || of.every((term) => !hasTicks(term.column) || isPlaced(term)))),
  },
  {
    keys: ['bins', 'rolling'],
    allowed: 'a window or several, with `rolling` that says which statistics',
    holds: ({ bins, rolling }) => (bins !== undefined) === (rolling ?? []).some((statistic) => statistic !== 'value'),
  },
];

const schema = block({
  description: z.string({ error: 'a text' }).default(''),
  features: list(withRules(featureFields, featureRules), 'a list of features').max(maxItems, {
    error: `at most ${maxItems} of them`,
  }),
});

/** A declared feature list, as a file holds it. */
export type FeatureListSpec = Readonly<z.output<typeof schema>>;
export { schema as featureListSchema };

/** Checks a parsed feature list. @throws CONFIG_INVALID with file, line, key, value and what is allowed */
export function parseFeatureListSpec(value: unknown, origin: Origin | string): FeatureListSpec {
  return checked(schema, value, origin);
}
