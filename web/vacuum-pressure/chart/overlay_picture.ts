import type { Terminal } from '../playback/terminal.ts';
import { bubbleScale } from './bubbles.ts';
import { EventMarks } from './event_marks.ts';
import { drawEdgeMarks, drawPlaced, drawWords } from './overlay.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';
import { ScrolledPicture } from './scrolled_picture.ts';
import { drawLevels, drawVwap } from './session_lines.ts';

/** What the user chose to see over the map: levels and marks at its edges, what scrolls over them, and words over all. */
export class OverlayPicture {
  readonly marks = new EventMarks();
  readonly #picture = new ScrolledPicture(true);

  /** Bin `seq` has changed. */
  change(seq: number): void {
    this.#picture.change(seq);
  }

  /** Everything has changed. */
  clear(): void {
    this.#picture.clear();
  }

  draw(drawing: OverlayDrawing, { chart, settings }: Pick<Terminal, 'chart' | 'settings'>, pixelRatio: number): void {
    const { chartKind, theme, marks, overlays: chosen } = settings.current;
    const { context, view, session } = drawing;
    const { shownSeq, pinnedSeq, momentSeq } = chart;
    // Bars have the prices, and what was filled, themselves.
    const overlays = chartKind === 'heatmap' ? chosen : { ...chosen, quotes: false, mid: false, fills: false };
    for (const summary of [session.summary, session.features.summary]) summary.setStep(Math.max(1, view.binsPerPx));
    if (overlays.levels) drawLevels(drawing, shownSeq);
    drawEdgeMarks(drawing, overlays);
    const bubbles = overlays.fills ? bubbleScale(drawing) : null;
    const ofData = [session.store.bin('spotTick', shownSeq), bubbles?.least ?? 0, bubbles?.perRoot ?? 0];
    const inputs = [...ofData, theme, ...Object.values(overlays), ...Object.values(marks)];
    const drawn = this.#picture.draw(context, view, pixelRatio, inputs, (target, of) => {
      const placed = { ...drawing, context: target, view: of };
      if (overlays.vwap) drawVwap(placed);
      // Over lines that have their place anyway, below those of the price.
      if (overlays.events) this.marks.draw(placed, marks);
      else this.marks.clear();
      drawPlaced(placed, overlays, shownSeq, bubbles);
    });
    this.marks.move(drawn, view);
    drawWords(drawing, overlays, pinnedSeq ?? momentSeq, bubbles);
  }
}
