// biome-ignore-all lint/a11y/noNoninteractiveTabindex: the strip takes the keys that move over its cells
import { notNull, present } from '../../../src/errors.ts';
import './heat_strip.css';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DocumentTrial, ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import { colourTable, type Theme } from '../../shared/colour/colour_maps.ts';
import { palettes } from '../../shared/theme.ts';
import { count, fixed } from '../model/format.ts';
import { fillStrip, stripReachTicks, stripTrials, stripWords } from '../model/heat_strip.ts';

interface HeatStripProps {
  readonly document: ExperimentDocumentResponse;
  /** Ids of the runs that the search and the filters let pass. */
  readonly passing: ReadonlySet<string>;
  readonly theme: Theme;
  readonly onOpen: (trial: DocumentTrial, date: string) => void;
}

type Cell = readonly [row: number, session: number];

const moves: Readonly<Record<string, Cell>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  PageUp: [-20, 0],
  PageDown: [20, 0],
  Home: [-1e9, 0],
  End: [1e9, 0],
};

/** Every trial's net PnL on every session, the trial with the most evidence on top: whether it is a day, a trial or nothing that stands out. */
export function HeatStrip({ document, passing, theme, onOpen }: HeatStripProps) {
  const { sessions } = document;
  const trials = useMemo(() => stripTrials(document, passing), [document, passing]);
  const [at, setAt] = useState<Cell | null>(null);
  const strip = useStripCanvas(trials, sessions.length, theme, at);
  const rowPx = rowHeight(trials.length);
  const cellAt = (event: MouseEvent): Cell => {
    const { left, top, width } = notNull(strip.box.current).getBoundingClientRect();
    const y = event.clientY - top + notNull(strip.box.current).scrollTop;
    const session = Math.floor(((event.clientX - left) / width) * sessions.length);
    return [bounded(Math.floor(y / rowPx), trials.length), bounded(session, sessions.length)];
  };
  const open = ([row, session]: Cell) => onOpen(present(trials[row]), present(sessions[session]).date);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = moves[event.key];
    const [row, session] = at ?? [0, 0];
    if (by !== undefined) {
      const next = bounded(row + by[0], trials.length);
      setAt([next, bounded(session + by[1], sessions.length)]);
      strip.show(next);
    } else if (event.key === 'Enter' && at !== null) open(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (trials.length === 0) return null;
  return (
    <section class="strip" aria-label="Trials by session">
      <h3>
        Trials by session{' '}
        <span class="quiet">
          {count(trials.length)} trials down, the most evidence on top; {count(sessions.length)} sessions across. A cell
          opens its trades.
        </span>
      </h3>
      <div
        class="strip-box"
        ref={strip.box}
        role="application"
        tabIndex={0}
        aria-label="Trials by session: arrow keys move, Enter opens"
        onScroll={strip.draw}
        onKeyDown={onKeyDown}
        onFocus={() => setAt((before) => before ?? [0, 0])}
        onPointerMove={(event) => setAt(cellAt(event))}
        onClick={(event) => open(cellAt(event))}
      >
        <div style={{ height: `${trials.length * rowPx}px` }}>
          <canvas ref={strip.canvas} />
        </div>
      </div>
      <p class="strip-legend">
        <span class="quiet">{present(sessions[0]).date}</span>
        <span class="ramp">
          −{fixed(strip.reachTicks, 0)}
          <i style={{ background: strip.ramp }} />+{fixed(strip.reachTicks, 0)} net ticks a session
        </span>
        <span>
          <i class="key-not-run" /> not run
        </span>
        <span class="quiet">{present(sessions.at(-1)).date}</span>
      </p>
      <p class="strip-readout" role="status">
        {at === null
          ? ''
          : stripWords(present(trials[bounded(at[0], trials.length)]), at[1], present(sessions[at[1]]).date)}
      </p>
    </section>
  );
}

const heightPx = 360;
/** Rows are as high as fit, within limits in which they can be told apart and pointed at. */
const rowHeight = (rows: number) => Math.min(18, Math.max(5, Math.floor(heightPx / Math.max(1, rows))));
const bounded = (index: number, length: number) => Math.max(0, Math.min(length - 1, index));

/** The canvas of the strip: it stays in view and draws the rows that its box is scrolled to. */
function useStripCanvas(trials: readonly DocumentTrial[], sessions: number, theme: Theme, at: Cell | null) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cells = useMemo(() => globalThis.document.createElement('canvas'), []);
  const scale = useMemo(() => {
    const bytes = colourTable('purple-green', theme);
    return {
      reachTicks: stripReachTicks(trials, sessions),
      colours: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
      missing: 0x60808080,
      ramp: `linear-gradient(to right, ${[0, 63, 127, 191, 254].map((i) => `rgb(${bytes[4 * i]} ${bytes[4 * i + 1]} ${bytes[4 * i + 2]})`).join(', ')})`,
    };
  }, [trials, sessions, theme]);
  const rowPx = rowHeight(trials.length);
  const draw = useCallback(() => {
    if (box.current === null || canvas.current === null || trials.length === 0) return;
    const { scrollTop, clientWidth, clientHeight } = box.current;
    const first = Math.floor(scrollTop / rowPx);
    const rows = Math.min(trials.length - first, Math.ceil(clientHeight / rowPx) + 1);
    cells.width = sessions;
    cells.height = rows;
    const image = new ImageData(sessions, rows);
    fillStrip(new Uint32Array(image.data.buffer), trials, [first, rows, sessions], scale);
    notNull(cells.getContext('2d')).putImageData(image, 0, 0);
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (canvas.current.width !== width) canvas.current.width = width;
    if (canvas.current.height !== height) canvas.current.height = height;
    const context = notNull(canvas.current.getContext('2d'));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    context.imageSmoothingEnabled = false;
    context.drawImage(cells, 0, first * rowPx - scrollTop, clientWidth, rows * rowPx);
    if (at === null) return;
    const columnPx = clientWidth / sessions;
    context.strokeStyle = palettes[theme].text;
    context.lineWidth = 2;
    context.strokeRect(at[1] * columnPx, at[0] * rowPx - scrollTop, columnPx, rowPx);
  }, [trials, sessions, scale, rowPx, theme, at]);
  useLayoutEffect(draw, [draw]);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(draw);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, [draw]);
  const show = (row: number) => {
    const { scrollTop, clientHeight } = notNull(box.current);
    if (row * rowPx < scrollTop) notNull(box.current).scrollTop = row * rowPx;
    else if ((row + 1) * rowPx > scrollTop + clientHeight)
      notNull(box.current).scrollTop = (row + 1) * rowPx - clientHeight;
  };
  return { box, canvas, draw, show, reachTicks: scale.reachTicks, ramp: scale.ramp };
}
