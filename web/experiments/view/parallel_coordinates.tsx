import { notNull, present } from '../../../src/errors.ts';
import './parallel_coordinates.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { count } from '../model/format.ts';
import { inOrder, type Line, linesOf, moved, type Stops, stopsOf } from '../model/parallel.ts';
import { brushOf } from '../model/query.ts';
import type { Run } from '../model/runs.ts';
import type { Axis, Metric } from '../model/sweeps.ts';
import { AxisHandle } from './axis_handle.tsx';
import { axisX, drawLines, heightY } from './parallel_canvas.ts';
import { type BrushStroke, useBrush } from './use_brush.ts';

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

/** Every run a line over the axes to its metric. A drag along an axis filters the runs, in the table too; a click opens one. */
export function ParallelCoordinates(props: ParallelCoordinatesProps) {
  const { runs, passing, metric, theme, selected, search, order, onRun, onSearch, onOrder } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [widthPx, heightPx] = useCanvasSize(canvas);
  /** The axis whose name is dragged, and where it is. */
  const [moving, setMoving] = useState<{ readonly axis: number; readonly x: number } | null>(null);
  const axes = useMemo(() => inOrder(props.axes, order), [props.axes, order]);
  const lines = useMemo(() => linesOf(runs, axes, metric), [runs, axes, metric]);
  const { stops } = lines;
  const passes = (line: Line) => passing.has(line.run.run_id);
  const candidates = useMemo(() => lines.lines.filter(passes), [lines, passing]);
  const { stroke, hovered, brush, handlers } = useBrush({
    stops,
    candidates,
    widthPx,
    heightPx,
    search,
    onSearch,
    onRun,
  });
  useEffect(() => {
    const strong = [selected, hovered?.run_id ?? null];
    drawLines(notNull(canvas.current), lines, { theme, widthPx, heightPx, passes, strong });
  }, [lines, passing, theme, selected, widthPx, heightPx, hovered]);
  const xOf = (index: number) => axisX(index, stops.length, widthPx);
  const moveAxis = (index: number, by: number) => {
    const names = axes.map(({ name }) => name);
    onOrder(moved(names, present(names[index]), by));
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
          {...handlers}
        />
        {stops.map((axis, index) => (
          <AxisHandle
            key={axis.column}
            axis={axis}
            xPx={moving?.axis === index ? moving.x : xOf(index)}
            isHigh={index % 2 === 1}
            brush={stroke?.axis === index ? strokePx(stroke) : brushPx(axis, search, heightPx)}
            range={stopsOf(axis, search)}
            onBrush={(from, to) => brush(index, from, to)}
            onMove={index < axes.length ? (by) => moveAxis(index, by) : null}
            onDrag={(x) => setMoving(x === null ? null : { axis: index, x })}
            gapPx={xOf(1) - xOf(0)}
          />
        ))}
      </div>
      <p class="readout quiet" aria-live="off">
        {hovered === null ? ' ' : describe(hovered, axes, metric)}
      </p>
    </section>
  );
}

const minHeightPx = 290;

/** Width and height for the canvas: as wide as its place, and two fifths of the window's height. */
function useCanvasSize(canvas: { readonly current: HTMLCanvasElement | null }): readonly [number, number] {
  const [size, setSize] = useState<readonly [number, number]>([800, minHeightPx]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setSize([
        Math.max(320, Math.floor(present(entry).contentRect.width)),
        Math.max(minHeightPx, Math.round(innerHeight * 0.4)),
      ]),
    );
    observer.observe(notNull(notNull(canvas.current).parentElement));
    return () => observer.disconnect();
  }, []);
  return size;
}

const strokePx = ({ from, to }: BrushStroke) => [Math.min(from, to), Math.max(from, to)] as const;

/** Top and foot of an axis's brush, px; null without one. */
function brushPx(axis: Stops, search: string, heightPx: number): readonly [number, number] | null {
  if (brushOf(search, axis.column) === null) return null;
  const [from, to] = stopsOf(axis, search);
  return [
    heightY(Math.min(1, present(axis.heights[to]) + 0.035), heightPx),
    heightY(Math.max(0, present(axis.heights[from]) - 0.035), heightPx),
  ];
}

/** A run in words: its start of the id, its values on the axes and its metric. */
function describe(run: Run, axes: readonly Axis[], metric: Metric): string {
  const values = axes.map((axis) => `${axis.label} ${axis.value(run)}`);
  const parts = [...values, `${metric.label} ${metric.text(metric.value(run))}`, `n ${count(run.n_signals)}`];
  return `${run.run_id.slice(0, 8)}: ${parts.join(', ')}`;
}
