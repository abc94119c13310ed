import type { ColumnName } from '../../../src/engine/index.ts';
import { present } from '../../../src/errors.ts';
import type { Palette } from '../../shared/theme.ts';
import { valueArea } from '../session/fills.ts';
import { formatValue } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { type Viewport, visibleTicks, yOf } from '../viewport/viewport.ts';

export interface ProfileDrawing {
  readonly context: CanvasRenderingContext2D;
  readonly widthPx: number;
  readonly view: Viewport;
  readonly session: Session;
  readonly palette: Palette;
  readonly seq: number;
  readonly volumeProfile: boolean;
}

/** Largest values that the profile's bars stand for, for its caption. */
export interface ProfileExtent {
  readonly depth: number;
  readonly force: number;
}

/** Share of the width that depth takes, at the heatmap's side. */
const depthShare = 0.58;
const gapPx = 6;

/** Draws depth by price (bars from the right), pressure and vacuum (bars from the left), and the session's volume. */
export function drawDepthProfile(drawing: ProfileDrawing): ProfileExtent {
  const { session, seq, view } = drawing;
  const { store, contract } = session;
  const base = store.baseTick(seq);
  const largestOf = (columns: readonly ColumnName[]) => {
    let largest = 0;
    for (let tick = base; tick < base + contract.rows; tick++) {
      for (const column of columns) largest = Math.max(largest, store.value(column, seq, tick));
    }
    return largest;
  };
  const extent = store.has(seq)
    ? { depth: largestOf(['bid_depth', 'ask_depth']), force: largestOf(['pressure_variant', 'vacuum_variant']) }
    : { depth: 0, force: 0 };
  if (drawing.volumeProfile) drawVolume(drawing);
  const rowPx = Math.max(1, 1 / view.ticksPerPx - 1);
  const step = Math.max(1, Math.ceil(view.ticksPerPx));
  const [first, end] = visibleTicks(view);
  for (let tick = Math.floor(first / step) * step; tick < end; tick += step) {
    drawRow(drawing, extent, tick, step, rowPx);
  }
  return extent;
}

/** The largest value of a column over the `step` ticks that share a pixel. */
function largest({ session, seq }: ProfileDrawing, column: ColumnName, tick: number, step: number): number {
  let value = 0;
  for (let each = tick; each < tick + step; each++) {
    const candidate = session.store.value(column, seq, each);
    if (candidate > value) value = candidate;
  }
  return value;
}

function drawRow(drawing: ProfileDrawing, extent: ProfileExtent, tick: number, step: number, rowPx: number): void {
  const { context, view, palette, widthPx } = drawing;
  const top = yOf(view, tick + 0.5 + (step - 1)) + (rowPx > 2 ? 0.5 : 0);
  const depthPx = widthPx * depthShare - gapPx;
  const forcePx = widthPx * (1 - depthShare) - gapPx;
  for (const [column, colour] of [
    ['bid_depth', palette.up],
    ['ask_depth', palette.down],
  ] as const) {
    const value = largest(drawing, column, tick, step);
    if (!(value > 0)) continue;
    const length = Math.max(1, (value / extent.depth) * depthPx);
    context.fillStyle = colour;
    context.globalAlpha = 0.85;
    context.fillRect(widthPx - length, top, length, rowPx);
    context.globalAlpha = 1;
    if (rowPx < 11) continue;
    context.fillStyle = palette.text;
    context.font = `${Math.min(11, rowPx - 1)}px system-ui, sans-serif`;
    context.textAlign = 'right';
    context.fillText(
      formatValue(value),
      Math.max(widthPx - length - 3, widthPx * (1 - depthShare) + 26),
      top + rowPx - 2,
    );
    context.textAlign = 'left';
  }
  if (extent.force === 0) return;
  const half = Math.max(0.5, rowPx / 2);
  context.fillStyle = palette.up;
  context.fillRect(0, top, (largest(drawing, 'pressure_variant', tick, step) / extent.force) * forcePx, half);
  context.fillStyle = palette.down;
  context.fillRect(0, top + half, (largest(drawing, 'vacuum_variant', tick, step) / extent.force) * forcePx, half);
}

/** The session's volume by price as a grey silhouette, with point of control and value area. */
function drawVolume({ context, view, session, palette, widthPx }: ProfileDrawing): void {
  const { volumes } = session.fills;
  const area = valueArea(volumes);
  if (area === null) return;
  const most = present(volumes.get(area.pointOfControl));
  const lengthPx = widthPx * depthShare - gapPx;
  const rowPx = Math.max(1, 1 / view.ticksPerPx);
  context.fillStyle = palette.neutral;
  for (const [tick, volume] of volumes) {
    context.globalAlpha = tick >= area.lowTick && tick <= area.highTick ? 0.34 : 0.16;
    const length = (volume / most) * lengthPx;
    context.fillRect(widthPx - length, yOf(view, tick + 0.5), length, rowPx);
  }
  context.globalAlpha = 1;
  context.font = '600 10px system-ui, sans-serif';
  for (const [tick, name] of [
    [area.pointOfControl, 'POC'],
    [area.highTick, 'VAH'],
    [area.lowTick, 'VAL'],
  ] as const) {
    const y = Math.round(yOf(view, tick)) + 0.5;
    context.strokeStyle = palette.warning;
    context.setLineDash(name === 'POC' ? [] : [3, 3]);
    context.beginPath();
    context.moveTo(widthPx * (1 - depthShare), y);
    context.lineTo(widthPx, y);
    context.stroke();
    context.fillStyle = palette.panel;
    context.fillRect(widthPx * (1 - depthShare) - 26, y - 7, 26, 14);
    context.fillStyle = palette.warning;
    context.fillText(name, widthPx * (1 - depthShare) - 24, y + 3.5);
  }
  context.setLineDash([]);
}
