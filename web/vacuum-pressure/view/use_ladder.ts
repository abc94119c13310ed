import { useEffect, useRef } from 'preact/hooks';
import { notNull } from '../../../src/errors.ts';
import { palettes } from '../../shared/theme.ts';
import { CanvasLayer } from '../chart/canvas_layer.ts';
import { drawLadder, ladderRowPx } from '../chart/ladder_layer.ts';
import type { Terminal } from '../playback/terminal.ts';
import { ladderAt } from '../session/ladder.ts';
import type { Topic } from '../session/topics.ts';
import { DrawingInputs } from '../viewport/drawing_inputs.ts';

const topics: readonly Topic[] = ['session', 'bin', 'depth', 'settings', 'pointer', 'playback', 'ladder'];

/** Draws the ladder of the bin shown into a canvas, in the frame after anything of it changed. */
export function useLadder(terminal: Terminal) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = notNull(canvas.current);
    const layer = new CanvasLayer(element);
    const inputs = new DrawingInputs();
    let frame = 0;
    let [widthPx, heightPx] = [element.clientWidth, element.clientHeight];
    const draw = () => {
      frame = 0;
      drawOn(terminal, layer, inputs, widthPx, heightPx);
    };
    const request = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    const observer = new ResizeObserver(() => {
      [widthPx, heightPx] = [element.clientWidth, element.clientHeight];
      request();
    });
    observer.observe(element);
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      terminal.ladder.scroll(-Math.sign(event.deltaY) * 3);
    };
    element.addEventListener('wheel', wheel, { passive: false });
    const stop = terminal.topics.on(topics, request);
    return () => {
      stop();
      observer.disconnect();
      element.removeEventListener('wheel', wheel);
      cancelAnimationFrame(frame);
    };
  }, [terminal]);
  return canvas;
}

function drawOn(terminal: Terminal, layer: CanvasLayer, inputs: DrawingInputs, widthPx: number, heightPx: number) {
  const { session } = terminal.data;
  if (session === null || heightPx < ladderRowPx) return;
  const seq = terminal.chart.shownSeq;
  const count = Math.floor(heightPx / ladderRowPx);
  const top = terminal.ladder.place(seq, count);
  if (top === null) return;
  const { theme } = terminal.settings.current;
  const { devicePixelRatio: ratio } = window;
  const isKept = session.recent.at(seq) !== null;
  if (!inputs.change([seq, isKept, top, widthPx, heightPx, ratio, theme, terminal.ladder.resetSeq])) return;
  const context = layer.begin(widthPx, heightPx, ratio);
  const ladder = ladderAt(session, seq, top, count, terminal.ladder.volumes(seq));
  const palette = palettes[theme];
  if (ladder !== null) drawLadder({ context, widthPx, ladder, contract: session.contract, palette });
}
