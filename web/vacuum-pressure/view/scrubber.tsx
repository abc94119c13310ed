import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { palettes } from '../../shared/theme.ts';
import { CanvasLayer } from '../chart/canvas_layer.ts';
import { ZoneClock } from '../model/format.ts';
import { type Overview, overviewOf } from '../model/overview.ts';
import type { SessionStore } from '../model/session_store.ts';
import type { Terminal } from '../model/terminal.ts';
import { visibleBins } from '../model/viewport.ts';
import { useTerminal } from './use_terminal.ts';

const heightPx = 38;
const overviewMs = 2000;

/** Bins that the scrubber spans: the session as far as it is known. */
export function knownBins({ connectionState, session }: Terminal): number {
  const received = (session?.store.newest ?? -1) + 1;
  return Math.max(1, received, connectionState.phase === 'ended' ? connectionState.binCount : 0);
}

/** The overview of what was received, worked out anew when bins came and a while has passed. */
class OverviewCache {
  #overview: Overview | null = null;
  #key = '';
  #count = -1;
  #sinceMs = Number.NEGATIVE_INFINITY;

  of(store: SessionStore, bins: number, columns: number, nowMs: number): Overview {
    const key = `${store.contract.config.effective_config_hash} ${columns}`;
    const isOld = store.count !== this.#count && nowMs - this.#sinceMs > overviewMs;
    if (this.#overview === null || key !== this.#key || isOld) {
      this.#overview = overviewOf(store, bins, columns);
      this.#key = key;
      this.#count = store.count;
      this.#sinceMs = nowMs;
    }
    return this.#overview;
  }
}

function draw(layer: CanvasLayer, terminal: Terminal, widthPx: number, cache: OverviewCache): void {
  const { session, settings } = terminal;
  const context = layer.begin(widthPx, heightPx, window.devicePixelRatio);
  if (session === null) return;
  const palette = palettes[settings.theme];
  const bins = knownBins(terminal);
  const overview = cache.of(session.store, bins, Math.floor(widthPx), performance.now());
  const scale = (value: number, low: number, high: number) =>
    3 + (1 - (value - low) / (high - low || 1)) * (heightPx - 6);
  context.fillStyle = palette.control;
  for (const [x, held] of overview.held.entries()) if (held) context.fillRect(x, 0, 1, heightPx);
  context.fillStyle = palette.accent;
  context.globalAlpha = 0.45;
  for (const [x, events] of overview.events.entries()) {
    const size = (events / (overview.mostEvents || 1)) * (heightPx - 8);
    context.fillRect(x, heightPx - size, 1, size);
  }
  context.globalAlpha = 1;
  context.strokeStyle = palette.text;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const [x, low] of overview.lowMid.entries()) {
    if (Number.isNaN(low)) continue;
    const top = scale(overview.highMid[x]!, overview.lowest, overview.highest);
    context.moveTo(x + 0.5, top - 0.6);
    context.lineTo(x + 0.5, scale(low, overview.lowest, overview.highest) + 0.6);
  }
  context.stroke();
  drawMarks(context, terminal, widthPx / bins, palette.warning, palette.accent);
}

/** The part in view, the bookmarks and the newest bin. */
function drawMarks(
  context: CanvasRenderingContext2D,
  terminal: Terminal,
  pxPerBin: number,
  bookmark: string,
  accent: string,
): void {
  const [first, end] = visibleBins(terminal.view);
  context.strokeStyle = accent;
  context.lineWidth = 1;
  context.strokeRect(first * pxPerBin + 0.5, 0.5, Math.max(2, (end - first) * pxPerBin), heightPx - 1);
  context.fillStyle = bookmark;
  for (const { tsNs } of terminal.bookmarks) {
    const x = terminal.timeOf(Number(BigInt(tsNs) / 1000n) / 1000) * pxPerBin;
    context.fillRect(x - 1, 0, 2, heightPx);
    context.fillRect(x - 1, 0, 7, 6);
  }
  context.fillStyle = accent;
  context.fillRect((terminal.shownSeq + 0.5) * pxPerBin - 1, 0, 2, heightPx);
}

/** The session so far: mid price over event rate. Drag to seek. */
export function Scrubber() {
  const terminal = useTerminal('bin', 'view', 'session', 'settings', 'bookmarks', 'connection', 'pointer');
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<CanvasLayer | null>(null);
  const cache = useRef(new OverviewCache());
  const [wanted, setWanted] = useState<number | null>(null);
  useEffect(() => {
    layer.current ??= new CanvasLayer(canvas.current!);
    draw(layer.current, terminal, canvas.current!.clientWidth, cache.current);
  });
  const bins = knownBins(terminal);
  const clock = useMemo(() => new ZoneClock(terminal.settings.zone), [terminal.settings.zone]);
  const timeText = (seq: number) => {
    const unixMs = terminal.unixMs(seq + 1);
    return Number.isNaN(unixMs) ? '' : clock.time(unixMs, 1);
  };
  const seqOf = (event: PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    return Math.min(bins - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * bins)));
  };
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -10, ArrowRight: 10, PageUp: -600, PageDown: 600 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    terminal.seek(Math.min(bins - 1, Math.max(0, terminal.shownSeq + by)));
  };
  return (
    <div
      class="scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Position in the session"
      aria-valuemin={0}
      aria-valuemax={bins - 1}
      aria-valuenow={Math.max(0, terminal.shownSeq)}
      aria-valuetext={timeText(terminal.shownSeq)}
      onKeyDown={key}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setWanted(seqOf(event));
      }}
      onPointerMove={(event) => wanted !== null && setWanted(seqOf(event))}
      onPointerUp={() => {
        if (wanted !== null) terminal.seek(wanted);
        setWanted(null);
      }}
      onPointerCancel={() => setWanted(null)}
    >
      <canvas ref={canvas} />
      <span class="scrubber-end">{timeText(bins - 1)}</span>
      {wanted !== null && (
        <span class="scrubber-tag" style={{ left: `${((wanted + 0.5) / bins) * 100}%` }}>
          {timeText(wanted)}
        </span>
      )}
    </div>
  );
}
