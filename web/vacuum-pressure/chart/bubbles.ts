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

interface Bubble extends Fill {
  readonly x: number;
}

/**
 * Draws fills as circles whose area is the quantity; in the buyers' colour where they took most of it, above the mid, else
 * in the sellers'. Circles of a side are one shape, so that they do not darken each other. Returns the smallest quantity
 * that is drawn.
 */
export function drawBubbles({ context, view, session, palette }: OverlayDrawing): number {
  const { fillGroups } = session;
  const size = bubbleBins(view.binsPerPx);
  const ticks = powerOfTwo(mergePx * view.ticksPerPx);
  const first = Math.max(0, Math.floor(view.left / size));
  const end = Math.ceil((view.left + view.widthPx * view.binsPerPx) / size);
  const bubbles: Bubble[] = [];
  for (let group = first; group < end; group++) {
    const x = xOf(view, (group + 0.5) * size);
    for (const fill of fillGroups.at(size, group, ticks)) bubbles.push({ ...fill, x });
  }
  const least = smallestShown(
    bubbles.map(({ quantity }) => quantity),
    Math.max(20, view.widthPx / pxPerBubble),
  );
  let largest = 0;
  for (const { quantity } of bubbles) largest = Math.max(largest, quantity);
  if (largest === 0) return 1;
  const perRoot = largestRadiusPx / Math.sqrt(roundUp(largest));
  for (const side of [1, -1] as const) {
    const outline = new Path2D();
    context.beginPath();
    for (const { x, tick, quantity, bought } of bubbles) {
      if (quantity < least || 2 * bought >= quantity !== (side === 1)) continue;
      const radius = Math.min(largestRadiusPx, Math.max(smallestRadiusPx, Math.sqrt(quantity) * perRoot));
      const y = yOf(view, tick);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
      if (2 * radius < outlinedPx) continue;
      outline.moveTo(x + radius, y);
      outline.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fillStyle = side === 1 ? palette.bid : palette.ask;
    context.globalAlpha = opacity;
    context.fill();
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 1;
    context.stroke(outline);
    context.globalAlpha = 1;
  }
  return least;
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
