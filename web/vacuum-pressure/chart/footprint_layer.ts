import { formatQuantity } from '../../shared/numbers.ts';
import { type Footprint, type FootprintMark, footprintOf } from '../session/footprint.ts';
import type { PriceVolume } from '../session/traded_volume.ts';
import { yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';
import type { PlacedBar } from './placed_bar.ts';

/** Cells at least this large have room for their two sizes, in CSS pixels. */
const textWidthPx = 52;
const textHeightPx = 11;

/** Draws the prices of a bar: a ground by volume, sold to the left and bought to the right, and what stands out. */
export function drawFootprint(drawing: OverlayDrawing, placed: PlacedBar): void {
  const { view, palette, context } = drawing;
  const { bar, left, width } = placed;
  const footprint = footprintOf(bar);
  const rowPx = Math.max(1, 1 / view.ticksPerPx);
  const most = bar.levels.get(footprint.pointOfControl)?.total ?? 1;
  const isWritten = rowPx >= textHeightPx && width >= textWidthPx;
  for (const mark of footprint.marks) {
    const level = bar.levels.get(mark.tick);
    if (level === undefined) continue;
    const top = yOf(view, mark.tick + 0.5);
    if (top > view.heightPx || top + rowPx < 0) continue;
    drawGround(drawing, level, most, left, top, width, rowPx, isWritten);
    if (mark.isStacked) drawStack(drawing, mark, left, top, width, rowPx);
    if (isWritten) drawSizes(drawing, level, mark, left, top, width, rowPx);
  }
  const poc = yOf(view, footprint.pointOfControl + 0.5);
  context.strokeStyle = palette.text;
  context.lineWidth = 1;
  if (rowPx >= 5) context.strokeRect(left + 0.5, poc + 0.5, width - 1, rowPx - 1);
  drawUnfinished(drawing, placed, footprint);
}

function drawGround(
  { context, palette }: OverlayDrawing,
  { bought, sold, total }: PriceVolume,
  most: number,
  left: number,
  top: number,
  width: number,
  rowPx: number,
  isWritten: boolean,
): void {
  const gap = rowPx > 3 ? 1 : 0;
  const share = Math.sqrt(total / most);
  if (isWritten) {
    context.fillStyle = palette.neutral;
    context.globalAlpha = 0.05 + 0.2 * share;
    context.fillRect(left, top, width, rowPx - gap);
  } else {
    // Without numbers, the width is the volume and the colour the side that took more.
    context.fillStyle = bought === sold ? palette.neutral : bought > sold ? palette.bid : palette.ask;
    context.globalAlpha = 0.35 + (0.5 * Math.abs(bought - sold)) / total;
    context.fillRect(left, top, Math.max(1, (total / most) * width), rowPx - gap);
  }
  context.globalAlpha = 1;
}

/** A bar at the side whose imbalances are stacked. */
function drawStack(
  { context, palette }: OverlayDrawing,
  { imbalance }: FootprintMark,
  left: number,
  top: number,
  width: number,
  rowPx: number,
): void {
  context.fillStyle = imbalance === 'bought' ? palette.bid : palette.ask;
  context.fillRect(imbalance === 'bought' ? left + width - 3 : left, top, 3, rowPx);
}

function drawSizes(
  { context, palette }: OverlayDrawing,
  { bought, sold }: PriceVolume,
  { imbalance }: FootprintMark,
  left: number,
  top: number,
  width: number,
  rowPx: number,
): void {
  const middle = left + width / 2;
  const y = top + rowPx / 2 + 4;
  const write = (text: string, isMarked: boolean, colour: string, x: number, align: CanvasTextAlign) => {
    context.font = `${isMarked ? '700 ' : ''}11px system-ui, sans-serif`;
    context.fillStyle = isMarked ? colour : palette.text;
    context.textAlign = align;
    context.fillText(text, x, y);
  };
  write(formatQuantity(sold), imbalance === 'sold', palette.ask, middle - 5, 'right');
  write(formatQuantity(bought), imbalance === 'bought', palette.bid, middle + 5, 'left');
  context.fillStyle = palette.quiet;
  context.textAlign = 'center';
  context.font = '11px system-ui, sans-serif';
  context.fillText('×', middle, y);
  context.textAlign = 'left';
}

/** A dashed line beyond an end at which both sides still traded. */
function drawUnfinished({ context, view, palette }: OverlayDrawing, { bar, left, width }: PlacedBar, marks: Footprint) {
  context.strokeStyle = palette.text;
  context.setLineDash([3, 2]);
  context.beginPath();
  for (const [isUnfinished, tick, away] of [
    [marks.isUnfinishedHigh, bar.high + 0.5, -1],
    [marks.isUnfinishedLow, bar.low - 0.5, 1],
  ] as const) {
    if (!isUnfinished) continue;
    const y = Math.round(yOf(view, tick)) + 1.5 * away;
    context.moveTo(left, y);
    context.lineTo(left + width, y);
  }
  context.stroke();
  context.setLineDash([]);
}
