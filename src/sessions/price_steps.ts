import { z } from 'zod';
import { action, mboWord, rtypeMbo } from '../dbn/index.ts';
import { openRecords } from '../files/index.ts';
import type { Lake } from '../lake/index.ts';
import { FileFacts } from './file_facts.ts';
import { FileSymbols } from './file_symbols.ts';

/** Orders of a file that are looked at: a second or a few of a busy session. */
const maxOrders = 20_000;

const stepsSchema = z.record(z.string(), z.number().int().nonnegative());

/**
 * The largest step, in 1e-9, of which all prices among a file's first orders are multiples, by symbol; 0 for a symbol without
 * orders among them. Every symbol that the file names is there.
 */
export type PriceSteps = Readonly<z.output<typeof stepsSchema>>;
export type PriceStepFacts = FileFacts<typeof stepsSchema>;

/** Price steps of raw files, each opened once. */
export function priceStepFacts(lake: Lake): PriceStepFacts {
  return new FileFacts(lake, { folder: 'price_steps', schema: stepsSchema, read: readSteps });
}

async function readSteps(path: string): Promise<PriceSteps> {
  await using source = await openRecords(path);
  const symbols = new FileSymbols(path, source.metadata);
  const byId = new Map<number, number>();
  let orders = 0;
  for await (const batch of source) {
    symbols.add(batch);
    if (batch.rtype === rtypeMbo) orders += addSteps(batch.words, batch.recordBytes / 4, batch.count, byId);
    if (orders >= maxOrders) break;
  }
  const steps: Record<string, number> = Object.fromEntries([...symbols.all].map((symbol) => [symbol, 0]));
  for (const [instrumentId, step] of byId) {
    const symbol = symbols.of(instrumentId);
    if (symbol !== undefined) steps[symbol] = step;
  }
  return steps;
}

/** Takes the prices of orders that are added; gives their number. Prices are exact below 2^53. */
function addSteps(words: Uint32Array, step: number, count: number, byId: Map<number, number>): number {
  let orders = 0;
  for (let i = 0, at = 0; i < count; i++, at += step) {
    if ((((words[at + mboWord.flagsChannelActionSide] as number) >>> 16) & 0xff) !== action.add) continue;
    const price = (words[at + mboWord.priceHi] as number) * 2 ** 32 + (words[at + mboWord.priceLo] as number);
    // Negative prices, and the undefined one, are above.
    if (price > Number.MAX_SAFE_INTEGER) continue;
    const id = words[at + mboWord.instrumentId] as number;
    byId.set(id, greatestDivisor(price, byId.get(id) ?? 0));
    orders++;
  }
  return orders;
}

/** Greatest common divisor (Euclid). */
function greatestDivisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
