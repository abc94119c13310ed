import type { Palette } from '../../shared/theme.ts';
import type { Session } from '../session/session.ts';
import { multiples } from '../viewport/axis.ts';
import { type Viewport, visibleGroups, xOf } from '../viewport/viewport.ts';
import { CanvasLayer } from './canvas_layer.ts';
import { ScrolledPicture } from './scrolled_picture.ts';
import type { StepColumns } from './series_columns.ts';
import { seriesKey } from './series_key.ts';
import type { Pane } from './series_panes.ts';
import type { Ink } from './series_styles.ts';
import { traceBand, traceSteps } from './step_paths.ts';

/** Room above and below the values. */
const [topPx, bottomPx] = [8, 6];
/** Between two labels of the axis at least; and between the axis and its labels. */
const labelSpacePx = 24;
const labelGapPx = 8;
const labelPx = 11;
/** Height of the mark of a firing at the edge of the pane. */
const firingPx = 7;
/** Steps of a label's value, as multiples of a power of ten. */
const labelSteps = [1, 2, 2.5, 5, 10];

export interface PlotDrawing {
  readonly session: Session;
  readonly view: Viewport;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelRatio: number;
  readonly firings: boolean;
}

/** The step between labels of an axis that is `heightPx` high for `extent`: 1, 2, 2.5 or 5 times a power of ten. */
export function labelStep(extent: number, heightPx: number): number {
  const least = (extent * labelSpacePx) / heightPx;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (labelSteps.find((step) => step * power >= least * (1 - 1e-9)) ?? 10);
}

/** Where the values of a pane lie. */
interface Frame extends PlotDrawing {
  readonly min: number;
  readonly max: number;
  /** Width and height of what is drawn of them. */
  readonly plotPx: number;
  readonly valuesPx: number;
}

/** A pane of the strip: its canvas with an axis at the right, its crosshair and its key. */
export class SeriesPlot {
  readonly element = document.createElement('div');
  /** What is over the values, and hears the pointer. */
  readonly over = document.createElement('div');
  readonly picture = new ScrolledPicture(false);
  readonly #pane: Pane;
  readonly #palette: Palette;
  readonly #layer: CanvasLayer;
  readonly #cursor = document.createElement('div');

  constructor(pane: Pane, palette: Palette) {
    this.#pane = pane;
    this.#palette = palette;
    const canvas = document.createElement('canvas');
    this.#layer = new CanvasLayer(canvas);
    this.element.className = 'series-plot';
    this.over.className = 'series-over';
    this.#cursor.className = 'series-cursor';
    this.#cursor.hidden = true;
    this.over.append(this.#cursor);
    const key = seriesKey(typeof pane.key === 'function' ? pane.key(palette) : pane.key);
    this.element.append(canvas, this.over, key);
  }

  /** Puts the crosshair at a pixel of the time axis; null for none. */
  point(xPx: number | null): void {
    this.#cursor.hidden = xPx === null;
    if (xPx !== null) this.#cursor.style.translate = `${Math.round(xPx)}px 0`;
  }

  draw(drawing: PlotDrawing): void {
    const { session, view, widthPx, heightPx, pixelRatio, firings } = drawing;
    const plotPx = widthPx - Math.ceil(Math.max(40, widthPx - view.widthPx));
    const valuesPx = heightPx - topPx - bottomPx;
    this.#place(widthPx, heightPx, plotPx, valuesPx);
    const columnsOf = kept((of: Viewport) => this.#pane.columns(session, of));
    const [min, max] = this.#pane.range(session, view, () => columnsOf(view));
    const frame = { ...drawing, min, max, plotPx, valuesPx };
    const context = this.#layer.begin(widthPx, heightPx, pixelRatio);
    this.#drawAxis(context, frame);
    context.save();
    context.beginPath();
    context.rect(0, topPx, plotPx, valuesPx);
    context.clip();
    const inputs = [min, max, firings];
    // Prices have no part in it.
    const timed = { ...view, heightPx, top: 0, ticksPerPx: 1 };
    this.picture.draw(context, timed, pixelRatio, inputs, (target, of) => {
      const columns = of === timed ? columnsOf(view) : columnsOf(of);
      this.#drawMarks(target, { ...frame, view: of }, columns);
      if (this.#pane.name === 'series' && firings) this.#drawFirings(target, { ...frame, view: of });
    });
    context.restore();
  }

  #place(widthPx: number, heightPx: number, plotPx: number, valuesPx: number): void {
    const { style } = this.element;
    const [width, height] = [`${widthPx}px`, `${heightPx}px`];
    if (style.width === width && style.height === height && this.over.style.width === `${plotPx}px`) return;
    [style.width, style.height] = [width, height];
    Object.assign(this.over.style, { top: `${topPx}px`, width: `${plotPx}px`, height: `${valuesPx}px` });
  }

  #drawAxis(context: CanvasRenderingContext2D, { min, max, plotPx, valuesPx, pixelRatio }: Frame): void {
    const palette = this.#palette;
    context.font = `${labelPx}px system-ui, sans-serif`;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.lineWidth = 1;
    context.strokeStyle = palette.line;
    context.fillStyle = palette.quiet;
    context.beginPath();
    for (const value of multiples(labelStep(max - min, valuesPx), min, max)) {
      const y = snapped(topPx + (1 - (value - min) / (max - min)) * valuesPx, pixelRatio);
      context.moveTo(0, y + 0.5);
      context.lineTo(plotPx, y + 0.5);
      context.fillText(this.#pane.words(value === 0 ? 0 : value), plotPx + labelGapPx, y);
    }
    context.stroke();
  }

  #drawMarks(context: CanvasRenderingContext2D, frame: Frame, columns: StepColumns): void {
    const x = edgesOf(columns, frame);
    const y = columns.lines.map((line) => heightsOf(line, frame));
    for (const mark of this.#pane.marks(this.#palette)) {
      context.save();
      const path = new Path2D();
      if ('low' in mark) {
        const [low, high] = [y[mark.low], y[mark.high]];
        if (low !== undefined && high !== undefined) traceBand(path, x, low, high);
        context.fillStyle = styleOf(context, mark.ink, frame);
        context.fill(path);
      } else {
        const line = y[mark.line];
        if (line !== undefined) traceSteps(path, x, line);
        // On whole pixels: values are rounded to their edges.
        const offset = ((mark.widthPx * frame.pixelRatio) % 2) / 2 / frame.pixelRatio;
        context.translate(offset, offset);
        context.strokeStyle = styleOf(context, mark.ink, frame);
        context.lineWidth = mark.widthPx;
        context.lineJoin = 'round';
        context.setLineDash([...(mark.dash ?? [])]);
        context.stroke(path);
      }
      context.restore();
    }
  }

  /** Marks firings at the edges of the pane: long at the top, short at the bottom. */
  #drawFirings(context: CanvasRenderingContext2D, { session: { summary }, view, valuesPx }: Frame): void {
    const step = Math.max(1, view.binsPerPx);
    summary.setStep(step);
    const [first, end] = visibleGroups(view);
    context.fillStyle = this.#palette.ours;
    for (let group = first; group < end; group++) {
      const mark = summary.mark('firing', summary.slot(group));
      if (mark === 0) continue;
      const y = topPx + (mark > 0 ? 0 : valuesPx - firingPx);
      context.fillRect(xOf(view, (group + 0.5) * step) - 1, y, 2, firingPx);
    }
  }
}

const snapped = (px: number, pixelRatio: number) => Math.round(px * pixelRatio) / pixelRatio;

/** Edges of the groups, on whole device pixels. */
function edgesOf({ first, step, endBin, lines }: StepColumns, { view, pixelRatio }: Frame): Float64Array {
  const count = lines[0]?.length ?? 0;
  const edges = new Float64Array(count + 1);
  for (let at = 0; at < count; at++) edges[at] = snapped(xOf(view, (first + at) * step), pixelRatio);
  edges[count] = snapped(xOf(view, endBin), pixelRatio);
  return edges;
}

/** Where values lie, on whole device pixels. */
function heightsOf(values: Float64Array, { min, max, valuesPx, pixelRatio }: Frame): Float64Array {
  const perValue = valuesPx / (max - min);
  return values.map((value) => snapped(topPx + (max - value) * perValue, pixelRatio));
}

/** An ink at each height of a pane. */
function styleOf(context: CanvasRenderingContext2D, ink: Ink, { min, max, valuesPx }: Frame): string | CanvasGradient {
  if (typeof ink === 'string') return ink;
  const gradient = context.createLinearGradient(0, topPx, 0, topPx + valuesPx);
  const zero = Math.min(1, Math.max(0, max / (max - min)));
  gradient.addColorStop(zero, ink.above);
  gradient.addColorStop(zero, ink.below);
  return gradient;
}

/** The last result again for the same argument. */
function kept<Argument, Result>(of: (argument: Argument) => Result): (argument: Argument) => Result {
  let last: { readonly argument: Argument; readonly result: Result } | null = null;
  return (argument) => {
    if (last === null || last.argument !== argument) last = { argument, result: of(argument) };
    return last.result;
  };
}
