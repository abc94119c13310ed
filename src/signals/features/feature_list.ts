import { SpymasterError } from '../../errors.ts';
import { isBinColumn, type SignalColumn } from '../signal.ts';

/** What of the last bins of a value is a feature; `value` is the value itself. */
export const featureStatistics = ['value', 'mean', 'std', 'skew', 'min', 'max', 'slope', 'z'] as const;
export type FeatureStatistic = (typeof featureStatistics)[number];

/** A column that a list may name: one of the grid, a feature of the orders, or the mid's return from the bin before, in ticks. */
export type FeatureListColumn = Exclude<SignalColumn, 'mid'> | 'mid_return';

/** One part of a value: a column at a tick, or its sum or mean over ticks `from` ≤ k ≤ `to`, times `weight`. */
export interface FeatureTerm {
  /** One that has a number a bin is read at 0. */
  readonly column: FeatureListColumn;
  readonly over: 'k' | 'sum' | 'mean';
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** A number a bin: the sum of its terms, less that of `changeBins` bins before where that is above 0. */
export interface FeatureValue {
  readonly terms: readonly FeatureTerm[];
  readonly changeBins: number;
}

/** One feature: a statistic of the `bins` bins of a value that end `lagBins` bins ago. */
export interface Feature {
  readonly name: string;
  /** Index of its value. */
  readonly value: number;
  readonly statistic: FeatureStatistic;
  /** 1 with the statistic `value`. */
  readonly bins: number;
  readonly lagBins: number;
}

/** A feature list, laid out: different values, and features of them in the order of a model's numbers. */
export interface FeatureList {
  readonly values: readonly FeatureValue[];
  readonly features: readonly Feature[];
  /** Columns that are read, each once; the mid for its return. */
  readonly columns: readonly SignalColumn[];
  /** Ticks to each side of spot that are read. */
  readonly reachTicks: number;
  /** Bins before the first that has all features. */
  readonly warmUpBins: number;
}

/** A feature as its list declares it; `parseFeatureList` of src/config says what is allowed. */
export interface DeclaredFeature {
  readonly name: string;
  readonly column?: string | undefined;
  readonly k?: number | readonly number[] | undefined;
  readonly sum?: readonly number[] | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly of?: readonly DeclaredTerm[] | undefined;
  readonly change?: number | undefined;
  readonly lag?: number | readonly number[] | undefined;
  readonly rolling?: readonly FeatureStatistic[] | undefined;
  readonly bins?: number | readonly number[] | undefined;
}

export interface DeclaredTerm {
  readonly column: string;
  readonly k?: number | undefined;
  readonly sum?: readonly number[] | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly weight?: number | undefined;
}

/** Most features of a list, and most bins that one of them looks back. */
export const maxFeatureCount = 4096;
export const maxFeatureBins = 100_000;

/**
 * Lays out a declared list. A list of ticks, lags or windows makes a feature of each, whose name says which: `p_m5` is p at k = −5,
 * `p_lag10` p of ten bins ago, `p_std_50` its standard deviation over 50 bins.
 * @throws CONFIG_INVALID for two features of one name, and for too many
 */
export function layOutFeatures(declared: readonly DeclaredFeature[]): FeatureList {
  const values: FeatureValue[] = [];
  const numbers = new Map<string, number>();
  const features: Feature[] = [];
  const names = new Set<string>();
  for (const one of declared) {
    for (const { name, value } of declaredValues(one)) {
      const key = JSON.stringify(value);
      const number = numbers.get(key) ?? values.push(value) - 1;
      numbers.set(key, number);
      for (const feature of declaredFeatures(one, name, number)) {
        if (names.has(feature.name)) throw problem(feature.name, `there are two features ${feature.name}; rename one`);
        names.add(feature.name);
        features.push(feature);
      }
    }
    if (features.length > maxFeatureCount) throw problem('features', `it has more than ${maxFeatureCount} features`);
  }
  const terms = values.flatMap((value) => value.terms);
  const lookBack = features.map(({ value, bins, lagBins }) => bins - 1 + lagBins + (values[value]?.changeBins ?? 0));
  return {
    values,
    features,
    columns: [...new Set(terms.map(({ column }) => (column === 'mid_return' ? 'mid' : column)))],
    reachTicks: Math.max(0, ...terms.flatMap(({ from, to }) => [Math.abs(from), Math.abs(to)])),
    warmUpBins: Math.max(0, ...lookBack),
  };
}

function problem(key: string, text: string): SpymasterError {
  return new SpymasterError('CONFIG_INVALID', `Cannot use the feature list: ${text}.`, { key });
}

function listOf<T>(value: T | readonly T[] | undefined, absent: T): readonly T[] {
  return value === undefined ? [absent] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** The values of a declaration, one for each of its ticks. */
function declaredValues(one: DeclaredFeature): { readonly name: string; readonly value: FeatureValue }[] {
  const { name, column, k, sum, mean, of, change = 0 } = one;
  const terms = of ?? [{ column: column ?? '', ...(sum && { sum }), ...(mean && { mean }) }];
  const isMany = Array.isArray(k);
  return listOf(k, 0).map((tick) => ({
    name: isMany ? `${name}_${tick < 0 ? `m${-tick}` : tick}` : name,
    value: { terms: terms.map((term) => termAt(term, tick)), changeBins: change },
  }));
}

/** Whether a column has one number a bin and not one a tick. */
function isBinNumber(column: string): boolean {
  return column === 'mid_return' || isBinColumn(column);
}

function termAt({ column, k, sum, mean, weight = 1 }: DeclaredTerm, tick: number): FeatureTerm {
  const over = sum !== undefined ? 'sum' : mean !== undefined ? 'mean' : 'k';
  const at = isBinNumber(column) ? 0 : (k ?? tick);
  const [from = 0, to = 0] = sum ?? mean ?? [at, at];
  return { column: column as FeatureListColumn, over, from, to, weight };
}

/** The features of one value: each of its statistics over each of its windows, at each lag. */
function declaredFeatures({ lag, rolling, bins }: DeclaredFeature, name: string, value: number): Feature[] {
  const features: Feature[] = [];
  for (const lagBins of listOf(lag, 0)) {
    const lagged = lagBins === 0 ? '' : `_lag${lagBins}`;
    for (const statistic of rolling ?? (['value'] as const)) {
      const common = { value, statistic, lagBins };
      if (statistic === 'value') features.push({ ...common, name: `${name}${lagged}`, bins: 1 });
      else {
        for (const window of listOf(bins, 1)) {
          features.push({ ...common, name: `${name}_${statistic}_${window}${lagged}`, bins: window });
        }
      }
    }
  }
  return features;
}
