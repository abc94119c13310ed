import uPlot from 'uplot';
import { present } from '../../../src/errors.ts';
import { defaultSignal } from '../../../src/signals/index.ts';
import { palettes } from '../../shared/theme.ts';
import type { Terminal } from '../playback/terminal.ts';
import type { SummaryField } from '../session/bin_summary.ts';
import { formatPrice, formatValue } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { scoreScale } from '../viewport/score_scale.ts';
import { timeAt, type Viewport, visibleGroups, yOf } from '../viewport/viewport.ts';
import { intensityKey, scoreKey, seriesKey } from './series_key.ts';

type Columns = (number | null)[][];

/**
 * The bins in view as columns for a plot, the first of them the time in bins: a point per bin, or, where a pixel covers
 * several, the smallest and the largest of two pixels, or their mean.
 */
export function sampleSeries(
  { summary, store }: Session,
  fields: readonly SummaryField[],
  view: Viewport,
  dense: 'extremes' | 'mean',
): Columns {
  const [first, visibleEnd] = visibleGroups(view);
  const step = Math.max(1, view.binsPerPx);
  const isDense = step > 1;
  const end = Math.min(visibleEnd, Math.ceil((store.newest + 1) / step));
  // Of dense groups two make a point: a line is wider than a pixel, and plotting is what a panned frame spends most on.
  const merged = isDense ? 2 : 1;
  const from = Math.floor(Math.max(first, Math.floor(store.oldest / step)) / merged) * merged;
  const count = Math.max(0, Math.ceil((end - from) / merged));
  const perPoint = isDense && dense === 'extremes' ? 2 : 1;
  const columns: Columns = [null, ...fields].map(() => new Array(count * perPoint));
  for (let index = 0; index < count; index++) {
    const group = from + index * merged;
    const slot = summary.slot(group);
    const other = isDense && group + 1 < end ? summary.slot(group + 1) : slot;
    const at = index * perPoint;
    present(columns[0])[at] = (group + merged) * step;
    if (perPoint === 2) present(columns[0])[at + 1] = present(present(columns[0])[at]);
    for (let field = 0; field < fields.length; field++) {
      const name = present(fields[field]);
      const column = present(columns[field + 1]);
      if (dense === 'mean') {
        column[at] = either(summary.mean(name, slot), summary.mean(name, other), (a, b) => (a + b) / 2);
        continue;
      }
      column[at] = either(summary.low(name, slot), summary.low(name, other), Math.min);
      if (perPoint === 2) column[at + 1] = either(summary.high(name, slot), summary.high(name, other), Math.max);
    }
  }
  return columns;
}

/** Two values as one; what a plot leaves out is null. */
function either(a: number, b: number, merge: (a: number, b: number) => number): number | null {
  if (Number.isNaN(a)) return Number.isNaN(b) ? null : b;
  return Number.isNaN(b) ? a : merge(a, b);
}

const scoreFields: readonly SummaryField[] = ['score', 'midTick', 'threshold'];
const intensityFields: readonly SummaryField[] = ['bull', 'bear', 'mixed'];

/**
 * The signal over time, below the heatmap and on its time axis: score, threshold and mid; of the derivative signal its
 * three intensities too.
 */
export class SeriesStrip {
  readonly #element: HTMLElement;
  readonly #terminal: Terminal;
  readonly #stops: (() => void)[];
  #plots: readonly uPlot[] = [];
  #key = '';
  #view: Viewport | null = null;
  #widthPx = 0;

  constructor(element: HTMLElement, terminal: Terminal) {
    this.#element = element;
    this.#terminal = terminal;
    this.#stops = [terminal.topics.on(['pointer'], () => this.#showCrosshair())];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    for (const plot of this.#plots) plot.destroy();
  }

  draw(view: Viewport, session: Session, widthPx: number, bothPx: number): void {
    if (bothPx < 40) return;
    const heightPx = Math.floor(bothPx / (hasIntensities(session) ? 2 : 1));
    this.#widthPx = widthPx;
    const key = `${this.#terminal.settings.current.theme} ${session.contract.config.effective_config_hash}`;
    if (key !== this.#key) this.#build(key, widthPx, heightPx, view.widthPx, session);
    this.#view = view;
    this.#showCrosshair();
    const scale = scoreScale(session, view);
    setText(this.#element, '.score-range', `−${formatValue(scale)} to ${formatValue(scale)}`);
    for (const [index, plot] of this.#plots.entries()) {
      if (plot.width !== widthPx || plot.height !== heightPx) plot.setSize({ width: widthPx, height: heightPx });
      // Intensities of a second cover their whole range: what one sees in many bins is how strong they are on the whole.
      const columns =
        index === 0
          ? withBothThresholds(sampleSeries(session, scoreFields, view, 'extremes'))
          : sampleSeries(session, intensityFields, view, 'mean');
      plot.batch(() => {
        plot.setData(columns as uPlot.AlignedData, false);
        if (index === 0) plot.setScale('score', { min: -1.05 * scale, max: 1.05 * scale });
        plot.setScale('x', { min: view.left, max: timeAt(view, view.widthPx) });
      });
    }
  }

  #build(key: string, widthPx: number, heightPx: number, plotPx: number, session: Session): void {
    for (const plot of this.#plots) plot.destroy();
    this.#element.replaceChildren();
    this.#key = key;
    const palette = palettes[this.#terminal.settings.current.theme];
    const line = (label: string, stroke: string, scale: string, width = 1.25): uPlot.Series => ({
      label,
      stroke,
      scale,
      width,
      points: { show: false },
      spanGaps: false,
    });
    const axis = (scale: string): uPlot.Axis => ({
      scale,
      side: 1,
      size: () => Math.max(40, this.#widthPx - (this.#view?.widthPx ?? plotPx)),
      stroke: palette.quiet,
      font: '11px system-ui, sans-serif',
      grid: { stroke: palette.line, width: 1 },
      ticks: { show: false },
      space: 18,
      gap: 8,
    });
    const base = {
      width: widthPx,
      height: heightPx,
      padding: [6, 0, 4, 0] as uPlot.Padding,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    };
    const x: uPlot.Scale = { time: false, auto: false };
    const threshold = { ...line('Threshold', palette.ours, 'score', 1), dash: [4, 4] };
    const scorePlot = () =>
      new uPlot(
        {
          ...base,
          scales: { x, score: { auto: false }, mid: {} },
          axes: [{ show: false }, axis('score')],
          series: [
            {},
            line('Score', palette.text, 'score', 1.6),
            line('Mid', palette.neutral, 'mid', 1),
            threshold,
            { ...threshold },
          ],
        },
        [[], [], [], [], []],
        this.#element,
      );
    const intensityPlot = () =>
      new uPlot(
        {
          ...base,
          scales: { x, intensity: { range: [-0.03, 1.03] } },
          axes: [{ show: false }, axis('intensity')],
          series: [
            {},
            line('Bull', palette.bull, 'intensity'),
            line('Bear', palette.bear, 'intensity'),
            line('Mixed', palette.neutral, 'intensity', 1),
          ],
        },
        [[], [], [], []],
        this.#element,
      );
    this.#plots = hasIntensities(session) ? [scorePlot(), intensityPlot()] : [scorePlot()];
    for (const [index, plot] of this.#plots.entries()) {
      this.#listen(plot);
      plot.root.append(seriesKey(index === 0 ? scoreKey : intensityKey));
    }
  }

  /** The mid has no axis of its own: its range stands in the key. */
  showMidRange({ summary, contract }: Session, view: Viewport): void {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const [first, end] = visibleGroups(view);
    for (let group = first; group < end; group++) {
      const slot = summary.slot(group);
      if (summary.low('midTick', slot) < low) low = summary.low('midTick', slot);
      if (summary.high('midTick', slot) > high) high = summary.high('midTick', slot);
    }
    const price = (tick: number) => formatPrice(tick, contract.tickInt, contract.priceDecimals);
    const text = high < low ? '' : high === low ? price(low) : `${price(low)} – ${price(high)}`;
    setText(this.#element, '.mid-range', text);
  }

  /** The pointer over the series moves the heatmap's crosshair. */
  #listen(plot: uPlot): void {
    plot.over.addEventListener('pointermove', (event) => {
      const { session } = this.#terminal.data;
      if (this.#view === null || session === null) return;
      const spot = session.store.bin('spotTick', session.store.head);
      this.#terminal.chart.pointAt([event.offsetX, Number.isNaN(spot) ? 0 : yOf(this.#view, spot)]);
    });
    plot.over.addEventListener('pointerleave', () => this.#terminal.chart.pointAt(null));
  }

  #showCrosshair(): void {
    const time = this.#terminal.chart.crosshair?.time;
    const left = time === undefined || this.#view === null ? -10 : (time - this.#view.left) / this.#view.binsPerPx;
    for (const plot of this.#plots) plot.setCursor({ left, top: 10 }, false);
  }
}

/** Whether the signal that runs is the one whose intensities the bins carry. */
function hasIntensities({ contract }: Session): boolean {
  return contract.config.signal.name === defaultSignal.name;
}

/** Columns that end with the threshold, and behind it the same below 0. */
function withBothThresholds(columns: Columns): Columns {
  return [...columns, present(columns.at(-1)).map((value) => (value === null ? null : -value))];
}

function setText(parent: HTMLElement, selector: string, text: string): void {
  const element = parent.querySelector(selector);
  if (element !== null && element.textContent !== text) element.textContent = text;
}
