import type { Palette } from '../../shared/theme.ts';
import type { OrderEvent } from '../session/event_ledger.ts';
import { eventKinds, eventWords } from '../session/event_words.ts';
import { formatCount, formatPrice, formatQuantity } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import type { Viewport } from '../viewport/viewport.ts';
import { drawTextBox } from './text_box.ts';

/** What stands under a mark, in words: its most important event, and how many others of which kinds. */
export function markLines([first, ...others]: readonly OrderEvent[], { contract }: Session): string[] {
  if (first === undefined) return [];
  const { tickInt, priceDecimals, quantityUnit } = contract;
  const price = formatPrice(first.tick, tickInt, priceDecimals);
  const lines = [`${eventWords[first.kind].label} · ${formatQuantity(first.size)} ${quantityUnit} · ${price}`];
  if (others.length > 0) {
    const counts = eventKinds
      .map((kind) => [eventWords[kind].label, others.filter((event) => event.kind === kind).length] as const)
      .filter(([, count]) => count > 0);
    lines.push(`and ${formatCount(others.length)} smaller under it:`);
    lines.push(...counts.map(([label, count]) => `${formatCount(count)} × ${label}`));
  }
  return [...lines, others.length > 0 ? 'Click for the records of each' : 'Click for its records'];
}

/** Draws what stands under the mark at a pixel beside it. */
export function drawMarkTip(
  context: CanvasRenderingContext2D,
  view: Viewport,
  [x, y]: readonly [number, number],
  lines: readonly string[],
  palette: Palette,
): void {
  if (lines.length > 0) drawTextBox(context, view, [x + 14, y + 12], lines, palette);
}
