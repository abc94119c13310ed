import { formatCount } from '../session/format.ts';
import type { DrawnOrder } from '../session/trade_orders.ts';
import { xOf, yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

const dotPx = 4;
const tickPx = 6;
const crossPx = 4;
/** A line at rest as long as this has room for its place in the queue. */
const labelledPx = 48;

interface Rest {
  readonly from: number;
  readonly to: number;
  readonly y: number;
}

/**
 * Draws orders of ours in the real queue: at rest from arrival to end, with the quantity ahead, a dot for each fill of an entry, a
 * ring for each fill of what leaves again, and a cross where an entry was missed.
 * @param chosen the orders of the trade that is drawn: their places in the queue are told at any scale
 */
export function drawOrders(
  drawing: OverlayDrawing,
  orders: Iterable<readonly DrawnOrder[]>,
  chosen: readonly DrawnOrder[],
  timeOf: (unixMs: number) => number,
): void {
  const { context, view, session } = drawing;
  const x = (unixMs: number) => xOf(view, timeOf(unixMs) + 0.5);
  const y = (price: number) => yOf(view, (price * 1e9) / session.contract.tickInt);
  context.save();
  context.font = '600 11px system-ui, sans-serif';
  for (const ofTrade of orders) {
    for (const order of ofTrade) {
      const [from, to] = [x(order.arrival_ms), x(order.endMs)];
      if (!(to >= 0 && from <= view.widthPx)) continue;
      if (order.price !== null) {
        const rest: Rest = { from, to, y: y(order.price) };
        drawRest(drawing, rest);
        if (order.role === 'entry' && order.fills.length === 0) drawCross(drawing, rest);
        if (order.ahead_at_arrival > 0 && (to - from >= labelledPx || chosen.includes(order))) {
          drawPlace(drawing, rest, order.ahead_at_arrival);
        }
      }
      for (const fill of order.fills) drawFill(drawing, x(fill.ms), y(fill.price), order.role === 'entry');
    }
  }
  context.restore();
}

/** An order at rest: a line at its price from a tick at its arrival. */
function drawRest(drawing: OverlayDrawing, { from, to, y }: Rest): void {
  const { context } = drawing;
  context.beginPath();
  context.moveTo(from, y - tickPx);
  context.lineTo(from, y + tickPx);
  context.moveTo(from, y);
  context.lineTo(to, y);
  strokeOurs(drawing);
}

/** Nothing was filled. */
function drawCross(drawing: OverlayDrawing, { to, y }: Rest): void {
  const { context } = drawing;
  context.beginPath();
  context.moveTo(to - crossPx, y - crossPx);
  context.lineTo(to + crossPx, y + crossPx);
  context.moveTo(to + crossPx, y - crossPx);
  context.lineTo(to - crossPx, y + crossPx);
  strokeOurs(drawing);
}

function strokeOurs({ context, palette }: OverlayDrawing): void {
  context.strokeStyle = palette.page;
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = palette.ours;
  context.lineWidth = 2;
  context.stroke();
}

/** The quantity ahead, left of the arrival where there is room, otherwise above the line. */
function drawPlace({ context, palette }: OverlayDrawing, { from, y }: Rest, ahead: number): void {
  const text = `${formatCount(ahead)} ahead`;
  const widthPx = context.measureText(text).width + 8;
  const [left, top] = from >= widthPx + 2 ? [from - widthPx - 2, y - 9] : [Math.max(0, from + 2), y - 24];
  context.fillStyle = palette.panel;
  context.fillRect(left, top, widthPx, 18);
  context.fillStyle = palette.text;
  context.fillText(text, left + 4, top + 13);
}

function drawFill({ context, palette }: OverlayDrawing, x: number, y: number, isEntry: boolean): void {
  context.beginPath();
  context.arc(x, y, dotPx, 0, 2 * Math.PI);
  context.strokeStyle = palette.page;
  context.lineWidth = 5;
  context.stroke();
  context.fillStyle = isEntry ? palette.ours : palette.page;
  context.fill();
  context.strokeStyle = palette.ours;
  context.lineWidth = 2;
  context.stroke();
}
