import { xOf, yOf } from '../model/viewport.ts';
import type { OverlayDrawing } from './overlay.ts';

const largestRadiusPx = 10;
const smallestRadiusPx = 1.5;
/** Fills closer together in time than this are drawn as one. */
const mergePx = 13;

/** Bins that are merged into one bubble: a power of two, so that groups stay while one pans. */
export function bubbleBins(binsPerPx: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(mergePx * binsPerPx)));
}

/** Draws fills as circles whose area is the quantity; blue above the mid, where buyers took, orange below it. */
export function drawBubbles({ context, view, session, palette }: OverlayDrawing): void {
  const { fillGroups, store } = session;
  const size = bubbleBins(view.binsPerPx);
  const first = Math.max(0, Math.floor(view.left / size));
  const end = Math.ceil((view.left + view.widthPx * view.binsPerPx) / size);
  let largest = 0;
  for (let group = first; group < end; group++) {
    for (const { quantity } of fillGroups.at(size, group)) largest = Math.max(largest, quantity);
  }
  if (largest === 0) return;
  const perQuantity = largestRadiusPx / Math.sqrt(largest);
  for (const side of [1, -1] as const) {
    context.beginPath();
    for (let group = first; group < end; group++) {
      const fills = fillGroups.at(size, group);
      if (fills.length === 0) continue;
      const mid = store.bin('midTick', group * size);
      const x = xOf(view, (group + 0.5) * size);
      for (const { tick, quantity } of fills) {
        const radius = Math.sqrt(quantity) * perQuantity;
        if (radius < smallestRadiusPx || tick >= mid !== (side === 1)) continue;
        const y = yOf(view, tick);
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    }
    context.fillStyle = side === 1 ? palette.up : palette.down;
    context.globalAlpha = 0.55;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = palette.page;
    context.lineWidth = 1;
    context.stroke();
  }
}
