import { contractFacts, productRoot, productTypeOf } from '../../../src/config/index.ts';
import { action, flag, mboWord, namedInstruments, openDbn, rtypeMbo, tsOfWords } from '../../../src/dbn/index.ts';
import { wholeRecords } from './whole_records.ts';
import { decompressZstd } from './zstd.ts';

/** Orders that are looked at: a second or a few of a busy session. */
const probedOrders = 20_000;
/** Orders from which the step of prices can be told. */
const ordersForStep = 1000;

/** An instrument of a file. */
export interface FileSymbol {
  readonly symbol: string;
  /** As the product is specified, else the greatest common divisor of the first orders' prices; null where neither says it. */
  readonly tickSize: number | null;
  /** Its orders among those that were looked at. */
  readonly orders: number;
}

/** What the head of a file says of it. */
export interface FileFacts {
  readonly productType: 'future_mbo' | 'equity_mbo';
  /** Those with the most orders first; empty where the file maps none. */
  readonly symbols: readonly FileSymbol[];
  /** When the first order after a snapshot was received, UNIX nanoseconds; null without one. */
  readonly firstNs: bigint | null;
}

/** Reads the head of a DBN file. Throws what opening and decoding it throw. */
export async function probeFile(file: Blob): Promise<FileFacts> {
  const source = await openDbn(
    wholeRecords(file.stream(), () => {}),
    { decompress: decompressZstd },
  );
  const steps = new Map<number, { stepInt: number; orders: number }>();
  let firstNs: bigint | null = null;
  let orders = 0;
  try {
    for await (const { rtype, words, recordBytes, count } of source) {
      if (rtype !== rtypeMbo) continue;
      for (let i = 0, at = 0; i < count; i++, at += recordBytes / 4) {
        const word = (offset: number) => words[at + offset] ?? 0;
        const isSnapshot = (word(mboWord.flagsChannelActionSide) & flag.snapshot) !== 0;
        const doing = (word(mboWord.flagsChannelActionSide) >>> 16) & 0xff;
        if (!isSnapshot && doing !== action.clear) firstNs ??= tsOfWords(words, at + mboWord.tsRecvLo);
        if (doing !== action.add) continue;
        const price = word(mboWord.priceHi) * 2 ** 32 + word(mboWord.priceLo);
        // Negative prices, and the undefined one, are above.
        if (price > Number.MAX_SAFE_INTEGER) continue;
        const known = steps.get(word(mboWord.instrumentId)) ?? { stepInt: 0, orders: 0 };
        steps.set(word(mboWord.instrumentId), { stepInt: divisor(price, known.stepInt), orders: known.orders + 1 });
        orders++;
      }
      if (orders >= probedOrders) break;
    }
  } finally {
    await source.close();
  }
  const productType = productTypeOf(source.metadata?.dataset ?? '') ?? 'future_mbo';
  const named = source.metadata === null ? [] : namedInstruments(source.metadata);
  const symbols = [...Map.groupBy(named, ({ symbol }) => symbol)].map(([symbol, each]): FileSymbol => {
    const found = each.flatMap(({ instrumentId }) => steps.get(instrumentId) ?? [])[0] ?? { stepInt: 0, orders: 0 };
    const known = productType === 'future_mbo' ? contractFacts(productRoot(productType, symbol)) : { tickSize: 0.01 };
    const step = found.orders < ordersForStep || found.stepInt === 0 ? null : found.stepInt / 1e9;
    return { symbol, tickSize: known?.tickSize ?? step, orders: found.orders };
  });
  return { productType, symbols: symbols.sort((a, b) => b.orders - a.orders), firstNs };
}

/** Greatest common divisor (Euclid). */
function divisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
