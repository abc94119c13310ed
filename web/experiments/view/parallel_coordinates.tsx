import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { colourCount, colourTable, type Theme } from '../../shared/colour/colour_maps.ts';
import { palettes } from '../../shared/theme.ts';
import { count } from '../model/format.ts';
import type { Run } from '../model/runs.ts';
import { type Axis, type Metric, scaleOf } from '../model/sweeps.ts';

interface ParallelCoordinatesProps {
  readonly runs: readonly Run[];
  readonly axes: readonly Axis[];
  readonly metric: Metric;
  readonly theme: Theme;
  readonly selected: string | null;
  readonly onRun: (runId: string) => void;
}

const heightPx = 260;
const margin = { top: 34, bottom: 14, left: 60, right: 70 };

/** Every run a line over the axes to its metric, the best drawn last; a click takes the nearest, a share hides the rest. */
export function ParallelCoordinates({ runs, axes, metric, theme, selected, onRun }: ParallelCoordinatesProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [widthPx, setWidthPx] = useState(800);
  const [best, setBest] = useState(100);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidthPx(Math.max(320, Math.floor(entry!.contentRect.width))));
    observer.observe(canvas.current!.parentElement!);
    return () => observer.disconnect();
  }, []);
  const lines = useMemo(() => linesOf(runs, axes, metric, best / 100), [runs, axes, metric, best]);
  useEffect(
    () => draw(canvas.current!, lines, { axes, metric, theme, selected, widthPx }),
    [lines, theme, selected, widthPx],
  );
  const pick = (event: MouseEvent) => {
    const nearest = nearestLine(lines.drawn, axes.length + 1, widthPx, event.offsetX, event.offsetY);
    if (nearest !== null) onRun(nearest.run.run_id);
  };
  return (
    <section>
      <div class="sweep-tools">
        <h3>All runs, {metric.label} at the right</h3>
        <label>
          best {best} % ({count(lines.drawn.length)} runs)
          <input
            type="range"
            min={1}
            max={100}
            value={best}
            onInput={({ currentTarget }) => setBest(Number(currentTarget.value))}
          />
        </label>
        <span class="quiet">A click on a line opens its run.</span>
      </div>
      <div class="parallel">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${lines.drawn.length} runs over ${axes.map(({ label }) => label).join(', ')} and ${metric.label}`}
          style={{ width: `${widthPx}px`, height: `${heightPx}px` }}
          onClick={pick}
        />
      </div>
    </section>
  );
}

interface Line {
  readonly run: Run;
  /** Height on each axis and on the metric's, 0 at the foot to 1. */
  readonly heights: readonly number[];
  /** Place on the colour scale. */
  readonly colour: number;
}

interface Lines {
  /** Worst first. */
  readonly drawn: readonly Line[];
  readonly diverging: boolean;
  readonly low: number;
  readonly high: number;
}

function linesOf(runs: readonly Run[], axes: readonly Axis[], metric: Metric, share: number): Lines {
  const judged = runs.flatMap((run) => {
    const value = metric.value(run);
    return value === null ? [] : [{ run, value }];
  });
  const values = judged.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scale = scaleOf(values, metric);
  const direction = metric.lessIsBetter ? -1 : 1;
  judged.sort((a, b) => direction * (a.value - b.value));
  const kept = judged.slice(judged.length - Math.ceil(judged.length * share));
  const places = axes.map(({ values: all }) => new Map(all.map((value, index) => [value, index / (all.length - 1)])));
  const drawn = kept.map(({ run, value }, rank) => ({
    run,
    heights: [
      ...axes.map((axis, index) => spread(places[index]!.get(axis.value(run))!, (rank + 0.5) / kept.length)),
      high > low ? (value - low) / (high - low) : 0.5,
    ],
    colour: visible(scale.at(value), scale.diverging),
  }));
  return { drawn, diverging: scale.diverging, low, high };
}

/** A place on the scale that keeps its distance from the colour of the ground, which is that of nothing. */
function visible(place: number, diverging: boolean): number {
  if (!diverging) return 0.3 + 0.7 * place;
  const fromMiddle = 2 * place - 1;
  return 0.5 + 0.5 * (fromMiddle < 0 ? -1 : 1) * (0.35 + 0.65 * Math.abs(fromMiddle));
}

/** Runs that share a value stand side by side around it, the better above, so that lines do not hide each other. */
const spread = (place: number, rank: number) => 0.04 + 0.92 * place + 0.06 * (rank - 0.5);

const xOf = (index: number, axisCount: number, widthPx: number) =>
  margin.left + (index * (widthPx - margin.left - margin.right)) / Math.max(1, axisCount - 1);
const yOf = (height: number) => heightPx - margin.bottom - height * (heightPx - margin.top - margin.bottom);

interface Scene extends Pick<ParallelCoordinatesProps, 'axes' | 'metric' | 'theme' | 'selected'> {
  readonly widthPx: number;
}

function draw(canvas: HTMLCanvasElement, lines: Lines, { axes, metric, theme, selected, widthPx }: Scene): void {
  const ratio = devicePixelRatio;
  canvas.width = widthPx * ratio;
  canvas.height = heightPx * ratio;
  const context = canvas.getContext('2d')!;
  const palette = palettes[theme];
  const colours = colourTable(lines.diverging ? 'orange-blue' : 'ice', theme);
  const count = axes.length + 1;
  context.scale(ratio, ratio);
  const path = ({ heights }: Line) => {
    context.beginPath();
    heights.forEach((height, index) => {
      context.lineTo(xOf(index, count, widthPx), yOf(height));
    });
    context.stroke();
  };
  context.lineWidth = 1.25;
  context.globalAlpha = lines.drawn.length > 400 ? 0.35 : 0.75;
  for (const line of lines.drawn) {
    const index = Math.round(line.colour * (colourCount - 1)) * 4;
    context.strokeStyle = `rgb(${colours[index]} ${colours[index + 1]} ${colours[index + 2]})`;
    path(line);
  }
  context.globalAlpha = 1;
  const chosen = lines.drawn.find(({ run }) => run.run_id === selected);
  if (chosen !== undefined) {
    context.lineWidth = 3;
    context.strokeStyle = palette.text;
    path(chosen);
  }
  context.font = '11px system-ui, sans-serif';
  const label = (text: string, x: number, y: number, colour: string) => {
    context.lineWidth = 4;
    context.strokeStyle = palette.panel;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  for (let index = 0; index < count; index++) {
    const x = xOf(index, count, widthPx);
    context.lineWidth = 1;
    context.strokeStyle = palette.quiet;
    context.beginPath();
    context.moveTo(x, yOf(0));
    context.lineTo(x, yOf(1));
    context.stroke();
    const axis = axes[index];
    context.textAlign = 'center';
    // Names of neighbours stand at two heights, so that long ones do not meet.
    label(axis?.label ?? metric.label, x, index % 2 === 0 ? 24 : 11, palette.text);
    context.textAlign = 'left';
    const ticks: readonly (readonly [string, number])[] =
      axis === undefined
        ? [
            [metric.text(lines.low), 0],
            [metric.text(lines.high), 1],
          ]
        : axis.values.map((value, at) => [String(value), spread(at / (axis.values.length - 1), 0.5)] as const);
    for (const [text, height] of thinned(ticks)) label(text, x + 5, yOf(height) + 4, palette.text);
  }
}

/** At most twelve of an axis's ticks, the first among them. */
function thinned<T>(ticks: readonly T[]): readonly T[] {
  const step = Math.ceil(ticks.length / 12);
  return ticks.filter((_, index) => index % step === 0);
}

/** The line nearest to a point, at most 8 px away; the one drawn last of equals. */
function nearestLine(lines: readonly Line[], count: number, widthPx: number, x: number, y: number): Line | null {
  const gap = (widthPx - margin.left - margin.right) / Math.max(1, count - 1);
  const position = Math.min(Math.max((x - margin.left) / gap, 0), count - 1);
  const from = Math.min(Math.floor(position), count - 2);
  let nearest: Line | null = null;
  let least = 8;
  for (const line of lines) {
    const [a, b] = [line.heights[from]!, line.heights[from + 1]!];
    const distance = Math.abs(yOf(a + (b - a) * (position - from)) - y);
    if (distance <= least) [nearest, least] = [line, distance];
  }
  return nearest;
}
