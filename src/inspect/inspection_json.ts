import { snakeCaseKeys } from '../name_case.ts';
import type { InspectionReport, InstrumentReport } from './inspection.ts';
import type { Input } from './source.ts';

/** The report of `inspect` for scripts: snake_case keys, 64-bit values as decimal strings (bigint here). */
export function jsonReport(source: Input, report: InspectionReport, isBeingRecorded: boolean): object {
  const { metadata } = source;
  const { snapshot } = report;
  return {
    size_bytes: source.sizeBytes ?? source.bytesRead,
    container: source.container,
    is_being_recorded: isBeingRecorded,
    torn_tail_bytes: source.tornTail?.bytes ?? 0,
    metadata:
      metadata === null
        ? null
        : {
            version: metadata.version,
            dataset: metadata.dataset,
            schema: metadata.schema,
            start_ns: metadata.start,
            end_ns: metadata.end,
            stype_in: metadata.stypeIn,
            stype_out: metadata.stypeOut,
            symbols: metadata.symbols,
            partial: metadata.partial,
            not_found: metadata.notFound,
            mappings: metadata.mappings.map(({ rawSymbol, intervals }) => ({
              raw_symbol: rawSymbol,
              intervals: intervals.map(({ startDate, endDate, symbol }) => ({
                start_date: startDate,
                end_date: endDate,
                symbol,
              })),
            })),
          },
    records: report.records,
    records_by_type: Object.fromEntries(report.byType),
    records_by_action: Object.fromEntries(report.byAction),
    records_by_flags: Object.fromEntries(report.byFlags),
    first_ts_event_ns: report.firstNs,
    last_ts_event_ns: report.lastNs,
    peak_records_per_s: report.peakPerS,
    snapshot:
      snapshot === null
        ? null
        : {
            records: snapshot.records,
            ts_recv_ns: snapshot.receivedNs,
            oldest_ts_event_ns: snapshot.oldestNs,
            at_start: snapshot.first,
            has_clear: snapshot.hasClear,
            has_last: snapshot.hasLast,
          },
    gaps: {
      count: report.gaps.count,
      missing_ns: report.gaps.missingNs,
      list: report.gaps.listed.map(({ fromNs, toNs, cause }) => ({ from_ns: fromNs, to_ns: toNs, cause })),
    },
    instruments: report.instruments.map(({ instrumentId, symbol, publisherId, records, book }) => ({
      instrument_id: instrumentId,
      symbol,
      publisher_id: publisherId,
      records,
      book: book === null ? null : bookJson(book),
    })),
  };
}

function bookJson(book: NonNullable<InstrumentReport['book']>): object {
  const { counters, acting, orders, bidLevels, askLevels, bestBid, bestAsk, valid, executions, frontShare } = book;
  return {
    acting_records: acting,
    orders,
    bid_levels: bidLevels,
    ask_levels: askLevels,
    best_bid_price_int: bestBid === null ? null : BigInt(bestBid),
    best_ask_price_int: bestAsk === null ? null : BigInt(bestAsk),
    book_valid: valid,
    executions,
    front_share: frontShare,
    counters: snakeCaseKeys({ ...counters }),
  };
}
