import { present } from '../errors.ts';
import {
  type FeatureColumn,
  featureColumns,
  featureIndex,
  type OrderFeatures,
  type VolumeProfile,
} from '../orders/index.ts';
import { parseObject, violation } from './messages.ts';

/** Volume at a price: price in price units, bought, sold, without a side. */
export type PriceVolume = readonly [price: number, bought: number, sold: number, unsided: number];

/** Columns whose values a message has as numbers. */
export type FeatureValue = Exclude<FeatureColumn, 'since_ns'>;

/** A bin's features as the channel `features` carries them (docs/stream.md). */
export interface FeaturesMessage {
  readonly type: 'features';
  readonly bin_seq: number;
  /** From when sums and profile count, UNIX nanoseconds as a decimal string; null before they do. */
  readonly since_ns: string | null;
  /** Null where a value is not known. */
  readonly values: Readonly<Record<FeatureValue, number | null>>;
  /** Volume at price of the bin, prices ascending. */
  readonly traded: readonly PriceVolume[];
  /** Volume at price since `since_ns`; in every `profileBins`th bin, and where counting began or ended in the bin. */
  readonly profile?: readonly PriceVolume[];
}

/** Bins from one whole profile to the next. */
export const profileBins = 16;

const valueNames = featureColumns.map(([name]) => name).filter((name): name is FeatureValue => name !== 'since_ns');

/** The message of a bin; times of `features` count from `originNs`. */
export function featuresText(seq: number, features: OrderFeatures, originNs: bigint): string {
  const { values } = features;
  const sinceNs = present(values[featureIndex.since_ns]);
  const numbers = valueNames.map((name) => {
    const value = present(values[featureIndex[name]]);
    return [name, Number.isNaN(value) ? null : value];
  });
  const isWhole = seq % profileBins === 0 || features.anchorMoved;
  return JSON.stringify({
    type: 'features',
    bin_seq: seq,
    since_ns: Number.isNaN(sinceNs) ? null : String(originNs + BigInt(sinceNs)),
    values: Object.fromEntries(numbers) as FeaturesMessage['values'],
    traded: volumesOf(features.traded),
    ...(isWhole && { profile: volumesOf(features.profile) }),
  } satisfies FeaturesMessage);
}

function volumesOf({ count, prices, bought, sold, unsided }: VolumeProfile): PriceVolume[] {
  return Array.from({ length: count }, (_, i) => [
    present(prices[i]) / 1e9,
    ...([present(bought[i]), present(sold[i]), present(unsided[i])] as const),
  ]);
}

const what = 'a features message';

/** Whether a text message of the server is one of the channel `features`. */
export const isFeaturesText = (text: string) => text.startsWith('{"type":"features"');

/** Reads a message of the channel `features`; throws PROTOCOL with the field and what was expected of it. */
export function parseFeatures(text: string): FeaturesMessage {
  const message = parseObject(text, what);
  const { bin_seq: seq, since_ns: since, values, traded, profile = [] } = message;
  if (message.type !== 'features') throw violation(what, 'type', '"features"', message.type);
  if (!(Number.isSafeInteger(seq) && (seq as number) >= 0)) {
    throw violation(what, 'bin_seq', 'a whole number of at least 0', seq);
  }
  if (since !== null && !(typeof since === 'string' && /^-?\d{1,20}$/.test(since))) {
    throw violation(what, 'since_ns', 'a whole number as a decimal string, or null', since);
  }
  if (typeof values !== 'object' || values === null) throw violation(what, 'values', 'a block', values);
  for (const name of valueNames) {
    const value = (values as Record<string, unknown>)[name];
    if (value !== null && !Number.isFinite(value)) throw violation(what, name, 'a number, or null', value);
  }
  if (!areVolumes(traded)) throw violation(what, 'traded', 'a list of ascending prices with three sizes', traded);
  if (!areVolumes(profile)) throw violation(what, 'profile', 'a list of ascending prices with three sizes', profile);
  return message as unknown as FeaturesMessage;
}

function areVolumes(value: unknown): value is readonly PriceVolume[] {
  if (!Array.isArray(value)) return false;
  let last = Number.NEGATIVE_INFINITY;
  return value.every((row: unknown) => {
    if (!Array.isArray(row) || row.length !== 4 || !row.every(Number.isFinite) || row[0] <= last) return false;
    last = row[0];
    return row.slice(1).every((size) => size >= 0);
  });
}

/**
 * Volume at price since the anchor, bin by bin, from messages in any order: known from the first whole profile on, and as long as
 * bins follow each other.
 */
export class ProfileFollower {
  readonly #volumes = new Map<number, PriceVolume>();
  #seq = Number.NaN;
  #total = 0;

  /** The bin that the profile is of; NaN where it is not known. */
  get seq(): number {
    return this.#seq;
  }

  /** Prices ascending; null where it is not known. */
  get profile(): readonly PriceVolume[] | null {
    return Number.isNaN(this.#seq) ? null : [...this.#volumes.values()].sort((a, b) => a[0] - b[0]);
  }

  /** Takes the message of a bin. */
  put({ bin_seq: seq, values, traded, profile }: FeaturesMessage): void {
    const total = values.since_volume ?? 0;
    if (profile !== undefined) {
      this.#volumes.clear();
      this.#add(profile);
    } else if (seq !== this.#seq + 1) {
      this.#seq = Number.NaN;
      return;
    } else if (total !== this.#total) {
      // Volume that comes while nothing is counted, as between two trading days, is not of the profile.
      this.#add(traded);
    }
    this.#seq = seq;
    this.#total = total;
  }

  #add(volumes: readonly PriceVolume[]): void {
    for (const [price, bought, sold, unsided] of volumes) {
      const [, b, s, u] = this.#volumes.get(price) ?? [price, 0, 0, 0];
      this.#volumes.set(price, [price, b + bought, s + sold, u + unsided]);
    }
  }
}
