import { notNull, present } from '../../../src/errors.ts';
import './parallel_coordinates.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { count } from '../model/format.ts';
import { brushBetween, inOrder, type Line, linesOf, moved, type Stops, stopsIn } from '../model/parallel.ts';
import { brushOf, withBrush } from '../model/query.ts';
import type { Run } from '../model/runs.ts';
import type { Axis, Metric } from '../model/sweeps.ts';
import { axisX, drawLines, heightAt, heightY, nearestLine } from './parallel_canvas.ts';

interface ParallelCoordinatesProps {
  readonly runs: readonly Run[];
  /** Ids of the runs that the search and the filters let pass. */
  readonly passing: ReadonlySet<string>;
  readonly axes: readonly Axis[];
  readonly metric: Metric;
  readonly theme: Theme;
  readonly selected: string | null;
  readonly search: string;
  readonly order: readonly string[];
  readonly onRun: (runId: string) => void;
  readonly onSearch: (search: string) => void;
  readonly onOrder: (order: readonly string[]) => void;
}

/** A brush or an axis under the pointer, while it is dragged. */
type Drag =
  | { readonly kind: 'brush'; readonly axis: number; readonly from: number; readonly to: number }
  | { readonly kind: 'axis'; readonly axis: number; readonly x: number };

const nearAxisPx = 12;
const leastHeightPx = 290;

/** Every run a line over the axes to its metric. A drag along an axis filters the runs, in the table too; a click opens one. */
export function ParallelCoordinates(props: ParallelCoordinatesProps) {
  const { runs, passing, metric, theme, selected, search, order, onRun, onSearch, onOrder } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [widthPx, setWidthPx] = useState(800);
  const [heightPx, setHeightPx] = useState(leastHeightPx);
  const [drag, showDrag] = useState<Drag | null>(null);
  // Moves may come faster than the page is drawn.
  const latest = useRef<Drag | null>(null);
  const setDrag = (next: Drag | null) => {
    latest.current = next;
    showDrag(next);
  };
  const [hovered, setHovered] = useState<Run | null>(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      setWidthPx(Math.max(320, Math.floor(present(entry).contentRect.width)));
      setHeightPx(Math.max(leastHeightPx, Math.round(innerHeight * 0.4)));
    });
    observer.observe(notNull(notNull(canvas.current).parentElement));
    return () => observer.disconnect();
  }, []);
  const axes = useMemo(() => inOrder(props.axes, order), [props.axes, order]);
  const lines = useMemo(() => linesOf(runs, axes, metric), [runs, axes, metric]);
  const { stops } = lines;
  const passes = (line: Line) => passing.has(line.run.run_id);
  const candidates = useMemo(() => lines.lines.filter(passes), [lines, passing]);
  useEffect(
    () =>
      drawLines(notNull(canvas.current), lines, {
        theme,
        widthPx,
        heightPx,
        passes,
        strong: [selected, hovered?.run_id ?? null],
      }),
    [lines, passing, theme, selected, widthPx, heightPx, hovered],
  );
  const xOf = (index: number) => axisX(index, stops.length, widthPx);
  const axisAt = (x: number) => stops.findIndex((_, index) => Math.abs(xOf(index) - x) <= nearAxisPx);
  const brush = (index: number, from: number, to: number) => {
    const axis = present(stops[index]);
    onSearch(withBrush(search, axis.column, brushBetween(axis, Math.min(from, to), Math.max(from, to))));
  };
  const nearest = (event: PointerEvent) =>
    nearestLine(candidates, stops.length, widthPx, heightPx, event.offsetX, event.offsetY)?.run ?? null;
  const onPointerDown = (event: PointerEvent) => {
    const axis = axisAt(event.offsetX);
    if (axis < 0 || event.button !== 0) return;
    notNull(canvas.current).setPointerCapture(event.pointerId);
    setDrag({ kind: 'brush', axis, from: event.offsetY, to: event.offsetY });
  };
  const onPointerMove = (event: PointerEvent) => {
    const now = latest.current;
    if (now?.kind === 'brush') setDrag({ ...now, to: event.offsetY });
    else setHovered(nearest(event));
  };
  const onPointerUp = (event: PointerEvent) => {
    const now = latest.current;
    setDrag(null);
    if (now?.kind !== 'brush' || Math.abs(now.from - event.offsetY) < 4) {
      if (now?.kind === 'brush' && brushOf(search, present(stops[now.axis]).column) !== null) {
        onSearch(withBrush(search, present(stops[now.axis]).column, null));
        return;
      }
      const run = nearest(event);
      if (run !== null) onRun(run.run_id);
      return;
    }
    const { heights } = present(stops[now.axis]);
    const [top, foot] = [Math.min(now.from, event.offsetY), Math.max(now.from, event.offsetY)].map((y) =>
      heightAt(y, heightPx),
    );
    // Lines that share a value stand up to 0.03 to each side of it.
    const inside = heights.flatMap((height, index) =>
      height >= present(foot) - 0.03 && height <= present(top) + 0.03 ? [index] : [],
    );
    if (inside.length > 0) brush(now.axis, present(inside[0]), present(inside.at(-1)));
  };
  return (
    <section aria-label="Parallel coordinates">
      <div class="sweep-tools">
        <h3>All runs, {metric.label} at the right</h3>
        <span role="status">
          {count(candidates.length)} of {count(lines.lines.length)} runs pass the filters
        </span>
        <span class="quiet">
          Drag along an axis to filter, its name to move it; click a line to open its run. Keys on a name: ↑ ↓, ← →,
          Delete.
        </span>
      </div>
      <div class="parallel" style={{ height: `${heightPx}px` }}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${candidates.length} runs over ${stops.map(({ label }) => label).join(', ')}`}
          style={{ width: `${widthPx}px`, height: `${heightPx}px` }}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerLeave={() => setHovered(null)}
        />
        {stops.map((axis, index) => (
          <AxisHandle
            key={axis.column}
            axis={axis}
            xPx={drag?.kind === 'axis' && drag.axis === index ? drag.x : xOf(index)}
            isHigh={index % 2 === 1}
            brush={
              drag?.kind === 'brush' && drag.axis === index
                ? [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
                : brushPx(axis, search, heightPx)
            }
            range={rangeOf(axis, search)}
            onBrush={(from, to) => brush(index, from, to)}
            onMove={
              index < axes.length
                ? (by) =>
                    onOrder(
                      moved(
                        axes.map(({ name }) => name),
                        present(axes[index]).name,
                        by,
                      ),
                    )
                : null
            }
            onDrag={(x) => setDrag(x === null ? null : { kind: 'axis', axis: index, x })}
            gapPx={xOf(1) - xOf(0)}
          />
        ))}
      </div>
      <p class="readout quiet" aria-live="off">
        {hovered === null
          ? ' '
          : `${hovered.run_id.slice(0, 8)}: ${[...axes.map((axis) => `${axis.label} ${axis.value(hovered)}`), `${metric.label} ${metric.text(metric.value(hovered))}`, `n ${count(hovered.n_signals)}`].join(', ')}`}
      </p>
    </section>
  );
}

/** Stops that the search lets pass on an axis; all of them without a condition. */
function rangeOf(axis: Stops, search: string): readonly [number, number] {
  const brush = brushOf(search, axis.column);
  return (brush === null ? null : stopsIn(axis, brush)) ?? [0, axis.values.length - 1];
}

/** Top and foot of an axis's brush, px; null without one. */
function brushPx(axis: Stops, search: string, heightPx: number): readonly [number, number] | null {
  if (brushOf(search, axis.column) === null) return null;
  const [from, to] = rangeOf(axis, search);
  return [
    heightY(Math.min(1, present(axis.heights[to]) + 0.035), heightPx),
    heightY(Math.max(0, present(axis.heights[from]) - 0.035), heightPx),
  ];
}

interface AxisHandleProps {
  readonly axis: Stops;
  readonly xPx: number;
  readonly isHigh: boolean;
  readonly brush: readonly [number, number] | null;
  readonly range: readonly [number, number];
  readonly gapPx: number;
  readonly onBrush: (from: number, to: number) => void;
  /** Null for the axis that stays where it is. */
  readonly onMove: ((by: number) => void) | null;
  readonly onDrag: (xPx: number | null) => void;
}

/** The name of an axis, which moves it and has the keys of its brush; and the brush. */
function AxisHandle({ axis, xPx, isHigh, brush, range: [from, to], gapPx, onBrush, onMove, onDrag }: AxisHandleProps) {
  const start = useRef<{ readonly pointer: number; readonly x: number } | null>(null);
  const last = axis.values.length - 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowUp' ? axis.keyStep : event.key === 'ArrowDown' ? -axis.keyStep : 0;
    if (step !== 0 && event.shiftKey) onBrush(from, Math.min(Math.max(to + step, from), last));
    else if (step !== 0) onBrush(Math.min(Math.max(from + step, 0), to), to);
    else if (event.key === 'ArrowLeft') onMove?.(-1);
    else if (event.key === 'ArrowRight') onMove?.(1);
    else if (event.key === 'Delete' || event.key === 'Backspace') onBrush(0, last);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const end = (event: PointerEvent) => {
    const by = start.current === null ? 0 : Math.round((event.clientX - start.current.pointer) / gapPx);
    start.current = null;
    onDrag(null);
    if (by !== 0) onMove?.(by);
  };
  const words = `${axis.label}: ${axis.values[from]} to ${axis.values[to]}`;
  return (
    <>
      <button
        type="button"
        class={`axis-name ${isHigh ? 'high' : ''} ${onMove === null ? '' : 'movable'}`}
        style={{ left: `${xPx}px` }}
        aria-label={`${words}. Arrows up and down move the lower end, with Shift the upper; left and right the axis; Delete clears.`}
        aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight Delete"
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (onMove === null) return;
          (event.currentTarget as Element).setPointerCapture(event.pointerId);
          start.current = { pointer: event.clientX, x: xPx };
        }}
        onPointerMove={({ clientX }) => {
          if (start.current !== null) onDrag(start.current.x + clientX - start.current.pointer);
        }}
        onPointerUp={end}
        onPointerCancel={end}
      >
        {axis.label}
      </button>
      {brush !== null && (
        <div
          class="axis-brush"
          style={{ left: `${xPx}px`, top: `${brush[0]}px`, height: `${Math.max(2, brush[1] - brush[0])}px` }}
        />
      )}
    </>
  );
}
