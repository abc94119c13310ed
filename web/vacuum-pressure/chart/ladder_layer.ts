import { formatPrice, formatQuantity } from '../../shared/numbers.ts';
import type { Palette } from '../../shared/theme.ts';
import type { SessionContract } from '../session/contract.ts';
import type { Ladder, LadderRow } from '../session/ladder.ts';

/** Height of a price, in CSS pixels. */
export const ladderRowPx = 18;

type Column = Exclude<keyof LadderRow, 'tick'> | 'price';

/** The ladder's columns from left to right: heading, explanation, width in parts. */
export const ladderColumns: readonly (readonly [Column, heading: string, title: string, parts: number])[] = [
  ['orders', 'Ord', 'Orders resting at the price', 26],
  ['largest', 'Max', 'Size of the largest order at the price', 32],
  ['added', '+1 s', 'Size added at the price in the last second', 36],
  ['pulled', '−1 s', 'Size pulled from the price in the last second: cancelled or moved away, not executed', 36],
  ['sold', 'Sold', 'Volume at the bid since the reset: sellers took', 44],
  ['bid', 'Bid', 'Size resting to buy', 42],
  ['price', 'Price', 'Price; the frame is the last trade', 72],
  ['ask', 'Ask', 'Size resting to sell', 42],
  ['bought', 'Bought', 'Volume at the ask since the reset: buyers took', 44],
];
const parts = ladderColumns.reduce((sum, [, , , width]) => sum + width, 0);

export interface LadderDrawing {
  readonly context: CanvasRenderingContext2D;
  readonly widthPx: number;
  readonly ladder: Ladder;
  readonly contract: SessionContract;
  readonly palette: Palette;
}

/** The largest value of the rows shown, of those columns that have bars. */
function largestOf(rows: readonly LadderRow[], columns: readonly (keyof LadderRow)[]): number {
  let largest = 0;
  for (const row of rows) for (const column of columns) largest = Math.max(largest, row[column]);
  return largest;
}

/** Draws the rows of a ladder: sizes with bars, best prices and the last trade marked. */
export function drawLadder(drawing: LadderDrawing): void {
  const { context, ladder, palette, widthPx } = drawing;
  const { rows, bidTick, askTick } = ladder;
  context.textBaseline = 'middle';
  const scales = {
    resting: largestOf(rows, ['bid', 'ask']),
    traded: largestOf(rows, ['sold', 'bought']),
    moved: largestOf(rows, ['added', 'pulled']),
  };
  rows.forEach((row, index) => {
    const top = index * ladderRowPx;
    if (row.tick === bidTick || row.tick === askTick) {
      context.fillStyle = palette.control;
      context.fillRect(0, top, widthPx, ladderRowPx);
    }
    let left = 0;
    for (const [column, , , part] of ladderColumns) {
      const width = (part / parts) * widthPx;
      drawCell(drawing, row, column, left, top, width, scales);
      left += width;
    }
    if (index % 5 === 4) {
      context.fillStyle = palette.line;
      context.fillRect(0, top + ladderRowPx - 1, widthPx, 1);
    }
  });
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
}

interface Scales {
  readonly resting: number;
  readonly traded: number;
  readonly moved: number;
}

function drawCell(
  drawing: LadderDrawing,
  row: LadderRow,
  column: Column,
  left: number,
  top: number,
  width: number,
  scales: Scales,
): void {
  const { context, palette } = drawing;
  if (column === 'price') {
    drawPrice(drawing, row, left, top, width);
    return;
  }
  const value = row[column];
  if (value === 0) return;
  const [colour, scale, alpha] = styleOf(column, palette, scales);
  if (colour !== null) {
    const length = Math.max(1, (value / scale) * (width - 2));
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    // Bars of the bid side grow towards the price from the left, those of the ask side away from it.
    context.fillRect(
      column === 'bid' || column === 'sold' ? left + width - length : left,
      top + 1,
      length,
      ladderRowPx - 2,
    );
    context.globalAlpha = 1;
  }
  context.fillStyle = column === 'orders' || column === 'largest' ? palette.quiet : palette.text;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'right';
  context.fillText(formatQuantity(value), left + width - 4, top + ladderRowPx / 2 + 0.5);
}

function styleOf(column: Column, palette: Palette, scales: Scales): readonly [string | null, number, number] {
  if (column === 'bid') return [palette.bid, scales.resting, 0.45];
  if (column === 'ask') return [palette.ask, scales.resting, 0.45];
  if (column === 'sold') return [palette.ask, scales.traded, 0.28];
  if (column === 'bought') return [palette.bid, scales.traded, 0.28];
  if (column === 'added' || column === 'pulled') return [palette.neutral, scales.moved, 0.2];
  return [null, 1, 1];
}

function drawPrice(drawing: LadderDrawing, row: LadderRow, left: number, top: number, width: number): void {
  const { context, ladder, contract, palette } = drawing;
  const { tick } = row;
  const isBest = tick === ladder.bidTick || tick === ladder.askTick;
  if (tick === ladder.lastTick) {
    context.strokeStyle = palette.text;
    context.strokeRect(left + 1.5, top + 1.5, width - 3, ladderRowPx - 3);
  }
  context.fillStyle = tick <= ladder.bidTick ? palette.bid : tick >= ladder.askTick ? palette.ask : palette.quiet;
  context.font = `${isBest ? '650 ' : ''}11px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.fillText(
    formatPrice(tick, contract.tickInt, contract.priceDecimals),
    left + width / 2,
    top + ladderRowPx / 2 + 0.5,
  );
}
