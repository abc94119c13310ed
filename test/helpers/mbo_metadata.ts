import type { Metadata } from '../../src/dbn/index.ts';

/** Metadata of an MBO file of one instrument's 2026-02-06, from 00:00 UTC to the next; `changes` stand in their place. */
export function mboMetadata(symbol: string, instrumentId: number, changes: Partial<Metadata> = {}): Metadata {
  const interval = { startDate: 20260206, endDate: 20260207, symbol: String(instrumentId) };
  return {
    version: 3,
    dataset: 'GLBX.MDP3',
    schema: 'mbo',
    start: 1_770_336_000_000_000_000n,
    end: 1_770_422_400_000_000_000n,
    limit: null,
    recordCount: null,
    stypeIn: 'raw_symbol',
    stypeOut: 'instrument_id',
    tsOut: false,
    symbolCstrLen: 71,
    symbols: [symbol],
    partial: [],
    notFound: [],
    mappings: [{ rawSymbol: symbol, intervals: [interval] }],
    ...changes,
  };
}
