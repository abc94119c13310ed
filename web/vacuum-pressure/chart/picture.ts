import { notNull } from '../../../src/errors.ts';
import { palettes } from '../../shared/theme.ts';
import type { Terminal } from '../playback/terminal.ts';
import { ZoneClock, zoneName } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { layerOf } from '../viewport/layers.ts';

const headerPx = 34;
const axisPx = 78;
const footerPx = 26;

/** The chart as one canvas: heatmap, overlays and projection as they are drawn, with axes and a line that says what it is. */
export function drawPicture(terminal: Terminal, session: Session): HTMLCanvasElement {
  const palette = palettes[terminal.settings.current.theme];
  const find = (selector: string) => notNull(document.querySelector<HTMLCanvasElement>(selector));
  const layers = [find('.heat-canvas'), find('.overlay-canvas')];
  const projection = terminal.settings.current.overlays.projection ? find('.projection canvas') : null;
  const { widthPx, heightPx } = terminal.chart.view;
  const zonePx = projection?.clientWidth ?? 0;
  const ratio = window.devicePixelRatio;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round((widthPx + zonePx + axisPx) * ratio);
  canvas.height = Math.round((headerPx + heightPx + footerPx) * ratio);
  const context = notNull(canvas.getContext('2d'));
  context.scale(ratio, ratio);
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const layer of layers) context.drawImage(layer, 0, headerPx, widthPx, heightPx);
  if (projection !== null && zonePx > 0) {
    context.fillStyle = palette.page;
    context.fillRect(widthPx, headerPx, zonePx, heightPx);
    context.drawImage(projection, widthPx, headerPx, zonePx, heightPx);
  }
  context.fillStyle = palette.text;
  context.textBaseline = 'middle';
  context.font = '600 14px system-ui, sans-serif';
  context.fillText(titleOf(terminal, session), 10, headerPx / 2);
  context.font = '12px system-ui, sans-serif';
  drawLabels(context, '.price-label, .price-tag.spot', headerPx, (box, heat) => [
    widthPx + zonePx + 8,
    box.top - heat.top + box.height / 2,
  ]);
  context.textAlign = 'center';
  drawLabels(context, '.time-label', headerPx, (box, heat) => [
    box.left - heat.left + box.width / 2,
    heightPx + footerPx / 2,
  ]);
  return canvas;
}

function titleOf(terminal: Terminal, { contract }: Session): string {
  const { symbol, serving } = contract.config;
  const layer = layerOf(terminal.settings.current.layer, contract);
  const clock = new ZoneClock(terminal.settings.current.zone);
  const endMs = terminal.data.unixMs(terminal.chart.shownSeq + 1);
  return `${symbol} · ${layer.label} (${layer.unit}) · ${clock.date(endMs)} ${clock.time(endMs, 1)} ${zoneName(clock.zone)} · ${serving.serving_id}`;
}

/** Writes the texts of the labels that the page shows. */
function drawLabels(
  context: CanvasRenderingContext2D,
  selector: string,
  topPx: number,
  place: (box: DOMRect, heat: DOMRect) => readonly [number, number],
): void {
  const heat = notNull(document.querySelector('.heat')).getBoundingClientRect();
  for (const label of document.querySelectorAll<HTMLElement>(selector)) {
    if (label.hidden) continue;
    const [x, y] = place(label.getBoundingClientRect(), heat);
    context.fillText(label.textContent, x, y + topPx);
  }
}
