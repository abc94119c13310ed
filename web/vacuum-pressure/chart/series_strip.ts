import { defaultSignal } from '../../../src/signals/index.ts';
import { palettes } from '../../shared/theme.ts';
import type { Terminal } from '../playback/terminal.ts';
import type { Session } from '../session/session.ts';
import type { PanelName } from '../viewport/settings.ts';
import { type Viewport, yOf } from '../viewport/viewport.ts';
import { ownPane, type Pane, panes } from './series_panes.ts';
import { SeriesPlot } from './series_plot.ts';

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
  #plots: readonly SeriesPlot[] = [];
  #key = '';
  #session: Session | null = null;
  #view: Viewport | null = null;
  #crosshairPx: number | null = null;

  constructor(element: HTMLElement, terminal: Terminal) {
    this.#element = element;
    this.#terminal = terminal;
    this.#stops = [terminal.topics.on(['pointer'], () => this.#showCrosshair())];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** Bin `seq` has changed. */
  change(seq: number): void {
    for (const { picture } of this.#plots) picture.change(seq);
  }

  draw(view: Viewport, session: Session, pixelRatio: number, widthPx: number, allPx: number): void {
    if (allPx < 40) return;
    const { theme, panels, overlays } = this.#terminal.settings.current;
    const shown = shownPanes(panels, session);
    const heightPx = Math.floor(allPx / shown.length);
    this.#view = view;
    const key = `${theme} ${shown.map(({ name }) => name)}`;
    if (key !== this.#key || session !== this.#session) {
      this.#key = key;
      this.#session = session;
      this.#crosshairPx = null;
      this.#plots = shown.map((pane) => this.#plot(new SeriesPlot(pane, palettes[theme])));
      this.#element.replaceChildren(...this.#plots.map(({ element }) => element));
    }
    this.#showCrosshair();
    const { firings } = overlays;
    for (const plot of this.#plots) plot.draw({ session, view, widthPx, heightPx, pixelRatio, firings });
  }

  /** The pointer over the series moves the heatmap's crosshair. */
  #plot(plot: SeriesPlot): SeriesPlot {
    const { over } = plot;
    over.addEventListener('pointermove', ({ offsetX }) => {
      const { session } = this.#terminal.data;
      if (this.#view === null || session === null) return;
      const spot = session.store.bin('spotTick', session.store.head);
      this.#terminal.chart.pointAt([offsetX, Number.isNaN(spot) ? 0 : yOf(this.#view, spot)]);
    });
    over.addEventListener('pointerleave', () => this.#terminal.chart.pointAt(null));
    return plot;
  }

  #showCrosshair(): void {
    const time = this.#terminal.chart.crosshair?.time;
    const px = time === undefined || this.#view === null ? null : (time - this.#view.left) / this.#view.binsPerPx;
    if (px === this.#crosshairPx) return;
    this.#crosshairPx = px;
    for (const plot of this.#plots) plot.point(px);
  }
}
