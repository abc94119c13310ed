import { invalidBookReason } from '../session/contract.ts';
import type { OverlayName } from '../viewport/settings.ts';
import { visibleBins, visibleGroups, xOf, yOf } from '../viewport/viewport.ts';
import { type BubbleScale, drawBubbles, drawSmallest } from './bubbles.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

/** Bins per pixel above which triangles would cover each other. */
const denseFirings = 0.3;
/** Spans of invalid books that are narrower go without a word. */
const narrowestReasonPx = 24;

type Overlays = Readonly<Record<OverlayName, boolean>>;

/** Draws what lies at prices and times, as the settings say; spot is that of bin `shownSeq`. */
export function drawPlaced(
  drawing: OverlayDrawing,
  overlays: Overlays,
  shownSeq: number,
  bubbles: BubbleScale | null,
): void {
  if (overlays.spot) drawSpot(drawing, shownSeq);
  if (bubbles !== null) drawBubbles(drawing, bubbles);
  if (overlays.firings && drawing.view.binsPerPx <= denseFirings) drawFirings(drawing);
  if (overlays.mid) drawTrail(drawing, 'midTick', drawing.palette.text, 1);
  // Nothing covers the price.
  if (overlays.quotes) {
    drawTrail(drawing, 'bidTick', drawing.palette.bid, 1.75);
    drawTrail(drawing, 'askTick', drawing.palette.ask, 1.75);
  }
}

/** Draws over it the words that stay in view, and the bin that is pinned. */
export function drawWords(
  drawing: OverlayDrawing,
  overlays: Overlays,
  pinnedSeq: number | null,
  bubbles: BubbleScale | null,
): void {
  if (bubbles !== null) drawSmallest(drawing, bubbles.least);
  if (overlays.invalid) drawInvalid(drawing);
  if (pinnedSeq !== null) drawPinned(drawing, pinnedSeq);
}

type Trail = 'bidTick' | 'askTick' | 'midTick';

/** A step line of a price over time; where a pixel covers many bins, it spans all prices of them. */
function drawTrail(drawing: OverlayDrawing, field: Trail, colour: string, width: number): void {
  const { context, view, palette } = drawing;
  context.beginPath();
  if (view.binsPerPx > 1) traceDense(drawing, field);
  else traceSteps(drawing, field);
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

function traceSteps({ context, view, session }: OverlayDrawing, field: Trail): void {
  const [first, end] = visibleBins(view);
  let drawn = Number.NaN;
  for (let seq = first; seq < end; seq++) {
    const tick = session.store.bin(field, seq);
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

function traceDense({ context, view, session: { summary } }: OverlayDrawing, field: Trail): void {
  const [first, end] = visibleGroups(view);
  let broken = true;
  for (let group = first; group < end; group++) {
    const slot = summary.slot(group);
    const last = summary.last(field, slot);
    if (Number.isNaN(last)) {
      broken = true;
      continue;
    }
    const x = xOf(view, (group + 0.5) * view.binsPerPx);
    const low = yOf(view, summary.low(field, slot));
    const high = yOf(view, summary.high(field, slot));
    if (broken) context.moveTo(x, low);
    else context.lineTo(x, low);
    if (high !== low) {
      context.lineTo(x, high);
      context.lineTo(x, yOf(view, last));
    }
    broken = false;
  }
}

function drawSpot({ context, view, session, palette }: OverlayDrawing, seq: number): void {
  const y = yOf(view, session.store.bin('spotTick', seq));
  if (Number.isNaN(y)) return;
  context.setLineDash([2, 4]);
  // The dashes move with the rest.
  context.lineDashOffset = (view.left / view.binsPerPx) % 6;
  context.strokeStyle = palette.neutral;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, Math.round(y) + 0.5);
  context.lineTo(view.widthPx, Math.round(y) + 0.5);
  context.stroke();
  context.setLineDash([]);
  context.lineDashOffset = 0;
}

/** Chase flags as a strip at the bottom; firings at the edges where they are dense. */
export function drawEdgeMarks({ context, view, session, palette }: OverlayDrawing, overlays: Overlays): void {
  const { summary } = session;
  const step = Math.max(1, view.binsPerPx);
  const widthPx = Math.max(1, step / view.binsPerPx - 0.5);
  const [first, end] = visibleGroups(view);
  const marks = [
    ['chase', overlays.chase, view.heightPx - 9, view.heightPx - 5],
    ['firing', overlays.firings && view.binsPerPx > denseFirings, 1, 5],
  ] as const;
  for (const [field, isShown, upPx, downPx] of marks) {
    for (let group = first; isShown && group < end; group++) {
      const mark = summary.mark(field, summary.slot(group));
      if (mark === 0) continue;
      context.fillStyle = field === 'firing' ? palette.ours : mark > 0 ? palette.bid : palette.ask;
      context.fillRect(xOf(view, group * step), mark > 0 ? upPx : downPx, widthPx, 4);
    }
  }
}

/** Firings as triangles beside the mid price. */
function drawFirings(drawing: OverlayDrawing): void {
  const { view, session } = drawing;
  const { summary } = session;
  const step = Math.max(1, view.binsPerPx);
  const [first, end] = visibleGroups(view);
  for (let group = first; group < end; group++) {
    const slot = summary.slot(group);
    const firing = summary.mark('firing', slot);
    if (firing !== 0) drawFiring(drawing, (group + 0.5) * step, summary.last('midTick', slot), firing);
  }
}

function drawFiring({ context, view, palette }: OverlayDrawing, time: number, mid: number, direction: number): void {
  const x = xOf(view, time);
  const tip = yOf(view, mid) + direction * 10;
  context.beginPath();
  context.moveTo(x, tip);
  context.lineTo(x - 5.5, tip + direction * 10);
  context.lineTo(x + 5.5, tip + direction * 10);
  context.closePath();
  context.fillStyle = palette.ours;
  context.fill();
  context.strokeStyle = palette.page;
  context.lineWidth = 1.5;
  context.stroke();
}

/** Says why the book is not valid, once per span of bins that is wide enough to point at. */
function drawInvalid(drawing: OverlayDrawing): void {
  const { context, view, palette } = drawing;
  const step = Math.max(1, view.binsPerPx);
  const [first, end] = visibleGroups(view);
  let start = -1;
  let reason: string | null = null;
  let freePx = 0;
  context.font = '600 11px system-ui, sans-serif';
  for (let group = first; group <= end; group++) {
    const next = group < end ? reasonOf(drawing, group, step) : null;
    if (next === reason) continue;
    const left = Math.max(xOf(view, start * step), 0);
    const right = Math.min(xOf(view, group * step), view.widthPx);
    if (reason !== null && right - left >= narrowestReasonPx) {
      const textPx = context.measureText(reason).width;
      const x = Math.min(left + 6, view.widthPx - textPx - 6);
      if (x >= freePx) {
        context.fillStyle = palette.panel;
        context.fillRect(x - 4, 6, textPx + 8, 18);
        context.fillStyle = palette.paused;
        context.fillText(reason, x, 19);
        freePx = x + textPx + 12;
      }
    }
    start = group;
    reason = next;
  }
}

/** Why the book is not valid at the first such bin of a group, in words; null when it is valid in all. */
function reasonOf({ session: { store, summary }, gapOf }: OverlayDrawing, group: number, step: number): string | null {
  if (summary.low('bookValid', summary.slot(group)) !== 0) return null;
  let seq = Math.floor(group * step);
  while (store.bin('bookValid', seq) !== 0) seq++;
  const gap = gapOf(seq);
  if (gap !== null) return `No records: ${gap}`;
  return `Book not valid: ${invalidBookReason(store.bin('bidTick', seq), store.bin('askTick', seq))}`;
}

function drawPinned({ context, view, palette }: OverlayDrawing, seq: number): void {
  const x = xOf(view, seq);
  context.strokeStyle = palette.accent;
  context.lineWidth = 1;
  context.strokeRect(Math.round(x) - 0.5, -1, Math.max(2, 1 / view.binsPerPx) + 1, view.heightPx + 2);
}
