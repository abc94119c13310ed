import type { Palette } from '../../shared/theme.ts';
import { invalidBookReason } from '../model/contract.ts';
import { firingAt } from '../model/firings.ts';
import type { SessionStore } from '../model/session_store.ts';
import type { Session, Terminal } from '../model/terminal.ts';
import { type Viewport, visibleBins, xOf, yOf } from '../model/viewport.ts';
import { drawBubbles } from './bubbles.ts';

export interface OverlayDrawing {
  readonly context: CanvasRenderingContext2D;
  readonly view: Viewport;
  readonly session: Session;
  readonly palette: Palette;
  /** Score at which the signal fires. */
  readonly threshold: number;
}

/** Draws everything that lies on the heatmap, as the settings say. */
export function drawOverlay(drawing: OverlayDrawing, terminal: Terminal): void {
  const { overlays } = terminal.settings;
  if (overlays.spot) drawSpot(drawing);
  if (overlays.quotes) {
    drawTrail(drawing, 'bidTick', drawing.palette.up, 1.5);
    drawTrail(drawing, 'askTick', drawing.palette.down, 1.5);
  }
  if (overlays.mid) drawTrail(drawing, 'midTick', drawing.palette.text, 1);
  if (overlays.fills) drawBubbles(drawing);
  drawMarks(drawing, overlays.chase, overlays.firings);
  if (overlays.invalid) drawInvalid(drawing);
  if (terminal.pinnedSeq !== null) drawPinned(drawing, terminal.pinnedSeq);
}

/** A step line of a price over time; where a pixel covers many bins, it spans all prices of them. */
function drawTrail(drawing: OverlayDrawing, field: 'bidTick' | 'askTick' | 'midTick', colour: string, width: number) {
  const { context, view, session, palette } = drawing;
  context.beginPath();
  if (view.binsPerPx > 1) traceDense(context, view, session.store, field);
  else traceSteps(context, view, session.store, field);
  context.lineJoin = 'round';
  context.strokeStyle = palette.page;
  context.globalAlpha = 0.7;
  context.lineWidth = width + 2;
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function traceSteps(
  context: CanvasRenderingContext2D,
  view: Viewport,
  store: SessionStore,
  field: 'bidTick' | 'askTick' | 'midTick',
) {
  const [first, end] = visibleBins(view);
  let drawn = Number.NaN;
  for (let seq = first; seq < end; seq++) {
    const tick = store.bin(field, seq);
    if (Number.isNaN(tick)) {
      drawn = Number.NaN;
      continue;
    }
    const [x, y] = [xOf(view, seq), yOf(view, tick)];
    if (Number.isNaN(drawn)) context.moveTo(x, y);
    else if (tick !== drawn) context.lineTo(x, y);
    context.lineTo(xOf(view, seq + 1), y);
    drawn = tick;
  }
}

function traceDense(
  context: CanvasRenderingContext2D,
  view: Viewport,
  store: SessionStore,
  field: 'bidTick' | 'askTick' | 'midTick',
) {
  let broken = true;
  for (let x = 0; x < view.widthPx; x++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let last = Number.NaN;
    const first = Math.max(0, Math.floor(view.left + x * view.binsPerPx));
    const end = Math.floor(view.left + (x + 1) * view.binsPerPx);
    for (let seq = first; seq < end; seq++) {
      const tick = store.bin(field, seq);
      if (Number.isNaN(tick)) continue;
      last = tick;
      if (tick < low) low = tick;
      if (tick > high) high = tick;
    }
    if (Number.isNaN(last)) {
      broken = true;
      continue;
    }
    if (broken) context.moveTo(x + 0.5, yOf(view, low));
    else context.lineTo(x + 0.5, yOf(view, low));
    if (high > low) context.lineTo(x + 0.5, yOf(view, high));
    context.lineTo(x + 0.5, yOf(view, last));
    broken = false;
  }
}

function drawSpot({ context, view, session, palette }: OverlayDrawing): void {
  const y = yOf(view, session.store.bin('spotTick', session.store.head));
  if (Number.isNaN(y)) return;
  context.setLineDash([2, 4]);
  context.strokeStyle = palette.neutral;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, Math.round(y) + 0.5);
  context.lineTo(view.widthPx, Math.round(y) + 0.5);
  context.stroke();
  context.setLineDash([]);
}

/** Chase flags as a strip at the bottom, firings as triangles beside the mid price. */
function drawMarks(drawing: OverlayDrawing, chase: boolean, firings: boolean): void {
  const { context, view, session, palette, threshold } = drawing;
  const { store } = session;
  const [first, end] = visibleBins(view);
  const widthPx = Math.max(1, 1 / view.binsPerPx - 0.5);
  for (let seq = Math.max(first, 0); seq < end; seq++) {
    if (!store.has(seq)) continue;
    if (chase) {
      const up = store.label('chase_up_flag', seq) === 1;
      if (up || store.label('chase_down_flag', seq) === 1) {
        context.fillStyle = up ? palette.up : palette.down;
        context.fillRect(xOf(view, seq), view.heightPx - (up ? 9 : 5), widthPx, 4);
      }
    }
    const firing = firings ? firingAt(store, seq, threshold) : 0;
    if (firing !== 0) drawFiring(drawing, seq, firing);
  }
}

function drawFiring({ context, view, session, palette }: OverlayDrawing, seq: number, direction: 1 | -1): void {
  const mid = session.store.bin('midTick', seq);
  const x = xOf(view, seq + 0.5);
  const tip = yOf(view, mid) + direction * 10;
  context.beginPath();
  context.moveTo(x, tip);
  context.lineTo(x - 5.5, tip + direction * 10);
  context.lineTo(x + 5.5, tip + direction * 10);
  context.closePath();
  context.fillStyle = direction > 0 ? palette.up : palette.down;
  context.fill();
  context.strokeStyle = palette.page;
  context.lineWidth = 1.5;
  context.stroke();
}

/** Says why the book is not valid, once per span of bins that is wide enough to read it. */
function drawInvalid({ context, view, session, palette }: OverlayDrawing): void {
  const { store } = session;
  const [first, end] = visibleBins(view);
  let start = -1;
  for (let seq = Math.max(first, 0); seq <= end; seq++) {
    const invalid = seq < end && store.bin('bookValid', seq) === 0;
    if (invalid && start < 0) start = seq;
    if (invalid || start < 0) continue;
    const widthPx = (seq - start) / view.binsPerPx;
    const text = `Book not valid: ${invalidBookReason(store.bin('bidTick', start), store.bin('askTick', start))}`;
    const x = Math.max(xOf(view, start), 0) + 6;
    start = -1;
    if (widthPx < 24) continue;
    context.font = '600 11px system-ui, sans-serif';
    const textPx = context.measureText(text).width;
    context.fillStyle = palette.panel;
    context.fillRect(x - 4, 6, textPx + 8, 18);
    context.fillStyle = palette.warning;
    context.fillText(text, x, 19);
  }
}

function drawPinned({ context, view, palette }: OverlayDrawing, seq: number): void {
  const x = xOf(view, seq);
  context.strokeStyle = palette.accent;
  context.lineWidth = 1;
  context.strokeRect(Math.round(x) - 0.5, -1, Math.max(2, 1 / view.binsPerPx) + 1, view.heightPx + 2);
}
