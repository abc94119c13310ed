import { formatQuantity, formatSigned } from '../../shared/numbers.ts';
import type { Bar } from '../session/bars.ts';
import { yOf } from '../viewport/viewport.ts';
import { drawFootprint } from './footprint_layer.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';
import { type PlacedBar, placeBars } from './placed_bar.ts';

/** Bars at least this wide have room for their volume and delta, in CSS pixels. */
const totalsPx = 44;

/** Draws bars as candles: hollow where the price rose, in the colour of the side that took more. */
export function drawCandles(drawing: OverlayDrawing, bars: readonly Bar[]): void {
  for (const placed of placeBars(drawing, bars)) {
    const body = Math.min(placed.width, 18);
    drawCandle(drawing, placed.bar, placed.left + (placed.width - body) / 2, body);
  }
}

/** Draws bars as footprints: sold and bought at each price. */
export function drawFootprints(drawing: OverlayDrawing, bars: readonly Bar[]): void {
  for (const { bar, left, width } of placeBars(drawing, bars)) {
    const candlePx = Math.min(8, width);
    drawCandle(drawing, bar, left, candlePx - 2);
    if (width > 12) drawFootprint(drawing, { bar, left: left + candlePx, width: width - candlePx });
    if (width >= totalsPx) drawTotals(drawing, { bar, left, width });
  }
}

function drawCandle({ context, view, palette }: OverlayDrawing, bar: Bar, left: number, width: number): void {
  const [high, low] = [yOf(view, bar.high + 0.5), yOf(view, bar.low - 0.5)];
  const [top, bottom] = [yOf(view, Math.max(bar.open, bar.close)), yOf(view, Math.min(bar.open, bar.close))];
  const middle = left + width / 2;
  const colour = bar.bought === bar.sold ? palette.neutral : bar.bought > bar.sold ? palette.bid : palette.ask;
  const height = Math.max(1.5, bottom - top);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(middle, high);
  context.lineTo(middle, top);
  context.moveTo(middle, top + height);
  context.lineTo(middle, low);
  context.stroke();
  if (bar.close > bar.open && width > 3) context.strokeRect(left + 0.5, top, width - 1, height);
  else context.fillRect(left, top, width, height);
}

/** Volume and delta of a bar, at the foot of the chart. */
function drawTotals({ context, view, palette }: OverlayDrawing, { bar, left, width }: PlacedBar): void {
  const delta = bar.bought - bar.sold;
  const y = view.heightPx - 32;
  context.fillStyle = palette.panel;
  context.globalAlpha = 0.85;
  context.fillRect(left, y, width, 30);
  context.globalAlpha = 1;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.fillStyle = palette.quiet;
  context.fillText(formatQuantity(bar.volume), left + width / 2, y + 26);
  context.fillStyle = delta === 0 ? palette.quiet : delta > 0 ? palette.bid : palette.ask;
  context.font = '650 11px system-ui, sans-serif';
  context.fillText(formatSigned(delta), left + width / 2, y + 12);
  context.textAlign = 'left';
}
