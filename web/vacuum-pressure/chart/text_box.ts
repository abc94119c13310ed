import type { Palette } from '../../shared/theme.ts';
import type { Viewport } from '../viewport/viewport.ts';

/** Draws lines of text in a box whose left top corner is at a pixel, or as near as it fits into the picture. */
export function drawTextBox(
  context: CanvasRenderingContext2D,
  view: Viewport,
  [left, top]: readonly [number, number],
  lines: readonly string[],
  palette: Palette,
): void {
  context.font = '12px system-ui, sans-serif';
  const widthPx = Math.max(...lines.map((line) => context.measureText(line).width)) + 16;
  const heightPx = lines.length * 17 + 9;
  const clamp = (value: number, high: number) => Math.max(4, Math.min(value, high));
  const x = clamp(left, view.widthPx - widthPx - 4);
  const y = clamp(top, view.heightPx - heightPx - 4);
  context.fillStyle = palette.panel;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(x, y, widthPx, heightPx, 5);
  context.fill();
  context.stroke();
  context.fillStyle = palette.text;
  for (const [index, line] of lines.entries()) context.fillText(line, x + 8, y + 18 + index * 17);
}
