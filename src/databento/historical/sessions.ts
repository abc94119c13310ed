import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { captureWindow, type ProductType } from '../../config/index.ts';
import { present, SpymasterError } from '../../errors.ts';
import { chooseRawFile, contractIn, type Lake } from '../../lake/index.ts';

import type { DataRequest } from './api.ts';

/** What a user wants downloaded. */
export interface DownloadRequest {
  readonly productType: ProductType;
  /** Product root (MNQ) or contract (MNQH6) of a future; an equity's symbol. */
  readonly symbol: string;
  /** First and last session date, YYYY-MM-DD. */
  readonly fromDate: string;
  readonly toDate: string;
  readonly schema: string;
  readonly dataset: string;
  /** The sessions one by one, each with its contract; absent: those of the range. */
  readonly days?: readonly { readonly date: string; readonly symbol: string }[];
  /** How the front month is found, where the symbol is a product root. */
  readonly frontMonth: FrontMonthRule;
  /** Stream the records at once instead of ordering a batch job for each session. */
  readonly stream: boolean;
}

/** `volume`: the most traded contract of the day before; `parent`: the listed one that is delivered first. */
export type FrontMonthRule = 'volume' | 'parent';

/** Schemas of the historical API that hold market data of one instrument. */
export const downloadSchemas = [
  ...['mbo', 'mbp-1', 'mbp-10', 'tbbo', 'trades', 'bbo-1s', 'bbo-1m'],
  ...['ohlcv-1s', 'ohlcv-1m', 'ohlcv-1h', 'ohlcv-1d', 'definition', 'statistics', 'status', 'imbalance'],
] as const;

/**
 * Session dates from `fromDate` to `toDate`, both included: Mondays to Fridays, for futures also Sundays, whose UTC day holds
 * the first hour of the week. Holidays show by having no data.
 */
export function sessionDates(productType: ProductType, fromDate: string, toDate: string): string[] {
  const isSession = ({ dayOfWeek }: Temporal.PlainDate): boolean =>
    dayOfWeek <= 5 || (dayOfWeek === 7 && productType === 'future_mbo');
  const dates: string[] = [];
  const last = Temporal.PlainDate.from(toDate);
  for (let day = Temporal.PlainDate.from(fromDate); Temporal.PlainDate.compare(day, last) <= 0; ) {
    if (isSession(day)) dates.push(day.toString());
    day = day.add({ days: 1 });
  }
  return dates;
}

/**
 * The request for one session: its window (model.md §1.4), so that nothing is paid for that no bin can use. For the orders of
 * equities it starts at 00:00 UTC: that is when the clear comes without which the book would be called partial.
 */
export function sessionRequest(
  { productType, dataset, schema }: Pick<DownloadRequest, 'productType' | 'dataset' | 'schema'>,
  symbol: string,
  date: string,
): DataRequest {
  const { sessionStartNs, sessionEndNs } = captureWindow(productType, date, '12:00');
  const utc = (ns: bigint): string => Temporal.Instant.fromEpochNanoseconds(ns).toString();
  const start = productType === 'equity_mbo' && schema === 'mbo' ? `${date}T00:00:00Z` : utc(sessionStartNs);
  return { dataset, schema, symbol, start, end: utc(sessionEndNs) };
}

/**
 * Refuses symbols that could not be part of a path, or that no exchange has. Throws USAGE. The signs are those that exchanges
 * put behind a stock's symbol, as in AAC+ (warrants), ACIC= (units), ABR^ (rights) and XYZ# (when issued).
 */
export function checkSymbol(symbol: string): void {
  if (/^[A-Z0-9][A-Z0-9.+=^#$~-]{0,20}$/.test(symbol) && !symbol.includes('..')) return;
  throw new SpymasterError(
    'USAGE',
    `Cannot download ${JSON.stringify(symbol)}: expected a symbol in capital letters, such as MNQ, MNQH6, AAPL or AAC+.`,
    { symbol },
  );
}

/** Where the file of a session goes: `…/glbx-mdp3-20260206.MNQH6.mbo.dbn.zst` in the folder of its instrument and table. */
export function sessionPath(lake: Lake, productType: ProductType, request: DataRequest, date: string): string {
  const { dataset, schema, symbol } = request;
  const folder = tableFolder(lake, productType, symbol, schema);
  const venue = dataset.toLowerCase().replaceAll('.', '-');
  return join(folder, `${venue}-${date.replaceAll('-', '')}.${symbol}.${schema}.dbn.zst`);
}

/**
 * The file that the lake already has of a session; null when there is none. A file of that date which names no contract
 * counts: it came from elsewhere, and a replay would take it.
 */
export function presentFile(
  lake: Lake,
  productType: ProductType,
  { symbol, schema }: DataRequest,
  date: string,
): string | null {
  const folder = tableFolder(lake, productType, symbol, schema);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return null;
  }
  const ours = names.filter((name) => name.includes(symbol) || contractIn(name, productType, symbol) === null);
  const chosen = chooseRawFile(ours, symbol, date);
  return chosen === null ? null : join(folder, basename(typeof chosen === 'string' ? chosen : present(chosen[0])));
}

/** The folder of a schema's files; that of `mbo` is the one which replays read. */
function tableFolder(lake: Lake, productType: ProductType, symbol: string, schema: string): string {
  const mbo = lake.rawFolder(productType, symbol);
  return schema === 'mbo' ? mbo : join(dirname(mbo), `table=${schema}_dbn`);
}
