import { isBinColumn, type SignalColumn, type SignalColumns, type SignalContext } from '../../signals/index.ts';
import { randomSource } from '../../statistics/index.ts';

type Column = Float64Array | Int8Array;

/** Most size of a value of made-up columns, as those of a market have: many small ones and few large ones. */
const heavyTail = 3;

/** Bins before mid and features of a market that never was are known. */
const unknownBins = 20;

/** Columns of a market that never was: seeded, of all sizes, the codes −2 … 2; mid and features are not known in its first bins. */
export function madeColumns(names: readonly SignalColumn[], bins: number, context: SignalContext): SignalColumns {
  const size = bins * (2 * context.radius + 1);
  return Object.fromEntries(
    names.map((name, index) => [name, filled(name, shared(name, size), index + 1, 0, context)]),
  ) as unknown as SignalColumns;
}

/** The first `bins` bins of columns, and nothing behind them. */
export function cutColumns(columns: SignalColumns, bins: number, context: SignalContext): SignalColumns {
  const size = bins * (2 * context.radius + 1);
  return mapColumns(columns, (name, column) => {
    const copy = shared(name, size);
    copy.set(column.subarray(0, size));
    return copy;
  });
}

/** Columns with noise in the place of every bin from `from` on. */
export function noisyColumns(columns: SignalColumns, from: number, context: SignalContext): SignalColumns {
  const start = from * (2 * context.radius + 1);
  return mapColumns(columns, (name, column) => {
    const copy = shared(name, column.length);
    copy.set(column);
    return filled(name, copy, 7919, start, context);
  });
}

function mapColumns(columns: SignalColumns, make: (name: SignalColumn, column: Column) => Column): SignalColumns {
  const entries = Object.entries(columns) as [SignalColumn, Column][];
  return Object.fromEntries(entries.map(([name, column]) => [name, make(name, column)])) as unknown as SignalColumns;
}

function shared(name: SignalColumn, size: number): Column {
  if (name === 'state5_code' || name === 'flow_state_code') return new Int8Array(new SharedArrayBuffer(size));
  return new Float64Array(new SharedArrayBuffer(size * 8));
}

function filled(name: SignalColumn, column: Column, seed: number, start: number, context: SignalContext): Column {
  const random = randomSource(seed);
  if (isBinColumn(name)) {
    const rows = 2 * context.radius + 1;
    for (let at = start; at < column.length; at += rows) {
      const value = (2 * random.below(2 ** 32)) / 2 ** 32 - 1;
      column.fill(at < unknownBins * rows ? Number.NaN : value ** heavyTail, at, at + rows);
    }
    return column;
  }
  const isSigned = name.startsWith('a_') || name.startsWith('j_') || name.endsWith('_variant') || name === 'flow_score';
  for (let at = start; at < column.length; at++) {
    const value = random.below(2 ** 32) / 2 ** 32;
    if (column instanceof Int8Array) column[at] = Math.floor(value * 5) - 2;
    else column[at] = isSigned ? (2 * value - 1) ** heavyTail : value ** heavyTail;
  }
  return column;
}
