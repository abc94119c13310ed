import type { ColumnName } from '../../../src/engine/index.ts';
import { formatQuantity } from '../../shared/numbers.ts';
import type { Palette } from '../../shared/theme.ts';
import { depthAt } from '../session/depth.ts';
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
  readonly extent: ProfileExtent;
}

/** Largest values that the profile's bars stand for, for its caption. */
export interface ProfileExtent {
  readonly depth: number;
  readonly force: number;
}

/** The bars' longest, short of the panel's width. */
const gapPx = 6;

/** Largest values of a bin's cells. */
export function profileExtent({ store, contract }: Session, seq: number): ProfileExtent {
  if (!store.has(seq)) return { depth: 0, force: 0 };
  const base = store.baseTick(seq);
  const largestOf = (columns: readonly ColumnName[]) => {
    let largest = 0;
    for (let tick = base; tick < base + contract.rows; tick++) {
      for (const column of columns) largest = Math.max(largest, store.value(column, seq, tick));
    }
    return largest;
  };
  return {
    depth: largestOf(['bid_depth', 'ask_depth']),
    force: largestOf(['pressure_variant', 'vacuum_variant']),
  };
}

/** Draws depth by price as bars from the price axis inwards, and behind them the session's volume. */
export function drawDepthProfile(drawing: ProfileDrawing): void {
  const { context, extent, palette, session, seq, widthPx } = drawing;
  if (drawing.volumeProfile) drawVolume(drawing);
  eachRow(drawing, (tick, step, top, rowPx) => {
    for (const [column, colour] of [
      ['bid_depth', palette.bid],
      ['ask_depth', palette.ask],
    ] as const) {
      const value = largest(tick, step, (each) => depthAt(session, column, seq, each));
      if (!(value > 0)) continue;
      const length = Math.max(1, Math.min(1, value / extent.depth) * (widthPx - gapPx));
      context.fillStyle = colour;
      context.globalAlpha = 0.85;
      context.fillRect(widthPx - length, top, length, rowPx);
      context.globalAlpha = 1;
      if (rowPx >= labelledPx) drawSize(drawing, formatQuantity(value), length, top, rowPx);
    }
  });
}

/** Rows at least this high have room for their size. */
const labelledPx = 12;

/** Writes a bar's size beside it, or on its ground where there is no room. */
function drawSize(
  { context, palette, widthPx }: ProfileDrawing,
  text: string,
  length: number,
  top: number,
  rowPx: number,
) {
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const textPx = context.measureText(text).width;
  const beside = widthPx - length - textPx - 4;
  const x = Math.max(beside, 2);
  if (beside < 2) {
    context.fillStyle = palette.panel;
    context.globalAlpha = 0.8;
    context.fillRect(x - 2, top, textPx + 4, rowPx);
    context.globalAlpha = 1;
  }
  context.fillStyle = palette.text;
  context.fillText(text, x, top + rowPx / 2 + 0.5);
  context.textBaseline = 'alphabetic';
}

/** Draws pressure to the left and vacuum to the right of the panel's middle, by price. */
export function drawForceProfile(drawing: ProfileDrawing): void {
  const { context, extent, palette, session, seq, view, widthPx } = drawing;
  const middle = widthPx / 2;
  context.fillStyle = palette.line;
  context.fillRect(Math.round(middle), 0, 1, view.heightPx);
  if (extent.force === 0) return;
  const longest = middle - gapPx;
  eachRow(drawing, (tick, step, top, rowPx) => {
    const share = (column: ColumnName) =>
      largest(tick, step, (each) => session.store.value(column, seq, each)) / extent.force;
    const [pressure, vacuum] = [share('pressure_variant') * longest, share('vacuum_variant') * longest];
    context.fillStyle = palette.pressure;
    context.fillRect(middle - pressure, top, pressure, rowPx);
    context.fillStyle = palette.vacuum;
    context.fillRect(middle + 1, top, vacuum, rowPx);
  });
}

/** Calls `draw` with each row in view: its ticks, and where it lies. */
function eachRow({ view }: ProfileDrawing, draw: (tick: number, step: number, topPx: number, rowPx: number) => void) {
  const rowPx = Math.max(1, 1 / view.ticksPerPx - 1);
  const step = Math.max(1, Math.ceil(view.ticksPerPx));
  const [first, end] = visibleTicks(view);
  for (let tick = Math.floor(first / step) * step; tick < end; tick += step) {
    draw(tick, step, yOf(view, tick + 0.5 + (step - 1)) + (rowPx > 2 ? 0.5 : 0), rowPx);
  }
}

/** The largest value over the `step` ticks that share a pixel. */
function largest(tick: number, step: number, valueAt: (tick: number) => number): number {
  let value = 0;
  for (let each = tick; each < tick + step; each++) {
    const candidate = valueAt(each);
    if (candidate > value) value = candidate;
  }
  return value;
}

/** Volume of the trading day by price, of trades at their own price, as a grey silhouette with point of control and value area. */
function drawVolume({ context, view, session, palette, widthPx }: ProfileDrawing): void {
  const { features, contract } = session;
  const { profile } = features.profile;
  const { point_of_control: poc, value_area_low: low, value_area_high: high } = features.latest?.values ?? {};
  if (profile === null || poc == null || low == null || high == null) return;
  const sizes = profile.map(([price, ...sides]) => [price, sides.reduce((sum, size) => sum + size, 0)] as const);
  const most = sizes.reduce((largest, [, size]) => Math.max(largest, size), 0);
  const tickOf = (price: number) => (price * 1e9) / contract.tickInt;
  const rowPx = Math.max(1, 1 / view.ticksPerPx);
  context.fillStyle = palette.neutral;
  for (const [price, size] of sizes) {
    context.globalAlpha = price >= low && price <= high ? 0.34 : 0.16;
    const length = (size / most) * (widthPx - gapPx);
    context.fillRect(widthPx - length, yOf(view, tickOf(price) + 0.5), length, rowPx);
  }
  context.globalAlpha = 1;
  context.font = '600 11px system-ui, sans-serif';
  for (const [price, name] of [
    [poc, 'POC'],
    [high, 'VAH'],
    [low, 'VAL'],
  ] as const) {
    const y = Math.round(yOf(view, tickOf(price))) + 0.5;
    context.strokeStyle = palette.text;
    context.setLineDash(name === 'POC' ? [] : [3, 3]);
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(widthPx, y);
    context.stroke();
    if (y < 0 || y > view.heightPx) continue;
    // Whole at the edges too.
    const middle = Math.min(Math.max(y, 7), view.heightPx - 7);
    context.fillStyle = palette.panel;
    context.fillRect(0, middle - 7, 28, 14);
    context.fillStyle = palette.text;
    context.fillText(name, 2, middle + 4);
  }
  context.setLineDash([]);
}
