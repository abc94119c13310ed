import uPlot from 'uplot';
import { defaultSignal } from '../../../src/signals/index.ts';
import { type Palette, palettes } from '../../shared/theme.ts';
import type { Terminal } from '../playback/terminal.ts';
import { formatShare, formatSigned } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { scoreScale } from '../viewport/score_scale.ts';
import { timeAt, type Viewport, visibleGroups, xOf, yOf } from '../viewport/viewport.ts';
import { scoreColumns, shareColumns } from './series_columns.ts';
import { scoreKey, seriesKey, shareKey } from './series_key.ts';

const stepped = uPlot.paths.stepped?.({ align: 1 });
const axisFont = '11px system-ui, sans-serif';
/** Height of the mark of a firing at the edge of the pane. */
const firingPx = 7;

/** Whether the signal that runs is the one whose state shares the bins carry. */
export function hasShares({ contract }: Session): boolean {
  return contract.config.signal.name === defaultSignal.name;
}

/** The colour of the sign at each height of a plot: one above 0, another below. */
function bySign(plot: uPlot, above: string, below: string): CanvasGradient | string {
  const { top, height } = plot.bbox;
  const zero = plot.valToPos(0, 'score', true);
  if (!(height > 0) || !Number.isFinite(zero)) return above;
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
  const at = Math.min(1, Math.max(0, (zero - top) / height));
  gradient.addColorStop(at, above);
  gradient.addColorStop(at, below);
  return gradient;
}

/**
 * The signal over time, below the heatmap and on its time axis: score, thresholds and firings; of the derivative signal,
 * the shares of its states too where they are asked for. Values of bins are steps; where bins are narrower than pixels, the
 * score is a band from the smallest to the largest, and shares are means.
 */
export class SeriesStrip {
  readonly #element: HTMLElement;
  readonly #terminal: Terminal;
  readonly #stops: (() => void)[];
  #plots: readonly uPlot[] = [];
  #key = '';
  #session: Session | null = null;
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

  draw(view: Viewport, session: Session, widthPx: number, allPx: number): void {
    if (allPx < 40) return;
    const { theme, panels } = this.#terminal.settings.current;
    const withShares = panels.shares && hasShares(session);
    const heightPx = Math.floor(allPx / (withShares ? 2 : 1));
    this.#widthPx = widthPx;
    this.#view = view;
    this.#session = session;
    const key = `${theme} ${withShares} ${session.contract.config.effective_config_hash}`;
    if (key !== this.#key) this.#build(key, widthPx, heightPx, palettes[theme], withShares);
    this.#showCrosshair();
    const scale = scoreScale(session, view);
    for (const [index, plot] of this.#plots.entries()) {
      if (plot.width !== widthPx || plot.height !== heightPx) plot.setSize({ width: widthPx, height: heightPx });
      const columns = index === 0 ? scoreColumns(session, view) : shareColumns(session, view);
      plot.batch(() => {
        plot.setData(columns as uPlot.AlignedData, false);
        if (index === 0) plot.setScale('score', { min: -1.08 * scale, max: 1.08 * scale });
        plot.setScale('x', { min: view.left, max: timeAt(view, view.widthPx) });
      });
    }
  }

  #build(key: string, widthPx: number, heightPx: number, palette: Palette, withShares: boolean): void {
    for (const plot of this.#plots) plot.destroy();
    this.#element.replaceChildren();
    this.#key = key;
    const base = {
      width: widthPx,
      height: heightPx,
      padding: [8, 0, 6, 0] as uPlot.Padding,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    };
    const x: uPlot.Scale = { time: false, auto: false };
    const pane = (options: Omit<uPlot.Options, 'width' | 'height'>, data: uPlot.AlignedData) =>
      new uPlot({ ...base, ...options }, data, this.#element);
    const score = pane(
      {
        scales: { x, score: { auto: false } },
        axes: [{ show: false }, this.#axis('score', palette, (value) => formatSigned(value, value === 0 ? 1 : 0))],
        ...scoreSeries(palette),
        hooks: { draw: [(plot) => this.#drawFirings(plot, palette)] },
      },
      [[], [], [], [], []],
    );
    const plots = [score];
    if (withShares) {
      plots.push(
        pane(
          {
            scales: { x, share: { range: [0, 1] } },
            axes: [{ show: false }, this.#axis('share', palette, formatShare)],
            ...shareSeries(palette),
          },
          [[], [], [], []],
        ),
      );
    }
    for (const [index, plot] of plots.entries()) {
      this.#listen(plot);
      plot.root.append(seriesKey(index === 0 ? scoreKey : shareKey));
    }
    this.#plots = plots;
  }

  /** The axis to the right, as wide as what stands to the right of the heatmap. */
  #axis(scale: string, palette: Palette, words: (value: number) => string): uPlot.Axis {
    return {
      scale,
      side: 1,
      size: () => Math.max(40, this.#widthPx - (this.#view?.widthPx ?? 0)),
      stroke: palette.quiet,
      font: axisFont,
      grid: { stroke: palette.line, width: 1 },
      ticks: { show: false },
      space: 24,
      gap: 8,
      values: (_plot, splits) => splits.map(words),
    };
  }

  /** Marks firings at the edges of the pane: long at the top, short at the bottom. */
  #drawFirings(plot: uPlot, palette: Palette): void {
    const [session, view] = [this.#session, this.#view];
    if (session === null || view === null || !this.#terminal.settings.current.overlays.firings) return;
    const { summary } = session;
    const step = Math.max(1, view.binsPerPx);
    const { left, top, height } = plot.bbox;
    const ratio = uPlot.pxRatio;
    const [first, end] = visibleGroups(view);
    plot.ctx.fillStyle = palette.ours;
    for (let group = first; group < end; group++) {
      const mark = summary.mark('firing', summary.slot(group));
      if (mark === 0) continue;
      const y = mark > 0 ? top : top + height - firingPx * ratio;
      plot.ctx.fillRect(left + xOf(view, (group + 0.5) * step) * ratio - ratio, y, 2 * ratio, firingPx * ratio);
    }
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

const stepLine = (label: string, scale: string, stroke: uPlot.Series['stroke'], width: number): uPlot.Series => ({
  label,
  scale,
  width,
  ...(stroke === undefined ? {} : { stroke }),
  ...(stepped === undefined ? {} : { paths: stepped }),
  points: { show: false },
  spanGaps: false,
});

/** The score as a band from smallest to largest, a line where they are equal. */
function scoreSeries(palette: Palette): Pick<uPlot.Options, 'series' | 'bands'> {
  const line = (plot: uPlot) => bySign(plot, palette.bull, palette.bear);
  const threshold = { ...stepLine('Threshold', 'score', palette.ours, 1), dash: [4, 4] };
  return {
    series: [
      {},
      stepLine('Smallest score', 'score', line, 1.25),
      stepLine('Largest score', 'score', line, 1.25),
      threshold,
      { ...threshold },
    ],
    bands: [{ series: [2, 1], fill: (plot) => bySign(plot, `${palette.bull}80`, `${palette.bear}80`) }],
  };
}

/** Shares of the states as areas that fill the pane. */
function shareSeries(palette: Palette): Pick<uPlot.Options, 'series' | 'bands'> {
  const area = (label: string, colour: string) => stepLine(label, 'share', colour, 0);
  return {
    series: [
      {},
      { ...area('Bull', palette.bull), fill: `${palette.bull}b0` },
      area('Mixed', palette.neutral),
      area('Bear', palette.bear),
    ],
    bands: [
      { series: [3, 2], fill: `${palette.bear}b0` },
      { series: [2, 1], fill: `${palette.neutral}60` },
    ],
  };
}
