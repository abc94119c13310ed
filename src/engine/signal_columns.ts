import { featureIndex, type OrderFeatures } from '../orders/index.ts';
import { isBinColumn, isFeatureColumn, type SignalColumn, type SignalColumns } from '../signals/index.ts';
import { type Bin, hasMid } from './bin.ts';
import type { GridFrame } from './frame.ts';

/** The columns that a signal reads of a bin: those of its grid, and the mid and features in rows of their own. */
export class BinColumns {
  readonly #columns: SignalColumns;
  readonly #tickInt: number;
  readonly #mid: Float64Array | null;
  readonly #features: readonly (readonly [index: number, rows: Float64Array])[];

  /** `tickInt`: a tick of the grid in 1e-9 price units. */
  constructor(frame: GridFrame, names: readonly SignalColumn[], tickInt: number) {
    const rows = Object.fromEntries(names.filter(isBinColumn).map((name) => [name, new Float64Array(frame.rows)]));
    this.#columns = { ...frame.columns, ...rows } as unknown as SignalColumns;
    this.#tickInt = tickInt;
    this.#mid = rows.mid ?? null;
    this.#features = names.filter(isFeatureColumn).map((name) => [featureIndex[name], this.#columns[name]]);
  }

  /** Takes a bin and its features; its grid is in the frame. */
  take(bin: Bin, features: OrderFeatures | null): SignalColumns {
    this.#mid?.fill(midTicks(bin, this.#tickInt));
    for (const [index, rows] of this.#features) rows.fill(features === null ? Number.NaN : features.values[index]!);
    return this.#columns;
  }
}

/** The mid in ticks, exact for prices on ticks; NaN without both sides. */
function midTicks(bin: Bin, tickInt: number): number {
  return hasMid(bin) ? (bin.bestBidPriceInt + bin.bestAskPriceInt) / 2 / tickInt : Number.NaN;
}
