import uPlot from 'uplot';
import { defaultSignal } from '../../../src/signals/index.ts';
import { type Palette, palettes } from '../../shared/theme.ts';
import type { Terminal } from '../playback/terminal.ts';
import type { Session } from '../session/session.ts';
import type { PanelName } from '../viewport/settings.ts';
import { timeAt, type Viewport, visibleGroups, xOf, yOf } from '../viewport/viewport.ts';
import { seriesKey } from './series_key.ts';
import { ownPane, type Pane, panes } from './series_panes.ts';

const axisFont = '11px system-ui, sans-serif';
/** Height of the mark of a firing at the edge of the pane. */
const firingPx = 7;

/** The panes that are asked for, from top to bottom; shares are of the derivative signal alone, and a user's signal may have one of its own. */
export function shownPanes(panels: Readonly<Record<PanelName, boolean>>, session: Session | null): readonly Pane[] {
  const shown = panes.filter(
    ({ name }) => panels[name] && (name !== 'shares' || (session !== null && hasShares(session))),
  );
  const own = session?.contract.config.signal.series;
  return own === undefined || !panels.series ? shown : [...shown, ownPane(own)];
}

/** Whether the signal that runs is the one whose state shares the bins carry. */
function hasShares({ contract }: Session): boolean {
  return contract.config.signal.name === defaultSignal.name;
}

/**
 * Panes below the heatmap and on its time axis: score, thresholds and firings; the shares of the derivative signal's states; cumulative
 * volume delta, and delta. Values of bins are steps; where bins are narrower than pixels, the
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
  #crosshairPx = Number.NaN;

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
    const shown = shownPanes(panels, session);
    const heightPx = Math.floor(allPx / shown.length);
    this.#widthPx = widthPx;
    this.#view = view;
    this.#session = session;
    const key = `${theme} ${shown.map(({ name }) => name)} ${session.contract.config.effective_config_hash}`;
    if (key !== this.#key) this.#build(key, shown, widthPx, heightPx, palettes[theme]);
    this.#showCrosshair();
    for (const [index, pane] of shown.entries()) {
      const plot = this.#plots[index];
      if (plot === undefined) continue;
      if (plot.width !== widthPx || plot.height !== heightPx) plot.setSize({ width: widthPx, height: heightPx });
      const columns = pane.columns(session, view);
      const [min, max] = pane.range(session, view, columns);
      plot.batch(() => {
        plot.setData(columns as uPlot.AlignedData, false);
        plot.setScale(pane.scale, { min, max });
        plot.setScale('x', { min: view.left, max: timeAt(view, view.widthPx) });
      });
    }
  }

  #build(key: string, shown: readonly Pane[], widthPx: number, heightPx: number, palette: Palette): void {
    for (const plot of this.#plots) plot.destroy();
    this.#element.replaceChildren();
    this.#key = key;
    this.#crosshairPx = Number.NaN;
    this.#plots = shown.map((pane) => {
      const style = pane.style(palette);
      const options: uPlot.Options = {
        ...{ width: widthPx, height: heightPx, padding: [8, 0, 6, 0], legend: { show: false } },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
        scales: { x: { time: false, auto: false }, [pane.scale]: { auto: false } },
        axes: [{ show: false }, this.#axis(pane.scale, palette, pane.words)],
        ...style,
        ...(pane.name === 'series' && { hooks: { draw: [(plot: uPlot) => this.#drawFirings(plot, palette)] } }),
      };
      const plot = new uPlot(options, style.series.map(() => []) as unknown as uPlot.AlignedData, this.#element);
      this.#listen(plot);
      plot.root.append(seriesKey(typeof pane.key === 'function' ? pane.key(palette) : pane.key));
      return plot;
    });
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
    if (left === this.#crosshairPx) return;
    this.#crosshairPx = left;
    for (const plot of this.#plots) plot.setCursor({ left, top: 10 }, false);
  }
}
