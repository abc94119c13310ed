import type { SessionTrade } from '../../shared/session_trade.ts';
import { formatFixed } from '../session/format.ts';
import { xOf, yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

const markPx = 7;
const haloPx = 2;
const labelPx = 18;

/** Draws a trade over all that the market did: its entry, its exit, the line between, and how it ended. */
export function drawTrade(drawing: OverlayDrawing, trade: SessionTrade, timeOf: (unixMs: number) => number): void {
  const { view, session } = drawing;
  const point = (unixMs: number, price: number): Point => ({
    x: xOf(view, timeOf(unixMs) + 0.5),
    y: yOf(view, (price * 1e9) / session.contract.tickInt),
  });
  const { executed } = trade;
  // In the real book it is the fills that are drawn; an entry without one is an order alone.
  const held = executed === null ? trade : executed.held;
  const entry = point(held?.entryMs ?? trade.entryMs, held?.entryPrice ?? trade.entryPrice);
  const exit = point(held?.exitMs ?? trade.exitMs, held?.exitPrice ?? trade.exitPrice);
  if (![entry.x, entry.y, exit.x, exit.y].every(Number.isFinite)) return;
  drawMoments(drawing, entry, exit);
  if (held === null) {
    drawOutcome(drawing, entry, `${executed?.outcome} · at the mid ${formatFixed(trade.netTicks, 2)} ticks`);
    return;
  }
  drawPath(drawing, entry, exit);
  drawEntry(drawing, entry, trade.side === 'long' ? -1 : 1);
  drawExit(drawing, exit);
  const { outcome } = executed ?? trade;
  const beside = executed === null ? '' : ` · at the mid ${formatFixed(trade.netTicks, 2)}`;
  drawOutcome(drawing, exit, `${outcome} ${formatFixed(held.netTicks, 2)} ticks${beside}`);
}

/** Where the trade lies in time, for when its price is out of view. */
function drawMoments({ context, view, palette }: OverlayDrawing, entry: Point, exit: Point): void {
  context.globalAlpha = 0.35;
  context.fillStyle = palette.ours;
  for (const { x } of [entry, exit]) context.fillRect(Math.round(x), 0, 1, view.heightPx);
  context.globalAlpha = 1;
}

function drawPath({ context, palette }: OverlayDrawing, entry: Point, exit: Point): void {
  context.beginPath();
  context.moveTo(entry.x, entry.y);
  context.lineTo(exit.x, exit.y);
  context.strokeStyle = palette.page;
  context.lineWidth = 2 + 2 * haloPx;
  context.stroke();
  context.strokeStyle = palette.ours;
  context.lineWidth = 2;
  context.setLineDash([6, 4]);
  context.stroke();
  context.setLineDash([]);
}

/** A triangle whose tip is the fill: it points up for a purchase. */
function drawEntry({ context, palette }: OverlayDrawing, { x, y }: Point, direction: 1 | -1): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - markPx, y - direction * 2 * markPx);
  context.lineTo(x + markPx, y - direction * 2 * markPx);
  context.closePath();
  fillMark(context, palette);
}

function drawExit({ context, palette }: OverlayDrawing, { x, y }: Point): void {
  context.beginPath();
  context.rect(x - markPx + 1, y - markPx + 1, 2 * markPx - 2, 2 * markPx - 2);
  fillMark(context, palette);
}

function fillMark(context: CanvasRenderingContext2D, palette: OverlayDrawing['palette']): void {
  context.lineJoin = 'round';
  context.strokeStyle = palette.page;
  context.lineWidth = 2 * haloPx;
  context.stroke();
  context.fillStyle = palette.ours;
  context.fill();
}

/** The outcome beside the exit, inside the chart while the exit is. */
function drawOutcome({ context, view, palette }: OverlayDrawing, { x, y }: Point, text: string): void {
  if (x < 0 || x > view.widthPx || y < 0 || y > view.heightPx) return;
  context.font = '600 11px system-ui, sans-serif';
  const widthPx = context.measureText(text).width + 12;
  const isRight = x + markPx + 4 + widthPx <= view.widthPx;
  const left = isRight ? x + markPx + 4 : x - markPx - 4 - widthPx;
  const top = Math.min(Math.max(y - labelPx / 2, 0), view.heightPx - labelPx);
  context.fillStyle = palette.panel;
  context.fillRect(left, top, widthPx, labelPx);
  context.strokeStyle = palette.ours;
  context.lineWidth = 1;
  context.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, Math.round(widthPx) - 1, labelPx - 1);
  context.fillStyle = palette.text;
  context.fillText(text, left + 6, top + 13);
}
