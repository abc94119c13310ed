import type { Fill } from '../session/fills.ts';
import { formatQuantity } from '../session/format.ts';
import { xOf, yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

const largestRadiusPx = 14;
const smallestRadiusPx = 1.5;
/** Bubbles at least this large have an outline. */
const outlinedPx = 6;
const opacity = 0.35;
/** Fills closer together than this are one bubble, in time and in price. */
const mergePx = 8;
/** On average there is a bubble for so many pixels of the chart's width; smaller fills are left out. */
const pxPerBubble = 9;

/** A power of two that is at least `count`, so that groups stay while one pans. */
export function powerOfTwo(count: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(count)));
}

/** Bins that are merged into one bubble. */
export function bubbleBins(binsPerPx: number): number {
  return powerOfTwo(mergePx * binsPerPx);
}

const roundDigits = [1, 1.5, 2, 3, 5, 7, 10];

/** A round number that is at least `quantity`: cut-offs and scales that change seldom. */
export function roundUp(quantity: number): number {
  const power = 10 ** Math.floor(Math.log10(quantity));
  const digit = quantity / power;
  return Math.ceil((roundDigits.find((round) => round >= digit) ?? 10) * power);
}

/** The smallest quantity that is drawn, so that at most `most` bubbles are, all of them when they are fewer. */
export function smallestShown(quantities: readonly number[], most: number): number {
  if (quantities.length <= most) return 1;
  const ascending = Float64Array.from(quantities).sort();
  return roundUp((ascending.at(-1 - Math.floor(most)) ?? 0) + 1);
}

/** How fills in view are drawn: from which quantity on, and their radius for the root of the quantity. */
export interface BubbleScale {
  readonly least: number;
  readonly perRoot: number;
}

/** Calls `take` with the fills in view, gathered in groups of bins whose middle lies at `x`. */
function eachFill({ view, session }: OverlayDrawing, take: (fill: Fill, x: number) => void): void {
  const size = bubbleBins(view.binsPerPx);
  const ticks = powerOfTwo(mergePx * view.ticksPerPx);
  const first = Math.max(0, Math.floor(view.left / size));
  const end = Math.ceil((view.left + view.widthPx * view.binsPerPx) / size);
  for (let group = first; group < end; group++) {
    const x = xOf(view, (group + 0.5) * size);
    for (const fill of session.fillGroups.at(size, group, ticks)) take(fill, x);
  }
}

/** The scale of the fills in view; null where there are none. */
export function bubbleScale(drawing: OverlayDrawing): BubbleScale | null {
  const quantities: number[] = [];
  let largest = 0;
  eachFill(drawing, ({ quantity }) => {
    quantities.push(quantity);
    largest = Math.max(largest, quantity);
  });
  if (largest === 0) return null;
  return {
    least: smallestShown(quantities, Math.max(20, drawing.view.widthPx / pxPerBubble)),
    perRoot: largestRadiusPx / Math.sqrt(roundUp(largest)),
  };
}

/**
 * Draws fills as circles whose area is the quantity; in the buyers' colour where they took most of it, above the mid, else
 * in the sellers'. Circles of a side are one shape, so that they do not darken each other.
 */
export function drawBubbles(drawing: OverlayDrawing, { least, perRoot }: BubbleScale): void {
  const { context, view, palette } = drawing;
  const sides = [
    { colour: palette.ask, circles: new Path2D(), outline: new Path2D() },
    { colour: palette.bid, circles: new Path2D(), outline: new Path2D() },
  ] as const;
  eachFill(drawing, ({ tick, quantity, bought }, x) => {
    if (quantity < least) return;
    const { circles, outline } = sides[2 * bought >= quantity ? 1 : 0];
    const radius = Math.min(largestRadiusPx, Math.max(smallestRadiusPx, Math.sqrt(quantity) * perRoot));
    const y = yOf(view, tick);
    circles.moveTo(x + radius, y);
    circles.arc(x, y, radius, 0, 2 * Math.PI);
    if (2 * radius < outlinedPx) return;
    outline.moveTo(x + radius, y);
    outline.arc(x, y, radius, 0, 2 * Math.PI);
  });
  context.globalAlpha = opacity;
  context.lineWidth = 1;
  for (const { colour, circles, outline } of [sides[1], sides[0]]) {
    context.fillStyle = colour;
    context.fill(circles);
    context.strokeStyle = colour;
    context.stroke(outline);
  }
  context.globalAlpha = 1;
}

/** Says from which size on fills are drawn, where some are left out. */
export function drawSmallest({ context, view, session, palette }: OverlayDrawing, least: number): void {
  if (least <= 1) return;
  const text = `fills from ${formatQuantity(least)} ${session.contract.quantityUnit}`;
  context.font = '11px system-ui, sans-serif';
  const y = view.heightPx - 18;
  context.fillStyle = palette.panel;
  context.globalAlpha = 0.8;
  context.fillRect(6, y - 12, context.measureText(text).width + 8, 17);
  context.globalAlpha = 1;
  context.fillStyle = palette.quiet;
  context.fillText(text, 10, y);
}
