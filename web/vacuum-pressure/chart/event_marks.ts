import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { Palette } from '../../shared/theme.ts';
import type { OrderEvent } from '../session/event_ledger.ts';
import { eventWords } from '../session/event_words.ts';
import { visibleBins, xOf, yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

const markPx = 13;
/** Marks nearer than this are one, that of the latest event. */
const cellPx = 12;
/** A mark stands so far from its price, away from the market, so that it does not cover the lines of bid and ask. */
const awayPx = 17;
/** A click as near as this to a mark's middle means it. */
const nearPx = 10;

interface Mark {
  readonly x: number;
  readonly y: number;
  /** The pixel of the event's price. */
  readonly priceY: number;
  readonly event: OrderEvent;
}

/** The marks that were drawn last, to find the one under the pointer. */
export class EventMarks {
  #marks: readonly Mark[] = [];

  /** Draws the marks in view of the kinds that are on: letters in the colour of the side. */
  draw(drawing: OverlayDrawing, kinds: Readonly<Record<OrderEventKind, boolean>>): void {
    this.#marks = placed(drawing, kinds);
    const { context, palette } = drawing;
    context.font = '700 10px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 1;
    for (const { x, y, priceY, event } of this.#marks) {
      context.fillStyle = sideColour(event, palette);
      context.fillRect(x - 0.5, Math.min(y, priceY), 1, Math.abs(y - priceY));
      context.fillStyle = palette.panel;
      context.globalAlpha = 0.9;
      context.fillRect(x - markPx / 2, y - markPx / 2, markPx, markPx);
      context.globalAlpha = 1;
      context.strokeStyle = sideColour(event, palette);
      context.strokeRect(x - markPx / 2 + 0.5, y - markPx / 2 + 0.5, markPx - 1, markPx - 1);
      context.fillStyle = palette.text;
      context.fillText(eventWords[event.kind].mark, x, y + 0.5);
    }
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
  }

  /** Nothing is marked any more. */
  clear(): void {
    this.#marks = [];
  }

  /** The event whose mark is at a pixel; null for none. */
  at([x, y]: readonly [number, number]): OrderEvent | null {
    let best: Mark | null = null;
    let least = nearPx ** 2;
    for (const mark of this.#marks) {
      const distance = (mark.x - x) ** 2 + (mark.y - y) ** 2;
      if (distance > least) continue;
      least = distance;
      best = mark;
    }
    return best?.event ?? null;
  }
}

function sideColour({ side }: OrderEvent, palette: Palette): string {
  return side === 'bid' ? palette.bid : side === 'ask' ? palette.ask : palette.neutral;
}

/** Where the marks lie; the latest of several in the same place. */
function placed({ view, session }: OverlayDrawing, kinds: Readonly<Record<OrderEventKind, boolean>>): Mark[] {
  const marks: Mark[] = [];
  const taken = new Set<number>();
  session.events.marked.backwards(...visibleBins(view), (event) => {
    if (kinds[event.kind] !== true) return true;
    const [x, y] = [xOf(view, event.seq + 0.5), yOf(view, event.tick)];
    if (y < 0 || y > view.heightPx) return true;
    // Cells of the session, not of the picture: what is left out does not change while one pans.
    const column = Math.floor(event.seq / view.binsPerPx / cellPx);
    const row = Math.floor(event.tick / view.ticksPerPx / cellPx);
    const cell = column * 65_536 + (row & 65_535);
    if (taken.has(cell)) return true;
    taken.add(cell);
    const below = event.side === 'bid' ? 1 : -1;
    marks.push({ x: Math.round(x), y: Math.round(y) + below * awayPx, priceY: Math.round(y), event });
    return true;
  });
  return marks;
}
