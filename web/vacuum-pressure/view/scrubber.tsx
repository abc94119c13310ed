import { notNull, present } from '../../../src/errors.ts';
import './scrubber.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { knownBins, ScrubberLayer, scrubberHeightPx } from '../chart/scrubber_layer.ts';
import type { Terminal } from '../playback/terminal.ts';
import { formatCount, formatPriceNumber, ZoneClock } from '../session/format.ts';
import { overviewSpan } from '../session/overview.ts';
import { useTerminalSeldom } from './use_terminal.ts';

/** Time of a bin's end, and what the overview knows of the bins of its pixel: mid, event rate, validity. */
function momentWords(terminal: Terminal, clock: ZoneClock, seq: number, binsPerPx: number): string {
  const { overview, session } = terminal.data;
  const unixMs = terminal.data.unixMs(seq + 1);
  if (Number.isNaN(unixMs) || session === null) return '';
  const time = clock.time(unixMs, 1);
  if (overview === null || seq >= overview.bin_count) return time;
  const { low, high, events, isInvalid } = overviewSpan(overview, seq, seq + Math.max(1, Math.floor(binsPerPx)));
  const price = (mid: number) => formatPriceNumber(mid, session.contract.priceDecimals);
  const mids = Number.isNaN(low) ? 'no mid' : low === high ? price(low) : `${price(low)} – ${price(high)}`;
  const rate = formatCount(Math.round((events * 1000) / overview.cell_width_ms));
  return `${time} · ${mids} · ${rate} events/s${isInvalid ? ' · book not valid' : ''}`;
}

/** Where a key leads from bin `seq`; null for other keys. */
function keyTarget(key: string, seq: number, bins: number, cellMs: number): number | null {
  const minute = Math.round(60_000 / cellMs);
  const second = Math.max(1, Math.round(1000 / cellMs));
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, seq - second);
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(bins - 1, seq + second);
    case 'PageDown':
      return Math.max(0, seq - minute);
    case 'PageUp':
      return Math.min(bins - 1, seq + minute);
    case 'Home':
      return 0;
    case 'End':
      return bins - 1;
    default:
      return null;
  }
}

/** The whole session: mid price over event rate, with its times. Click, drag or use the keys to seek. */
export function Scrubber() {
  const terminal = useTerminalSeldom(
    'bin',
    'view',
    'session',
    'settings',
    'bookmarks',
    'connection',
    'pointer',
    'overview',
  );
  const root = useRef<HTMLDivElement>(null);
  const layer = useRef<ScrubberLayer | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [dragging, setDragging] = useState(false);
  const clock = useMemo(() => new ZoneClock(terminal.settings.current.zone), [terminal.settings.current.zone]);
  const [widthPx, setWidthPx] = useState(1);
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidthPx(notNull(root.current).clientWidth));
    observer.observe(notNull(root.current));
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const [back, front] = notNull(root.current).querySelectorAll('canvas');
    layer.current ??= new ScrubberLayer(present(back), present(front));
    layer.current.draw(terminal, clock, widthPx);
  });
  const bins = knownBins(terminal);
  // Before the first bin nothing is shown; the slider then stands at the session's start.
  const sliderSeq = Math.max(0, terminal.chart.shownSeq);
  const words = (seq: number) => momentWords(terminal, clock, seq, bins / widthPx);
  const seqOf = (event: PointerEvent) => {
    const box = notNull(root.current).getBoundingClientRect();
    return Math.min(bins - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * bins)));
  };
  const onKey = (event: KeyboardEvent) => {
    const { session } = terminal.data;
    if (session === null) return;
    const target = keyTarget(event.key, terminal.playback.seekTargetSeq, bins, session.contract.config.cell_width_ms);
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    terminal.playback.seek(target);
  };
  const release = () => setDragging(false);
  return (
    <div
      class="scrubber"
      ref={root}
      style={{ height: `${scrubberHeightPx + 2}px` }}
      role="slider"
      tabIndex={0}
      aria-label="Position in the session"
      aria-valuemin={0}
      aria-valuemax={bins - 1}
      aria-valuenow={sliderSeq}
      aria-valuetext={words(sliderSeq)}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setHovered(seqOf(event));
        setDragging(true);
      }}
      onPointerMove={(event) => setHovered(seqOf(event))}
      onPointerLeave={() => setHovered(null)}
      onPointerUp={(event) => {
        if (dragging) terminal.playback.seek(seqOf(event));
        release();
      }}
      onPointerCancel={release}
    >
      <canvas />
      <canvas />
      {hovered !== null && (
        <>
          <span class="scrubber-line" style={{ left: `${((hovered + 0.5) / bins) * 100}%` }} />
          <span class="scrubber-tag" style={{ left: `clamp(120px, ${((hovered + 0.5) / bins) * 100}%, 100% - 120px)` }}>
            {words(hovered)}
          </span>
        </>
      )}
    </div>
  );
}
