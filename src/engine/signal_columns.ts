import { featureIndex, type OrderFeatures } from '../orders/index.ts';
import { isFeatureColumn, type SignalColumn, type SignalColumns } from '../signals/index.ts';
import type { GridFrame } from './frame.ts';

/** The columns that a signal reads of a bin: those of its grid, and features in rows of their own. */
export class BinColumns {
  readonly #columns: SignalColumns;
  readonly #features: readonly (readonly [index: number, rows: Float64Array])[];

  constructor(frame: GridFrame, names: readonly SignalColumn[]) {
    const features = names.filter(isFeatureColumn).map((name) => [name, new Float64Array(frame.rows)] as const);
    this.#columns = { ...frame.columns, ...Object.fromEntries(features) } as unknown as SignalColumns;
    this.#features = features.map(([name, rows]) => [featureIndex[name], rows]);
  }

  /** Takes the features of a bin; its grid is in the frame. */
  take(features: OrderFeatures | null): SignalColumns {
    for (const [index, rows] of this.#features) rows.fill(features === null ? Number.NaN : features.values[index]!);
    return this.#columns;
  }
}
