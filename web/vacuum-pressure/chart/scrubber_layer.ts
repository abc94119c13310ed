import { notNull, present } from '../../../src/errors.ts';
import type { SessionOverview } from '../../../src/wire/index.ts';
import { type Palette, palettes } from '../../shared/theme.ts';
import type { Terminal } from '../playback/terminal.ts';
import { unixMsOf, type ZoneClock } from '../session/format.ts';
import { type Strip, stripOf } from '../session/overview.ts';
import { multiples, timeLabelStepMs } from '../viewport/axis.ts';
import { visibleBins } from '../viewport/viewport.ts';
import { CanvasLayer } from './canvas_layer.ts';

/** Height of the session's picture, and of the times below it. */
const stripPx = 36;
const timesPx = 15;
export const scrubberHeightPx = stripPx + timesPx;
const receivedPx = 3;

/** Bins that the scrubber spans: the session as far as it is known. */
export function knownBins({ playback: { connectionState }, data: { session, overview } }: Terminal): number {
  const received = (session?.store.newest ?? -1) + 1;
  const ended = connectionState.phase === 'ended' ? connectionState.binCount : 0;
  return Math.max(1, received, ended, overview?.bin_count ?? 0);
}

/** The scrubber's picture: the session behind, which changes seldom, and what moves in front of it. */
export class ScrubberLayer {
  readonly #back: CanvasLayer;
  readonly #front: CanvasLayer;
  #overview: SessionOverview | null = null;
  #key = '';

  constructor(back: HTMLCanvasElement, front: HTMLCanvasElement) {
    this.#back = new CanvasLayer(back);
    this.#front = new CanvasLayer(front);
  }

  draw(terminal: Terminal, clock: ZoneClock, widthPx: number): void {
    const settings = terminal.settings.current;
    const { overview, session } = terminal.data;
    const palette = palettes[settings.theme];
    const bins = knownBins(terminal);
    const startMs = terminal.data.unixMs(0);
    const key = [widthPx, bins, settings.theme, clock.zone, startMs, window.devicePixelRatio].join();
    if (overview !== this.#overview || key !== this.#key) {
      this.#overview = overview;
      this.#key = key;
      const context = this.#back.begin(widthPx, scrubberHeightPx, window.devicePixelRatio);
      if (overview !== null) drawStrip(context, stripOf(overview, bins, Math.floor(widthPx)), palette);
      if (!Number.isNaN(startMs)) drawTimes(context, clock, startMs, terminal.data.unixMs(bins), widthPx, palette);
    }
    const context = this.#front.begin(widthPx, scrubberHeightPx, window.devicePixelRatio);
    if (session !== null) drawFront(context, terminal, bins, widthPx, palette);
  }
}

function drawStrip(context: CanvasRenderingContext2D, strip: Strip, palette: Palette): void {
  const low = stripPx - receivedPx - 1;
  context.fillStyle = palette.neutral;
  context.globalAlpha = 0.42;
  // A root, so that quiet hours beside a burst are more than a line.
  for (const [x, events] of strip.events.entries()) {
    const size = Math.sqrt(events / (strip.mostEvents || 1)) * (low - 4);
    if (size > 0) context.fillRect(x, low - size, 1, size);
  }
  context.globalAlpha = 0.5;
  context.fillStyle = palette.paused;
  for (const [x, isInvalid] of strip.invalid.entries()) if (isInvalid) context.fillRect(x, 0, 1, 3);
  context.globalAlpha = 1;
  const yOf = (mid: number) => 4 + (1 - (mid - strip.lowest) / (strip.highest - strip.lowest || 1)) * (low - 8);
  context.strokeStyle = palette.text;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const [x, mid] of strip.lowMid.entries()) {
    if (Number.isNaN(mid)) continue;
    context.moveTo(x + 0.5, yOf(present(strip.highMid[x])) - 0.6);
    context.lineTo(x + 0.5, yOf(mid) + 0.6);
  }
  context.stroke();
}

function drawTimes(
  context: CanvasRenderingContext2D,
  clock: ZoneClock,
  startMs: number,
  endMs: number,
  widthPx: number,
  palette: Palette,
): void {
  const stepMs = timeLabelStepMs((endMs - startMs) / widthPx, 74);
  const offsetMs = clock.offsetMs(startMs);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  for (const wallMs of multiples(stepMs, startMs + offsetMs, endMs + offsetMs)) {
    const unixMs = wallMs - offsetMs;
    const text = stepMs < 60_000 ? clock.time(unixMs) : clock.time(unixMs).slice(0, 5);
    const x = ((unixMs - startMs) / (endMs - startMs)) * widthPx;
    const half = context.measureText(text).width / 2 + 2;
    context.fillStyle = palette.line;
    context.fillRect(Math.round(x), 0, 1, stripPx + 3);
    if (x < half || x > widthPx - half) continue;
    context.fillStyle = palette.quiet;
    context.fillText(text, x, stripPx + timesPx / 2 + 1);
  }
}

/** What was received, the part in view, bookmarks, and the bin shown. */
function drawFront(
  context: CanvasRenderingContext2D,
  terminal: Terminal,
  bins: number,
  widthPx: number,
  palette: Palette,
): void {
  const pxPerBin = widthPx / bins;
  const { store } = notNull(terminal.data.session);
  context.fillStyle = palette.accent;
  let heldFrom = -1;
  for (let x = 0; x <= widthPx; x++) {
    const isHeld = x < widthPx && store.has(Math.floor((x + 0.5) / pxPerBin));
    if (isHeld && heldFrom < 0) heldFrom = x;
    if (isHeld || heldFrom < 0) continue;
    context.fillRect(heldFrom, stripPx - receivedPx, x - heldFrom, receivedPx);
    heldFrom = -1;
  }
  const [first, end] = visibleBins(terminal.chart.view);
  const left = Math.max(0, first * pxPerBin);
  const right = Math.min(widthPx, end * pxPerBin);
  context.strokeStyle = palette.text;
  context.lineWidth = 1;
  if (right > left) context.strokeRect(left + 0.5, 0.5, Math.max(2, right - left - 1), stripPx - 1);
  context.fillStyle = palette.paused;
  for (const { tsNs } of terminal.bookmarks.list) {
    const x = terminal.data.timeOf(unixMsOf(tsNs)) * pxPerBin;
    context.fillRect(x - 1, 0, 2, stripPx);
    context.fillRect(x - 1, 0, 7, 6);
  }
  const x = (terminal.chart.shownSeq + 0.5) * pxPerBin;
  context.fillStyle = palette.page;
  context.fillRect(x - 2.5, 0, 5, stripPx);
  context.fillStyle = palette.accent;
  context.fillRect(x - 1.5, 0, 3, stripPx);
}
