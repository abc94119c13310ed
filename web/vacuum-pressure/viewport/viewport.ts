/**
 * What part of the session the chart shows. Bin `seq` covers [seq, seq + 1) of the time axis; tick t covers
 * [t − 1/2, t + 1/2) of the price axis. Pixels are CSS pixels from the chart's top left corner.
 */
export interface Viewport {
  /** Position on the time axis, in bins, at the left edge. */
  readonly left: number;
  readonly binsPerPx: number;
  /** Position on the price axis, in ticks, at the top edge. */
  readonly top: number;
  readonly ticksPerPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export const binsPerPxRange = [1 / 64, 64] as const;
export const ticksPerPxRange = [1 / 64, 8] as const;

const clamp = (value: number, [low, high]: readonly [number, number]) => Math.min(Math.max(value, low), high);

export const xOf = (view: Viewport, seq: number) => (seq - view.left) / view.binsPerPx;
export const yOf = (view: Viewport, tick: number) => (view.top - tick) / view.ticksPerPx;
/** Position on the time axis at a pixel, in bins. */
export const timeAt = (view: Viewport, xPx: number) => view.left + xPx * view.binsPerPx;
/** Position on the price axis at a pixel, in ticks. */
export const priceAt = (view: Viewport, yPx: number) => view.top - yPx * view.ticksPerPx;
export const seqAt = (view: Viewport, xPx: number) => Math.floor(timeAt(view, xPx));
export const tickAt = (view: Viewport, yPx: number) => Math.floor(priceAt(view, yPx) + 0.5);

/** A point of the chart, in bins and ticks. */
export interface ChartPoint {
  readonly time: number;
  readonly price: number;
}

/** The point of the chart at a pixel. */
export function pointAt(view: Viewport, xPx: number, yPx: number): ChartPoint {
  return { time: timeAt(view, xPx), price: priceAt(view, yPx) };
}

/** Bins that are at least partly in view, half-open. */
export function visibleBins(view: Viewport): readonly [first: number, end: number] {
  return [Math.floor(view.left), Math.ceil(timeAt(view, view.widthPx))];
}

/** Groups of max(1, binsPerPx) bins that are at least partly in view, half-open, none below 0 (`BinSummary`). */
export function visibleGroups(view: Viewport): readonly [first: number, end: number] {
  const step = Math.max(1, view.binsPerPx);
  const end = Math.max(0, Math.ceil(timeAt(view, view.widthPx) / step - 1e-6));
  return [Math.min(end, Math.max(0, Math.floor(view.left / step + 1e-6))), end];
}

/** Ticks that are at least partly in view, half-open. */
export function visibleTicks(view: Viewport): readonly [first: number, end: number] {
  return [tickAt(view, view.heightPx), tickAt(view, 0) + 1];
}

/** Zooms time by `factor` (below 1 magnifies), keeping the time at `xPx` where it is. */
export function zoomTime(view: Viewport, factor: number, xPx: number): Viewport {
  const binsPerPx = clamp(view.binsPerPx * factor, binsPerPxRange);
  return { ...view, binsPerPx, left: timeAt(view, xPx) - xPx * binsPerPx };
}

/** Zooms price by `factor` (below 1 magnifies), keeping the price at `yPx` where it is. */
export function zoomPrice(view: Viewport, factor: number, yPx: number): Viewport {
  const ticksPerPx = clamp(view.ticksPerPx * factor, ticksPerPxRange);
  return { ...view, ticksPerPx, top: priceAt(view, yPx) + yPx * ticksPerPx };
}

/** The price axis over ticks from `low` to `high`, in the middle where the closest zoom shows more. */
export function priceFit(low: number, high: number, heightPx: number): Pick<Viewport, 'top' | 'ticksPerPx'> {
  const ticksPerPx = clamp((high - low) / heightPx, ticksPerPxRange);
  return { ticksPerPx, top: (low + high) / 2 + (heightPx / 2) * ticksPerPx };
}

/** Moves the picture by a number of pixels, as if it was dragged. */
export function pan(view: Viewport, dxPx: number, dyPx: number): Viewport {
  return { ...view, left: view.left - dxPx * view.binsPerPx, top: view.top + dyPx * view.ticksPerPx };
}

/** Gives the chart another size; the right edge and the middle price stay. */
export function resize(view: Viewport, widthPx: number, heightPx: number): Viewport {
  const right = timeAt(view, view.widthPx);
  const middle = priceAt(view, view.heightPx / 2);
  return {
    ...view,
    widthPx,
    heightPx,
    left: right - widthPx * view.binsPerPx,
    top: middle + (heightPx / 2) * view.ticksPerPx,
  };
}

/** Fills the chart with the box between two pixels. */
export function zoomToBox(view: Viewport, x0Px: number, y0Px: number, x1Px: number, y1Px: number): Viewport {
  const [left, right] = [timeAt(view, Math.min(x0Px, x1Px)), timeAt(view, Math.max(x0Px, x1Px))];
  const [top, bottom] = [priceAt(view, Math.min(y0Px, y1Px)), priceAt(view, Math.max(y0Px, y1Px))];
  const binsPerPx = clamp((right - left) / view.widthPx, binsPerPxRange);
  const ticksPerPx = clamp((top - bottom) / view.heightPx, ticksPerPxRange);
  return {
    ...view,
    binsPerPx,
    ticksPerPx,
    left: (left + right) / 2 - (view.widthPx / 2) * binsPerPx,
    top: (top + bottom) / 2 + (view.heightPx / 2) * ticksPerPx,
  };
}

/**
 * The viewport that is drawn: its edges lie on multiples of what a device pixel covers, so that what a pixel sums up does
 * not change as the picture scrolls, and the picture moves by whole pixels.
 */
export function drawnViewport(view: Viewport, pixelRatio = 1): Viewport {
  const snap = (value: number, step: number) => Math.round(value / step) * step;
  const left = snap(view.left, view.binsPerPx / pixelRatio);
  return { ...view, left, top: snap(view.top, view.ticksPerPx / pixelRatio) };
}

export const followModes = ['centre', 'margin', 'locked'] as const;
/** How the price axis follows spot: always centred, moved only when spot nears an edge, or not at all. */
export type FollowMode = (typeof followModes)[number];

/** Part of the height that spot may not enter in mode `margin`. */
const marginShare = 0.2;

/**
 * The viewport that follows: the newest bin at the right edge, and spot where `mode` wants it. Without a spot the price
 * axis stays.
 */
export function follow(view: Viewport, mode: FollowMode, newestSeq: number, spot: number): Viewport {
  const left = newestSeq + 1 - view.widthPx * view.binsPerPx;
  const heightTicks = view.heightPx * view.ticksPerPx;
  if (Number.isNaN(spot) || mode === 'locked') return { ...view, left };
  if (mode === 'centre') return { ...view, left, top: spot + heightTicks / 2 };
  const highestTop = spot + heightTicks * (1 - marginShare);
  const lowestTop = spot + heightTicks * marginShare;
  return { ...view, left, top: clamp(view.top, [lowestTop, highestTop]) };
}
