import { deliveryMonth, productRoot } from '../../config/index.ts';
import { present, SpymasterError } from '../../errors.ts';
import type { DatabentoApi, MappingInterval, SymbolType } from './api.ts';
import { type DayProblem, dayProblem } from './api_error.ts';
import type { DownloadRequest } from './sessions.ts';

/** What a session is bought of: the raw symbol of a contract, or why there is none. */
export type DayContract = { readonly symbol: string } | { readonly problem: DayProblem };

/**
 * The raw symbol to download for each date: the symbol itself when it is an equity or a contract, else the front month of
 * the product on that date. A range that the API refuses for one of its days is asked for day by day.
 *
 * `volume` asks for the volume-ranked continuous contract (`MNQ.v.0`), `parent` for all contracts of the product (`MNQ.FUT`)
 * and takes the one that is delivered first; both give instrument ids, whose raw symbols a second request tells.
 * @throws SYMBOL_UNKNOWN when no date has a contract and Databento gives no other reason for it
 */
export async function resolveContracts(
  api: DatabentoApi,
  request: DownloadRequest,
  dates: readonly string[],
): Promise<Map<string, DayContract>> {
  const { productType, symbol, dataset } = request;
  if (productType === 'equity_mbo' || productRoot(productType, symbol) !== symbol) {
    return new Map(dates.map((date) => [date, { symbol }]));
  }
  if (dates.length === 0) return new Map();
  const contracts = await resolveDays(api, request, dates);
  const isKnown = [...contracts.values()].some((day) => 'symbol' in day || day.problem.state !== 'no_data');
  if (isKnown) return contracts;
  throw new SpymasterError(
    'SYMBOL_UNKNOWN',
    `Cannot find a contract of ${symbol} in ${dataset} from ${dates[0]} to ${dates.at(-1)}: Databento knows no ` +
      `${askedSymbol(request)[0]} on these days; check the product and the dates.`,
    { symbol, dataset },
  );
}

async function resolveDays(
  api: DatabentoApi,
  request: DownloadRequest,
  dates: readonly string[],
): Promise<Map<string, DayContract>> {
  try {
    return await resolveRange(api, request, dates);
  } catch (error) {
    const problem = dayProblem(error);
    if (problem === null) throw error;
    if (dates.length === 1) return new Map([[present(dates[0]), { problem }]]);
    const days = new Map<string, DayContract>();
    for (const date of dates) {
      for (const [day, contract] of await resolveDays(api, request, [date])) days.set(day, contract);
    }
    return days;
  }
}

async function resolveRange(
  api: DatabentoApi,
  request: DownloadRequest,
  dates: readonly string[],
): Promise<Map<string, DayContract>> {
  const { symbol, dataset, frontMonth } = request;
  const range = [
    present(dates[0]),
    Temporal.PlainDate.from(present(dates.at(-1)))
      .add({ days: 1 })
      .toString(),
  ] as const;
  const [asked, stypeIn] = askedSymbol(request);
  const idsByDay = (await api.resolve(dataset, [asked], [stypeIn, 'instrument_id'], range)).get(asked) ?? [];
  const ids = [...new Set(idsByDay.map(({ s }) => s))].filter((id) => id !== '');
  const rawSymbols = await api.resolve(dataset, ids, ['instrument_id', 'raw_symbol'], range);
  const contractOf = (date: string): DayContract => {
    const listed = idsByDay
      .filter((interval) => covers(interval, date))
      .flatMap(({ s }) => rawSymbols.get(s)?.filter((interval) => covers(interval, date)) ?? [])
      .map(({ s }) => s);
    const front = frontMonth === 'volume' ? listed[0] : firstDelivered(symbol, listed, date);
    return front ? { symbol: front } : { problem: { state: 'no_data', note: 'no contract listed' } };
  };
  return new Map(dates.map((date) => [date, contractOf(date)]));
}

function askedSymbol({ symbol, frontMonth }: DownloadRequest): readonly [string, SymbolType] {
  return frontMonth === 'volume' ? [`${symbol}.v.0`, 'continuous'] : [`${symbol}.FUT`, 'parent'];
}

/** The outright contract of a product that is delivered first on or after a date; spreads and other products do not count. */
export function firstDelivered(root: string, rawSymbols: readonly string[], date: string): string | undefined {
  const day = Temporal.PlainDate.from(date);
  let best: { readonly symbol: string; readonly month: number } | undefined;
  for (const symbol of rawSymbols) {
    const month = deliveryMonth(root, symbol, date);
    // One digit cannot tell 2026 from 2036: a month that is past is that of the next decade, and never the front.
    if (month === null || month < day.year * 12 + day.month - 1) continue;
    if (best === undefined || month < best.month) best = { symbol, month };
  }
  return best?.symbol;
}

function covers({ d0, d1 }: MappingInterval, date: string): boolean {
  return d0 <= date && date < d1;
}
