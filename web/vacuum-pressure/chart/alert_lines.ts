import type { PriceAlert } from '../playback/alerts.ts';
import { yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

/** A dashed line at each price that alerts, with a bell at its left end. */
export function drawAlertLines(
  { context, view, session, palette }: OverlayDrawing,
  prices: readonly PriceAlert[],
): void {
  context.strokeStyle = palette.accent;
  context.fillStyle = palette.accent;
  context.lineWidth = 1;
  context.font = '600 11px system-ui, sans-serif';
  for (const { price } of prices) {
    const y = Math.round(yOf(view, (price * 1e9) / session.contract.tickInt)) + 0.5;
    if (y < 0 || y > view.heightPx) continue;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(44, y);
    context.lineTo(view.widthPx, y);
    context.stroke();
    context.setLineDash([]);
    context.fillText('Alert', 8, y + 4);
  }
}
