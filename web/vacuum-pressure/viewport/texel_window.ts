import type { Viewport } from './viewport.ts';

/**
 * A rectangle of the heatmap's texels, half-open. Along each axis a texel is what is larger: a bin or tick, or a device pixel of the zoom.
 * Columns count from the start of the time axis, rows from price 0 upwards.
 */
export interface TexelWindow {
  readonly firstColumn: number;
  readonly endColumn: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/** Bins or ticks [first, end). */
export type Stretch = readonly [first: number, end: number];

/** Bins and ticks that a device pixel covers. */
export type PixelSteps = readonly [bins: number, ticks: number];

/** Column and row of the texel that the top left of a drawn viewport lies in, or that is the pixel there. */
export function texelAtOrigin({ left, top }: Viewport, [bins, ticks]: PixelSteps): [column: number, row: number] {
  return [bins > 1 ? Math.round(left / bins) : Math.floor(left), ticks > 1 ? Math.round(top / ticks) : Math.floor(top)];
}

/** The texels that `width` × `height` device pixels of a drawn viewport show, and one beyond where rounding might reach it. */
export function texelWindow(view: Viewport, steps: PixelSteps, width: number, height: number): TexelWindow {
  const [bins, ticks] = steps;
  const [column, row] = texelAtOrigin(view, steps);
  const [firstColumn, endColumn] =
    bins > 1 ? [column, column + width] : [column - 1, Math.floor(view.left + width * bins) + 2];
  const [firstRow, endRow] =
    ticks > 1 ? [row - height + 1, row + 1] : [Math.floor(view.top - height * ticks) - 1, row + 3];
  return { firstColumn, endColumn, firstRow, endRow };
}

/** The columns that show any of the bins. */
export function columnsOf([first, end]: Stretch, [bins]: PixelSteps): Stretch {
  return bins > 1 ? [Math.floor(first / bins) - 1, Math.ceil(end / bins) + 1] : [first, end];
}

/**
 * What has to be painted for `needed` where `kept` was painted before, of which some columns have changed since. Parts may overlap.
 * @param kept null: nothing
 */
export function partsToPaint(
  kept: TexelWindow | null,
  needed: TexelWindow,
  changed: readonly Stretch[],
): TexelWindow[] {
  if (kept === null) return [needed];
  const firstColumn = Math.max(kept.firstColumn, needed.firstColumn);
  const endColumn = Math.min(kept.endColumn, needed.endColumn);
  const firstRow = Math.max(kept.firstRow, needed.firstRow);
  const endRow = Math.min(kept.endRow, needed.endRow);
  if (firstColumn >= endColumn || firstRow >= endRow) return [needed];
  const parts = [
    { ...needed, endColumn: firstColumn },
    { ...needed, firstColumn: endColumn },
    { firstColumn, endColumn, firstRow: needed.firstRow, endRow: firstRow },
    { firstColumn, endColumn, firstRow: endRow, endRow: needed.endRow },
    ...united(changed).map(([first, end]) => ({
      ...needed,
      firstColumn: Math.max(first, firstColumn),
      endColumn: Math.min(end, endColumn),
    })),
  ];
  return parts.filter((part) => part.firstColumn < part.endColumn && part.firstRow < part.endRow);
}

/** The same numbers in stretches that neither overlap nor touch. */
function united(stretches: readonly Stretch[]): Stretch[] {
  const out: [number, number][] = [];
  for (const [first, end] of stretches.toSorted(([a], [b]) => a - b)) {
    const last = out.at(-1);
    if (last !== undefined && first <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([first, end]);
  }
  return out;
}

/** Where numbers [first, end), at most `size` of them, lie in a ring of `size` places: a run, or two about the seam. */
export function runsInRing(
  first: number,
  end: number,
  size: number,
): { readonly first: number; readonly place: number; readonly count: number }[] {
  const place = ((first % size) + size) % size;
  const count = Math.min(end - first, size - place);
  const run = { first, place, count };
  return count === end - first ? [run] : [run, { first: first + count, place: 0, count: end - first - count }];
}
