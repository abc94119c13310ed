import type { Bar } from '../session/bars.ts';
import { xOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

/** A bar, and where it lies in the picture, in CSS pixels. */
export interface PlacedBar {
  readonly bar: Bar;
  readonly left: number;
  readonly width: number;
}

/** The bars that are at least partly in view, with a gap between them where there is room. */
export function placeBars({ view }: OverlayDrawing, bars: readonly Bar[]): PlacedBar[] {
  const placed: PlacedBar[] = [];
  for (const bar of bars) {
    const [from, to] = [xOf(view, bar.firstSeq), xOf(view, bar.endSeq)];
    if (to < 0 || from > view.widthPx) continue;
    const gap = to - from > 6 ? 2 : 0;
    placed.push({ bar, left: from + gap / 2, width: Math.max(1, to - from - gap) });
  }
  return placed;
}
