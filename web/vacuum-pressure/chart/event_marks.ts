import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { Palette } from '../../shared/theme.ts';
import type { OrderEvent } from '../session/event_ledger.ts';
import { eventWords } from '../session/event_words.ts';
import { outranks } from '../session/mark_groups.ts';
import { type Viewport, xOf, yOf } from '../viewport/viewport.ts';
import { awayOf, awayPx, type PlacedMark, placedMarks } from './mark_places.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

const letterPx = 15;
const letterFont = '700 11px system-ui, sans-serif';
const numberFont = '11px system-ui, sans-serif';
const heightPx = 14;
const digitPx = 7;
/** Events beside the most important one whose number a mark writes; of more it says that there are more. */
const mostWritten = 99;
/** A click as near as this to a mark means it. */
const nearPx = 3;

interface DrawnMark extends PlacedMark {
  /** Its middle. */
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  /** The number of its other events, empty where it has none. */
  readonly others: string;
}

/** The marks that were drawn last, to find the one under the pointer. */
export class EventMarks {
  #marks: readonly DrawnMark[] = [];
  /** How far they were moved since, to the right and down. */
  #movedPx: readonly [number, number] = [0, 0];

  /** Draws the marks in view of the kinds that are on: letters in the colour of the side, with the number of other events that they stand for. */
  draw(drawing: OverlayDrawing, kinds: Readonly<Record<OrderEventKind, boolean>>): void {
    const { context, view, session, palette } = drawing;
    const marks: DrawnMark[] = [];
    for (const mark of placedMarks(session.markGroups, view, kinds)) {
      const { event, edgeTick } = mark.group;
      const x = Math.round(xOf(view, event.seq + 0.5));
      const y = Math.round(yOf(view, edgeTick)) + awayOf(event) * awayPx;
      const others = othersText(mark.count - 1);
      const widthPx = letterPx + others.length * digitPx;
      if (x < -widthPx || x > view.widthPx + widthPx || y < 0 || y > view.heightPx) continue;
      marks.push({ ...mark, x, y, widthPx, others });
    }
    this.#marks = marks;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 1;
    for (const mark of marks) drawMark(context, mark, Math.round(yOf(view, mark.group.event.tick)), palette);
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
  }

  /** The marks were drawn in one view, and now lie in another of the same zoom. */
  move(drawn: Viewport, view: Viewport): void {
    this.#movedPx = [xOf(view, drawn.left), yOf(view, drawn.top)];
  }

  /** Nothing is marked any more. */
  clear(): void {
    this.#marks = [];
  }

  /** The events of the mark at a pixel, the most important first; none where there is no mark. */
  at([x, y]: readonly [number, number]): readonly OrderEvent[] {
    const [atX, atY] = [x - this.#movedPx[0], y - this.#movedPx[1]];
    const best = this.#marks.find(
      (mark) => Math.abs(mark.x - atX) <= mark.widthPx / 2 + nearPx && Math.abs(mark.y - atY) <= heightPx / 2 + nearPx,
    );
    if (best === undefined) return [];
    return best.groups.flatMap(({ events }) => events).sort((a, b) => (outranks(a, b) ? -1 : 1));
  }
}

/** How many events there are beside the one whose letter a mark has. */
function othersText(count: number): string {
  return count === 0 ? '' : count > mostWritten ? `${mostWritten}+` : `+${count}`;
}

function drawMark(
  context: CanvasRenderingContext2D,
  { x, y, group: { event }, widthPx, others }: DrawnMark,
  priceY: number,
  palette: Palette,
): void {
  const colour = sideColour(event, palette);
  const [left, top] = [x - Math.floor(widthPx / 2), y - heightPx / 2];
  context.fillStyle = colour;
  context.fillRect(x, Math.min(y, priceY), 1, Math.abs(y - priceY));
  context.fillStyle = palette.panel;
  context.fillRect(left, top, widthPx, heightPx);
  context.strokeStyle = colour;
  context.strokeRect(left + 0.5, top + 0.5, widthPx - 1, heightPx - 1);
  context.fillStyle = palette.text;
  context.font = letterFont;
  context.fillText(eventWords[event.kind].mark, left + letterPx / 2, y + 0.5);
  if (others === '') return;
  context.font = numberFont;
  context.fillStyle = palette.quiet;
  context.fillText(others, left + letterPx + (widthPx - letterPx) / 2 - 2, y + 0.5);
}

function sideColour({ side }: OrderEvent, palette: Palette): string {
  return side === 'bid' ? palette.bid : side === 'ask' ? palette.ask : palette.neutral;
}
