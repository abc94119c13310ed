import type { Palette } from '../../shared/theme.ts';
import { formatDuration, formatPrice, formatSigned, formatValue } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import type { ChartBox, ChartState } from '../viewport/chart_state.ts';
import { type Viewport, xOf, yOf } from '../viewport/viewport.ts';
import { drawTextBox } from './text_box.ts';

/** Draws what follows the pointer: the crosshair and the measured box. */
export function drawPointer(
  context: CanvasRenderingContext2D,
  view: Viewport,
  session: Session,
  { crosshair, measure, zoomBox }: Pick<ChartState, 'crosshair' | 'measure' | 'zoomBox'>,
  palette: Palette,
): void {
  if (crosshair !== null) {
    context.strokeStyle = palette.neutral;
    context.setLineDash([3, 3]);
    context.lineWidth = 1;
    const x = Math.round(xOf(view, Math.floor(crosshair.time) + 0.5)) + 0.5;
    const y = Math.round(yOf(view, Math.floor(crosshair.price + 0.5))) + 0.5;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, view.heightPx);
    context.moveTo(0, y);
    context.lineTo(view.widthPx, y);
    context.stroke();
    context.setLineDash([]);
  }
  if (zoomBox !== null) drawBox(context, view, zoomBox, palette.accent, 0.14);
  if (measure !== null) drawMeasure(context, view, measure, session, palette);
}

function drawBox(context: CanvasRenderingContext2D, view: Viewport, box: ChartBox, colour: string, alpha: number) {
  const [x0, y0] = [xOf(view, box.from.time), yOf(view, box.from.price)];
  const [x1, y1] = [xOf(view, box.to.time), yOf(view, box.to.price)];
  context.fillStyle = colour;
  context.globalAlpha = alpha;
  context.fillRect(x0, y0, x1 - x0, y1 - y0);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.strokeRect(x0, y0, x1 - x0, y1 - y0);
}

/** What lies between the two corners of a measure, in words. */
export function measureLines({ contract, fills }: Session, { from, to }: ChartBox): string[] {
  const { tickInt, priceDecimals, cellNs, quantityUnit } = contract;
  const [fromTick, toTick] = [Math.floor(from.price + 0.5), Math.floor(to.price + 0.5)];
  const ticks = toTick - fromTick;
  const change = formatPrice(Math.abs(ticks), tickInt, priceDecimals);
  // Of a price at or below 0 a change is no share.
  const percent = fromTick > 0 ? ` · ${((ticks / fromTick) * 100).toFixed(3).replace('-', '−')} %` : '';
  const [first, last] = [Math.floor(Math.min(from.time, to.time)), Math.floor(Math.max(from.time, to.time))];
  let volume = 0;
  for (let seq = first; seq <= last; seq++) {
    for (const { tick, quantity } of fills.at(seq)) {
      if (tick >= Math.min(fromTick, toTick) && tick <= Math.max(fromTick, toTick)) volume += quantity;
    }
  }
  return [
    `${formatSigned(ticks)} ticks · ${ticks < 0 ? '−' : '+'}${change}${percent}`,
    `${formatDuration(((to.time - from.time) * cellNs) / 1e6)} · ${last - first + 1} bins`,
    `${formatValue(volume)} ${quantityUnit} filled in the box`,
  ];
}

function drawMeasure(
  context: CanvasRenderingContext2D,
  view: Viewport,
  measure: ChartBox,
  session: Session,
  palette: Palette,
): void {
  drawBox(context, view, measure, palette.accent, 0.14);
  const lines = measureLines(session, measure);
  const corner = [xOf(view, measure.to.time) + 10, yOf(view, measure.to.price) + 10] as const;
  drawTextBox(context, view, corner, lines, palette);
}
