import fc from 'fast-check';
import { flag } from '../../src/dbn/index.ts';
import { type Mbo, undefinedPrice, undefinedSize, undefinedTime } from './mbo.ts';

export const instrumentId = 42;

/** What a random stream is made of; `ticks` and times are drawn per record. */
export interface StreamShape {
  readonly startNs: bigint;
  /** Nanoseconds from one record to the next, each as likely as the other. */
  readonly stepsNs: readonly number[];
  readonly ids: readonly bigint[];
  /** Price of a number from 0 to 19; bids draw from 0 to 11 most of the time, asks from 8 to 19. */
  readonly priceOf: (n: number) => bigint;
  /** Prices far from all others, for one hostile record in fifty. */
  readonly farPrices: readonly [bigint, bigint] | null;
  readonly maxSize: number;
  /** Whether snapshots, clears, top-of-book records, undefined values and wrong sides turn up too. */
  readonly hostile: boolean;
  readonly minLength: number;
  readonly maxLength: number;
}

/** Ids of which several differ in one half only, so that a table that mixes the halves up is found out. */
export const hostileIds: readonly bigint[] = [
  0n,
  1n,
  1n << 32n,
  2n << 32n,
  (1n << 32n) + 1n,
  (2n << 32n) + 1n,
  (1n << 63n) + 1n,
  2n ** 64n - 1n,
  0x7fff_ffffn << 32n,
  6_413_000_000_001n,
  6_413_000_000_002n,
];

const anyOf = <T>(weights: readonly (readonly [T, number])[]): fc.Arbitrary<T> =>
  fc.constantFrom(...weights.flatMap(([value, weight]) => new Array<T>(weight).fill(value)));

const marketActions = anyOf([
  ['A', 40],
  ['C', 20],
  ['M', 20],
  ['F', 14],
  ['T', 3],
  ['N', 1],
]);
const hostileActions = anyOf([
  ['A', 40],
  ['C', 20],
  ['M', 20],
  ['F', 12],
  ['T', 3],
  ['N', 2],
  ['R', 2],
]);
const marketFlags = anyOf([
  [0, 1],
  [flag.last, 2],
]);
const hostileFlags = anyOf([
  [0, 60],
  [flag.last, 120],
  [flag.last | flag.publisherSpecific, 10],
  [flag.snapshot | flag.badTsRecv, 12],
  [flag.snapshot | flag.last | flag.badTsRecv, 4],
  [flag.tob, 3],
  [flag.tob | flag.last, 3],
  [flag.maybeBadBook, 2],
]);

/** Random streams of one instrument in the order of a file; times never fall unless `stepsNs` has negative steps. */
export function mboStreams(shape: StreamShape): fc.Arbitrary<Mbo[]> {
  const { hostile, ids, stepsNs } = shape;
  const draft = fc.record({
    action: hostile ? hostileActions : marketActions,
    bid: fc.boolean(),
    id: fc.nat(ids.length - 1),
    near: fc.nat(11),
    far: fc.nat(19),
    odd: fc.nat(99),
    size: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 9 }) },
      fc.integer({ min: 0, max: shape.maxSize }),
    ),
    flags: hostile ? hostileFlags : marketFlags,
    step: fc.nat(stepsNs.length - 1),
  });
  return fc.array(draft, { minLength: shape.minLength, maxLength: shape.maxLength, size: 'max' }).map((drafts) => {
    let tsNs = shape.startNs;
    let hasActed = false;
    return drafts.map(({ action, bid, id, near, far, odd, size, flags, step }) => {
      tsNs += BigInt(stepsNs[step]!);
      const level = odd < 5 ? far : bid ? near : 19 - near;
      const mbo: Mbo = {
        instrumentId,
        tsEvent: tsNs,
        tsRecv: tsNs + 1n,
        orderId: ids[id]!,
        price: action === 'R' ? undefinedPrice : shape.priceOf(level),
        size,
        flags,
        action,
        side: bid ? 'B' : 'A',
      };
      if (shape.farPrices !== null && odd >= 98) return { ...mbo, price: shape.farPrices[odd - 98]! };
      const made = hostile ? spoil(mbo, odd) : mbo;
      // Until somebody acts on the book, the first record's publisher is taken for the one that makes it.
      if (made.publisherId !== undefined && !hasActed) return mbo;
      hasActed ||= made.instrumentId === instrumentId && 'ACMR'.includes(made.action);
      return made;
    });
  });
}

const dayNs = 86_400_000_000_000n;

/** Takes away, now and then, what a record should have. */
function spoil(mbo: Mbo, odd: number): Mbo {
  if (odd === 97) return { ...mbo, price: undefinedPrice };
  if (odd === 96) return { ...mbo, side: 'N' };
  if (odd === 95) return { ...mbo, size: undefinedSize };
  if (odd === 94) return { ...mbo, price: 2n ** 53n + 1n };
  if (odd === 93) return { ...mbo, instrumentId: instrumentId + 1 };
  if (odd === 92) return { ...mbo, tsEvent: undefinedTime, tsRecv: undefinedTime };
  if (odd === 91) return { ...mbo, tsEvent: mbo.tsEvent - 3_600_000_000_000n };
  if (odd === 90) return { ...mbo, tsEvent: undefinedTime };
  // From before the session and from after it.
  if (odd === 89 || odd === 88) return { ...mbo, tsEvent: mbo.tsEvent - dayNs };
  if (odd === 87) return { ...mbo, tsEvent: mbo.tsEvent + dayNs, tsRecv: mbo.tsRecv + dayNs };
  if (odd === 86) return { ...mbo, publisherId: 2, action: mbo.size % 2 === 0 ? 'T' : 'F' };
  return mbo;
}
