import { projectedScore } from '../session/projection.ts';
import type { Session } from '../session/session.ts';
import { type ColourScale, colourIndex } from '../viewport/colour_scale.ts';
import { type Viewport, visibleTicks, yOf } from '../viewport/viewport.ts';

/** The horizon furthest away keeps this much of its colour. */
const faintest = 0.35;

/** Draws the projected flow score per price, one column per horizon, paler the further away. */
export function drawProjection(
  context: CanvasRenderingContext2D,
  widthPx: number,
  view: Viewport,
  session: Session,
  scale: ColourScale,
  colours: Uint8Array,
): void {
  const { store, contract } = session;
  const horizonsMs = contract.config.projection_horizons_ms;
  const columnPx = widthPx / Math.max(1, horizonsMs.length);
  const step = Math.max(1, Math.ceil(view.ticksPerPx));
  const rowPx = step / view.ticksPerPx;
  const [first, end] = visibleTicks(view);
  for (const [column, horizonMs] of horizonsMs.entries()) {
    context.globalAlpha = 1 - ((1 - faintest) * column) / Math.max(1, horizonsMs.length - 1);
    for (let tick = Math.floor(first / step) * step; tick < end; tick += step) {
      let score = Number.NaN;
      for (let each = tick; each < tick + step; each++) {
        const candidate = projectedScore(store, store.head, each, horizonMs / 1000);
        if (!Number.isNaN(candidate) && !(Math.abs(candidate) <= Math.abs(score))) score = candidate;
      }
      if (Number.isNaN(score)) continue;
      const at = colourIndex(scale, score) * 4;
      context.fillStyle = `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
      context.fillRect(column * columnPx, yOf(view, tick + step - 0.5), columnPx - 1, rowPx + 0.3);
    }
  }
  context.globalAlpha = 1;
}
