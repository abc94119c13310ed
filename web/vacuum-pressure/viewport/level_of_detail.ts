import type { ColumnName } from '../../../src/engine/index.ts';
import type { ColourMapKind } from '../../shared/colour/colour_maps.ts';
import { noTick, type SessionStore } from '../session/session_store.ts';

/** Bins per block of each level; level 0 is the bins themselves. */
export const blockBins = [1, 4, 16, 64] as const;
export type Level = 0 | 1 | 2 | 3;

/** The coarsest level whose blocks are no wider than a pixel. */
export function levelFor(binsPerPx: number): Level {
  let level: Level = 0;
  for (let next = 1; next < blockBins.length; next++) if (blockBins[next]! <= binsPerPx) level = next as Level;
  return level;
}

/** Rows of a block of many bins: room for spot to wander by a window's height, and a power of two. */
export function blockRows(rows: number): number {
  return 2 ** Math.ceil(Math.log2(2 * rows));
}

/** What bins of a block hold any cells, from `lowTick` up to `endTick`. */
export interface BlockExtent {
  readonly lowTick: number;
  readonly endTick: number;
  /** Spot wandered too far for `blockRows`: the block's cells have to be read bin by bin. */
  readonly overflow: boolean;
  readonly anyBin: boolean;
  readonly anyInvalid: boolean;
}

/** The value that stands for many cells: their largest, so that walls stay; or their mean, so that noise goes. */
export type Reduction = 'largest' | 'mean';

/** Amounts are reduced to their largest, what has a sign to its mean. */
export const reductionOf = (kind: ColourMapKind): Reduction => (kind === 'sequential' ? 'largest' : 'mean');

/**
 * Reduces a block of bins to a pair for each tick, kept at row `tick mod rowsOut` of `out` (2 · rowsOut numbers, a power of
 * two): the largest value or the sum of all, and the number of bins that have one, 0 where none has. `scratch` holds one
 * bin's cells.
 */
export function reduceBlock(
  store: SessionStore,
  column: ColumnName,
  reduction: Reduction,
  level: Level,
  block: number,
  rowsOut: number,
  out: Float32Array,
  scratch: Float32Array,
): BlockExtent {
  const bins = blockBins[level];
  const { rows } = store.contract;
  let lowTick = Number.POSITIVE_INFINITY;
  let endTick = Number.NEGATIVE_INFINITY;
  let anyBin = false;
  let anyInvalid = false;
  for (let seq = block * bins; seq < (block + 1) * bins; seq++) {
    if (!store.has(seq)) continue;
    anyBin = true;
    if (store.bin('bookValid', seq) === 0) anyInvalid = true;
    const base = store.baseTick(seq);
    if (base === noTick || !store.hasCells(column, seq)) continue;
    lowTick = Math.min(lowTick, base);
    endTick = Math.max(endTick, base + rows);
  }
  if (endTick < lowTick) return { lowTick: 0, endTick: 0, overflow: false, anyBin, anyInvalid };
  if (endTick - lowTick > rowsOut) return { lowTick, endTick, overflow: true, anyBin, anyInvalid };
  out.fill(0);
  const mask = 2 * rowsOut - 1;
  for (let seq = block * bins; seq < (block + 1) * bins; seq++) {
    const base = store.baseTick(seq);
    if (base === noTick || !store.copyCells(column, seq, scratch, 0)) continue;
    let cell = (2 * base) & mask;
    for (let row = 0; row < rows; row++, cell = (cell + 2) & mask) {
      const value = scratch[row]!;
      if (Number.isNaN(value)) continue;
      if (reduction === 'mean') out[cell]! += value;
      else if (out[cell + 1] === 0 || value > out[cell]!) out[cell] = value;
      out[cell + 1]!++;
    }
  }
  return { lowTick, endTick, overflow: false, anyBin, anyInvalid };
}
