import { present } from '../errors.ts';
import { formatFixed } from '../format.ts';
import { type Html, html } from './html.ts';
import { significant } from './words.ts';

/** Plots are drawn in these units; the page scales them to its columns. */
const width = 580;
const left = 62;
const right = 16;
const inner = width - left - right;

interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

/** An axis over [low, high] with about `count` round ticks inside. */
function axis(label: string, low: number, high: number, count = 5): Axis {
  const from = Number.isFinite(low) ? low : 0;
  const to = Number.isFinite(high) && high > from ? high : from + 1;
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { label, from, to, ticks };
}

const px = (value: number) => Number(value.toFixed(1));

class Canvas {
  readonly height: number;
  readonly top = 12;
  readonly bottom: number;
  readonly #x: Axis;
  readonly #y: Axis;

  constructor(x: Axis, y: Axis, plotHeight: number) {
    this.#x = x;
    this.#y = y;
    this.bottom = this.top + plotHeight;
    this.height = this.bottom + 44;
  }

  x(value: number): number {
    return px(left + ((value - this.#x.from) / (this.#x.to - this.#x.from)) * inner);
  }

  y(value: number): number {
    return px(this.bottom - ((value - this.#y.from) / (this.#y.to - this.#y.from)) * (this.bottom - this.top));
  }

  axes(xText = significant, yText = significant): Html {
    const middle = (this.top + this.bottom) / 2;
    return html`${this.#y.ticks.map(
      (tick) => html`<line class="grid" x1="${left}" x2="${left + inner}" y1="${this.y(tick)}" y2="${this.y(tick)}"/>
<text class="tick" x="${left - 8}" y="${this.y(tick) + 4}" text-anchor="end">${yText(tick)}</text>`,
    )}${this.#x.ticks.map(
      (tick) =>
        html`<text class="tick" x="${this.x(tick)}" y="${this.bottom + 18}" text-anchor="middle">${xText(tick)}</text>`,
    )}<line class="axis" x1="${left}" x2="${left + inner}" y1="${this.bottom}" y2="${this.bottom}"/>
<text class="label" x="${left + inner / 2}" y="${this.bottom + 38}" text-anchor="middle">${this.#x.label}</text>
<text class="label" transform="rotate(-90 14 ${middle})" x="14" y="${middle}" text-anchor="middle">${this.#y.label}</text>`;
  }
}

/** A figure with a heading; `legend` names the series by their colours, 1 to 5. */
function figure(title: string, about: string, height: number, body: Html, legend: readonly string[] = []): Html {
  const key = html`<ul class="legend">${legend.map((name, i) => html`<li><i class="swatch s${i + 1}"></i>${name}</li>`)}</ul>`;
  return html`<figure><h3>${title}</h3>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}. ${about}">${body}</svg>
${legend.length > 0 ? key : null}<figcaption>${about}</figcaption></figure>`;
}

export interface HistogramPlot {
  readonly title: string;
  readonly about: string;
  readonly xLabel: string;
  /** One more than there are counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** How edges are written, when they are not plain numbers; every edge is then one place on the axis. */
  readonly edgeText?: (edge: number) => string;
  /** Edges that get a text, by their index; all by default. */
  readonly labelled?: (index: number) => boolean;
  /** Texts under the bars' middles, where bars are classes. */
  readonly centred?: readonly string[];
}

/** Bars of equal width over a range of values, as shares of all. */
export function histogramPlot(plot: HistogramPlot): Html {
  const { edges, counts } = plot;
  const total = counts.reduce((a, b) => a + b, 0) || 1;
  const shares = counts.map((count) => (100 * count) / total);
  const canvas = new Canvas(
    { label: plot.xLabel, from: 0, to: counts.length, ticks: [] },
    axis('share, %', 0, Math.max(...shares, 1e-9) * 1.05),
    200,
  );
  const text = plot.edgeText ?? significant;
  const bars = shares.map((share, i) => {
    const x = canvas.x(i);
    const y = canvas.y(share);
    return html`<rect class="bar f1" x="${x + 0.5}" y="${y}" width="${px(Math.max(canvas.x(i + 1) - x - 1, 0.5))}" height="${px(canvas.bottom - y)}"><title>${text(present(edges[i]))} to ${text(present(edges[i + 1]))}: ${significant(share)} %</title></rect>`;
  });
  const labels = edges.map((edge, i) =>
    (plot.labelled?.(i) ?? true)
      ? html`<text class="tick" x="${canvas.x(i)}" y="${canvas.bottom + 18}" text-anchor="middle">${text(edge)}</text>`
      : html``,
  );
  const classes = plot.centred?.map(
    (name, i) =>
      html`<text class="tick" x="${canvas.x(i + 0.5)}" y="${canvas.bottom + 18}" text-anchor="middle">${name}</text>`,
  );
  return figure(plot.title, plot.about, canvas.height, html`${canvas.axes()}${bars}${labels}${classes ?? null}`);
}

export interface LineSeries {
  readonly name: string;
  readonly y: readonly number[];
  /** An interval around each value. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

export interface LinePlot {
  readonly title: string;
  readonly about: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly number[];
  readonly series: readonly LineSeries[];
  /** Values that the axis shows whatever the data: 0 for what may be nothing. */
  readonly include?: readonly number[];
  /** A value with a line across. */
  readonly reference?: number;
  /** Marks each value, for few of them. */
  readonly dots?: boolean;
}

/** Lines over a common x, with intervals as bands. */
export function linePlot(plot: LinePlot): Html {
  const all = plot.series.flatMap(({ y, low, high }) => [...y, ...(low ?? []), ...(high ?? [])]);
  const finite = [...all, ...(plot.include ?? [])].filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const pad = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  const keep = (value: number, padded: number) => (plot.include?.includes(value) ? value : padded);
  const canvas = new Canvas(
    axis(plot.xLabel, plot.x[0] ?? 0, plot.x.at(-1) ?? 1, 8),
    axis(plot.yLabel, keep(low, low - pad), keep(high, high + pad)),
    200,
  );
  const { x } = plot;
  const reference =
    plot.reference === undefined
      ? null
      : html`<line class="reference" x1="${left}" x2="${left + inner}" y1="${canvas.y(plot.reference)}" y2="${canvas.y(plot.reference)}"/>`;
  const lines = plot.series.map((series, i) => {
    const points = x.flatMap((at, j) =>
      Number.isFinite(series.y[j]) ? [[canvas.x(at), canvas.y(present(series.y[j]))]] : [],
    );
    const band =
      series.low && series.high
        ? html`<polygon class="band f${i + 1}" points="${bandPoints(canvas, x, series.low, series.high)}"/>`
        : null;
    const dots = plot.dots
      ? points.map(([cx, cy]) => html`<circle class="f${i + 1}" cx="${present(cx)}" cy="${present(cy)}" r="3"/>`)
      : null;
    return html`${band}<polyline class="line l${i + 1}" points="${points.map((p) => p.join(',')).join(' ')}"/>${dots}`;
  });
  const legend = plot.series.length > 1 ? plot.series.map(({ name }) => name) : [];
  return figure(plot.title, plot.about, canvas.height, html`${canvas.axes()}${reference}${lines}`, legend);
}

function bandPoints(canvas: Canvas, x: readonly number[], low: readonly number[], high: readonly number[]): string {
  const known = x.flatMap((at, i) => (Number.isFinite(low[i]) && Number.isFinite(high[i]) ? [[at, i] as const] : []));
  const top = known.map(([at, i]) => `${canvas.x(at)},${canvas.y(present(high[i]))}`);
  const bottom = known.reverse().map(([at, i]) => `${canvas.x(at)},${canvas.y(present(low[i]))}`);
  return [...top, ...bottom].join(' ');
}

export interface IntervalRow {
  readonly label: string;
  /** Beside the label, in small: how many observations. */
  readonly note?: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly muted?: boolean;
  /** Colour of the mark, 1 to 5. */
  readonly colour?: number;
}

export interface IntervalPlot {
  readonly title: string;
  readonly about: string;
  readonly xLabel: string;
  readonly rows: readonly IntervalRow[];
  /** Reference of the comparison. */
  readonly reference: number;
  readonly format?: (value: number) => string;
  readonly legend?: readonly string[];
}

/** One value with its interval per row, against a reference line. */
export function intervalPlot(plot: IntervalPlot): Html {
  const labelWidth = 178;
  const valueWidth = 66;
  const rowHeight = 24;
  const top = 14;
  const format = plot.format ?? significant;
  const shown = plot.rows.filter(({ muted }) => !muted);
  const limits = (shown.length > 0 ? shown : plot.rows).flatMap(({ low, high, value }) => [low, high, value]);
  const finite = [...limits, plot.reference].filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const pad = (high - low) * 0.05 || 1;
  const scale = axis(plot.xLabel, low - pad, high + pad, 6);
  const span = width - labelWidth - valueWidth - right;
  const clamp = (value: number) => Math.min(Math.max(value, scale.from), scale.to);
  const x = (value: number) => px(labelWidth + ((clamp(value) - scale.from) / (scale.to - scale.from)) * span);
  const bottom = top + plot.rows.length * rowHeight;
  const rows = plot.rows.map((row, i) => {
    const y = top + (i + 0.5) * rowHeight;
    const colour = row.muted ? 'muted' : `f${row.colour ?? 1}`;
    const known = Number.isFinite(row.value);
    return html`<g class="${row.muted ? 'muted' : ''}"><text class="rowlabel" x="${labelWidth - 10}" y="${y + 4}" text-anchor="end">${row.label}${row.note === undefined ? null : html` <tspan class="rownote">${row.note}</tspan>`}</text>
${known && Number.isFinite(row.low) ? html`<line class="whisker ${row.muted ? 'muted' : `l${row.colour ?? 1}`}" x1="${x(row.low)}" x2="${x(row.high)}" y1="${y}" y2="${y}"/>` : null}${
  known ? html`<circle class="${colour}" cx="${x(row.value)}" cy="${y}" r="4"/>` : null
}<text class="tick" x="${width - 4}" y="${y + 4}" text-anchor="end">${format(row.value)}</text></g>`;
  });
  const ticks = scale.ticks.map(
    (tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${top}" y2="${bottom}"/>
<text class="tick" x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${significant(tick)}</text>`,
  );
  const reference = html`<line class="reference" x1="${x(plot.reference)}" x2="${x(plot.reference)}" y1="${top}" y2="${bottom}"/>`;
  const label = html`<text class="label" x="${labelWidth + span / 2}" y="${bottom + 38}" text-anchor="middle">${plot.xLabel}</text>`;
  return figure(plot.title, plot.about, bottom + 46, html`${ticks}${reference}${rows}${label}`, plot.legend);
}

export interface StackRow {
  readonly label: string;
  /** Shares that sum to 1, in the order of the legend. */
  readonly shares: readonly number[];
}

/** Shares of a whole per row, as stretches of one bar; `colours` are classes of the legend's entries. */
export function stackPlot(
  title: string,
  about: string,
  legend: readonly string[],
  colours: readonly string[],
  rows: readonly StackRow[],
): Html {
  const labelWidth = 130;
  const rowHeight = 30;
  const span = width - labelWidth - right;
  const body = rows.map((row, i) => {
    let at = labelWidth;
    const y = 8 + i * rowHeight;
    return html`<text class="rowlabel" x="${labelWidth - 10}" y="${y + 17}" text-anchor="end">${row.label}</text>${row.shares.map(
      (share, part) => {
        const w = Number.isFinite(share) ? share * span : 0;
        const x = at;
        at += w;
        const text =
          w > 44
            ? html`<text class="onbar ${present(colours[part])}" x="${px(x + w / 2)}" y="${y + 17}" text-anchor="middle">${formatFixed(share * 100, 1)} %</text>`
            : null;
        return html`<rect class="part ${present(colours[part])}" x="${px(x)}" y="${y}" width="${px(w)}" height="24"><title>${present(legend[part])}: ${formatFixed(share * 100, 2)} %</title></rect>${text}`;
      },
    )}`;
  });
  const key = html`<ul class="legend">${legend.map((name, i) => html`<li><i class="swatch ${present(colours[i])}"></i>${name}</li>`)}</ul>`;
  return html`<figure><h3>${title}</h3>
<svg viewBox="0 0 ${width} ${14 + rows.length * rowHeight}" role="img" aria-label="${title}. ${about}">${body}</svg>
${key}<figcaption>${about}</figcaption></figure>`;
}
