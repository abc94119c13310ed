import { Admission } from '../../book/index.ts';
import { contractFacts, productRoot, productTypeOf } from '../../config/index.ts';
import { dateOfNs, dateText, type Metadata, resolveInstrument } from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import { located, openRecords, Turns, type WrittenFile } from '../../files/index.ts';
import {
  EventsPass,
  type OrderEventKind,
  type OrderEventParams,
  type OrderEventRows,
  orderEventKinds,
} from '../../orders/index.ts';
import { assertMbo, inTermsOfOptions, noRecords, onlySymbol } from '../one_instrument.ts';
import { EventsParquet } from './events_parquet.ts';
import { EventsSummary } from './events_summary.ts';

const purpose = 'follow the orders';

export interface FindEventsOptions {
  readonly path: string;
  /** Parquet file to write, a temporary name that must not exist. */
  readonly out: string;
  /** Kinds to write; the summary counts all of them. */
  readonly kinds: readonly OrderEventKind[];
  readonly params: OrderEventParams;
  /** Smallest price step in price units; by default the one of the symbol's product. */
  readonly tick?: number;
  /** May be left out where the file maps one symbol, or none. */
  readonly symbol?: string;
  readonly publisherId?: number;
  readonly onProgress?: (bytesRead: number, sizeBytes: number, records: number) => void;
  readonly signal?: AbortSignal;
}

/** What was found in a file. */
export interface FoundEvents {
  readonly symbol: string;
  readonly tickSize: number;
  readonly records: number;
  /** Gaps and moves of the symbol, at which resting orders were lost. */
  readonly losses: number;
  /** Rows that were written: events and their updates. */
  readonly rows: number;
  readonly file: WrittenFile;
  readonly summary: EventsSummary;
}

/**
 * Writes the order events of one instrument of a file, in one pass and bounded memory.
 * @throws SCHEMA_MISMATCH, SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN, FILE_EMPTY, USAGE where the price step is not known, and what `openRecords` throws
 */
export async function findEvents(options: FindEventsOptions): Promise<FoundEvents> {
  const { path, publisherId = null, onProgress, signal } = options;
  await using source = await openRecords(path);
  try {
    const { metadata } = source;
    assertMbo(metadata, purpose);
    const symbol = options.symbol ?? onlySymbol(metadata, purpose);
    const tickSize = options.tick ?? tickOf(metadata, symbol);
    const originNs = metadata.start;
    const instrumentId = symbol === '' ? null : resolveInstrument(metadata, symbol, dateText(dateOfNs(originNs)));
    const admission = new Admission({ symbol, instrumentId, publisherId, session: null });
    const pass = new EventsPass({ admission, originNs, tickInt: Math.round(tickSize * 1e9), params: options.params });
    await using parquet = new EventsParquet(options.out, originNs, options.kinds);
    const summary = new EventsSummary();
    const turns = new Turns();
    const { rows } = pass.events;
    let records = 0;
    for await (const batch of source) {
      signal?.throwIfAborted();
      pass.ingest(batch);
      records += batch.count;
      await take(rows, summary, parquet);
      onProgress?.(source.bytesRead, source.sizeBytes, records);
      if (turns.isDue) await turns.take(signal);
    }
    pass.finish();
    if (pass.feed.nowNs === Number.NEGATIVE_INFINITY) throw noRecords(symbol, purpose);
    await take(rows, summary, parquet);
    const file = await parquet.finish();
    return { symbol, tickSize, records, losses: pass.feed.losses, rows: parquet.rows, file, summary };
  } catch (error) {
    throw located(inTermsOfOptions(error, purpose), path);
  }
}

async function take(rows: OrderEventRows, summary: EventsSummary, parquet: EventsParquet): Promise<void> {
  if (rows.count === 0) return;
  summary.add(rows);
  await parquet.add(rows);
  rows.clear();
}

function tickOf({ dataset }: Metadata, symbol: string): number {
  const productType = productTypeOf(dataset);
  const known = productType === 'equity_mbo' ? 0.01 : contractFacts(productRoot('future_mbo', symbol))?.tickSize;
  if (known !== undefined) return known;
  throw new SpymasterError(
    'USAGE',
    `Cannot tell how far orders are from the best price: the price step of ${symbol || 'the symbol'} is not known. Give it with --tick.`,
    { symbol, option: 'tick' },
  );
}

/** @throws USAGE for a kind that there is not */
export function parseKinds(text: string): OrderEventKind[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(orderEventKinds as readonly string[]).includes(name));
  if (unknown === undefined) return names as OrderEventKind[];
  throw new SpymasterError(
    'USAGE',
    `Cannot write events of kind ${unknown}: --kinds takes ${orderEventKinds.join(', ')}.`,
    {
      option: 'kinds',
    },
  );
}
