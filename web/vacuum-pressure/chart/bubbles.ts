import { xOf, yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

const largestRadiusPx = 10;
const smallestRadiusPx = 1.5;
/** Fills closer together than this are drawn as one: in time, and in price. */
const mergePx = 13;
const mergePricePx = 8;

/** A power of two that is at least `count`, so that groups stay while one pans. */
function powerOfTwo(count: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(count)));
}

/** Bins that are merged into one bubble. */
export function bubbleBins(binsPerPx: number): number {
  return powerOfTwo(mergePx * binsPerPx);
}

/** Draws fills as circles whose area is the quantity; blue where buyers took most of it, above the mid, else orange. */
export function drawBubbles({ context, view, session, palette }: OverlayDrawing): void {
  const { fillGroups } = session;
  const size = bubbleBins(view.binsPerPx);
  const ticks = powerOfTwo(mergePricePx * view.ticksPerPx);
  const first = Math.max(0, Math.floor(view.left / size));
  const end = Math.ceil((view.left + view.widthPx * view.binsPerPx) / size);
  let largest = 0;
  for (let group = first; group < end; group++) {
    for (const { quantity } of fillGroups.at(size, group, ticks)) largest = Math.max(largest, quantity);
  }
  if (largest === 0) return;
  const perQuantity = largestRadiusPx / Math.sqrt(largest);
  for (const side of [1, -1] as const) {
    context.beginPath();
    for (let group = first; group < end; group++) {
      const fills = fillGroups.at(size, group, ticks);
      if (fills.length === 0) continue;
      const x = xOf(view, (group + 0.5) * size);
      for (const { tick, quantity, bought } of fills) {
        const radius = Math.sqrt(quantity) * perQuantity;
        if (radius < smallestRadiusPx || 2 * bought >= quantity !== (side === 1)) continue;
        const y = yOf(view, tick);
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    }
    context.fillStyle = side === 1 ? palette.bid : palette.ask;
    context.globalAlpha = 0.55;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = palette.page;
    context.lineWidth = 1;
    context.stroke();
  }
}
