import { notNull } from '../../../src/errors.ts';
import { colourTable } from '../../shared/colour/colour_maps.ts';
import { palettes, unitRgb } from '../../shared/theme.ts';
import { Heatmap } from '../gl/heatmap.ts';
import type { Terminal } from '../playback/terminal.ts';
import { BarSeries } from '../session/bars.ts';
import { ZoneClock } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { barOptions } from '../viewport/chart_bars.ts';
import type { ColourScale } from '../viewport/colour_scale.ts';
import { DrawingInputs } from '../viewport/drawing_inputs.ts';
import { KeptScale } from '../viewport/kept_scale.ts';
import { type Layer, layerOf } from '../viewport/layers.ts';
import { defaultScale } from '../viewport/scale_choice.ts';
import type { LayerScale } from '../viewport/settings.ts';
import { drawnViewport, resize, type Viewport, visibleBins, xOf, yOf } from '../viewport/viewport.ts';
import { drawAlertLines } from './alert_lines.ts';
import { PriceAxis, TimeAxis } from './axes.ts';
import { drawCandles, drawFootprints } from './bars_layer.ts';
import { CanvasLayer } from './canvas_layer.ts';
import type { ChartElements } from './chart_elements.ts';
import { LayerAtHand } from './layer_at_hand.ts';
import { onMarkClick } from './mark_click.ts';
import { drawMarkTip, markLines } from './mark_tip.ts';
import { drawOrders } from './order_marks.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';
import { OverlayPicture } from './overlay_picture.ts';
import { drawPointer } from './pointer_layer.ts';
import { drawDepthProfile, drawForceProfile, type ProfileExtent, profileExtent } from './profiles.ts';
import { drawProjection } from './projection_zone.ts';
import { SeriesStrip, shownPanes } from './series_strip.ts';
import { drawTrade } from './trade_marks.ts';

/** Pause between two parts that are made ready out of sight. */
const fillBreakMs = 30;
/** More bins than these are uploaded faster all at once. */
const mostSinglePuts = 2000;

/** Draws the terminal's state: the heatmap and everything that shares its axes. One frame for any number of changes. */
export class Chart {
  readonly #terminal: Terminal;
  readonly #elements: ChartElements;
  readonly #gl: WebGL2RenderingContext;
  readonly #overlay: CanvasLayer;
  readonly #pointer: CanvasLayer;
  readonly #depth: CanvasLayer;
  readonly #force: CanvasLayer;
  readonly #projection: CanvasLayer;
  readonly #priceAxis: PriceAxis;
  readonly #timeAxis: TimeAxis;
  readonly #series: SeriesStrip;
  readonly #stops: (() => void)[] = [];
  #heatmap: Heatmap | null = null;
  #heatSession: Session | null = null;
  readonly #layer = new LayerAtHand();
  readonly #scale = new KeptScale();
  readonly #zoneScale = new KeptScale();
  readonly #colourInputs = new DrawingInputs();
  readonly #zoneInputs = new DrawingInputs();
  readonly #profileInputs = new DrawingInputs();
  readonly #overlayPicture = new OverlayPicture();
  readonly #barInputs = new DrawingInputs();
  #bars: BarSeries | null = null;
  #barSession: Session | null = null;
  readonly #tables = new Map<string, Uint8Array>();
  #clock: ZoneClock;
  #frame = 0;
  #stale = true;
  /** Sizes that were measured when they changed: asking for them in a frame would force a synchronous layout. */
  #depthPx = 0;
  #forcePx = 0;
  #projectionPx = 0;
  #seriesSize: readonly [widthPx: number, heightPx: number] = [0, 0];
  #idle = 0;
  #isLoading = false;
  /** Bins that arrived since the last frame. */
  #arrived: number[] = [];
  /** The scale in use and the profile's extent, for legend and captions. */
  onScale: (layer: Layer, scale: ColourScale, choice: LayerScale) => void = () => {};
  onProfile: (extent: ProfileExtent) => void = () => {};
  /** The graphics card cannot hold this session. */
  onBroken: (message: string) => void = () => {};

  /** Throws when the browser has no WebGL2. */
  constructor(terminal: Terminal, elements: ChartElements) {
    const gl = elements.heatCanvas.getContext('webgl2', {
      alpha: false,
      antialias: false,
      preserveDrawingBuffer: true,
    });
    if (gl === null) {
      throw new Error(
        'The heatmap needs WebGL2, which this browser does not give. Turn on hardware acceleration, or use a current Chrome, Edge, Firefox or Safari.',
      );
    }
    this.#terminal = terminal;
    this.#elements = elements;
    this.#gl = gl;
    this.#overlay = new CanvasLayer(elements.overlayCanvas);
    this.#pointer = new CanvasLayer(elements.pointerCanvas);
    this.#depth = new CanvasLayer(elements.depthCanvas);
    this.#force = new CanvasLayer(elements.forceCanvas);
    this.#projection = new CanvasLayer(elements.projectionCanvas);
    this.#priceAxis = new PriceAxis(elements.priceAxis);
    this.#timeAxis = new TimeAxis(elements.timeAxis);
    this.#series = new SeriesStrip(elements.series, terminal);
    this.#clock = new ZoneClock(terminal.settings.current.zone);
    this.#listen();
  }

  #listen(): void {
    const terminal = this.#terminal;
    this.#stops.push(onMarkClick(this.#elements.heat, (px) => this.#overlayPicture.marks.at(px), terminal.proof));
    const redraw = () => this.requestFrame(true);
    const observer = new ResizeObserver(() => this.#measure());
    const { heat, depthCanvas, forceCanvas, projectionCanvas, series } = this.#elements;
    for (const element of [heat, depthCanvas, forceCanvas, projectionCanvas, series]) observer.observe(element);
    const contextLost = (event: Event) => event.preventDefault();
    const contextRestored = () => {
      this.#heatSession = null;
      redraw();
    };
    const { heatCanvas } = this.#elements;
    heatCanvas.addEventListener('webglcontextlost', contextLost);
    heatCanvas.addEventListener('webglcontextrestored', contextRestored);
    this.#stops.push(
      terminal.topics.on(
        ['session', 'view', 'depth', 'events', 'settings', 'connection', 'playback', 'facts', 'features', 'alerts'],
        redraw,
      ),
      terminal.topics.on(['bin'], () => {
        this.#arrived.push(terminal.data.latestSeq);
        redraw();
      }),
      terminal.topics.on(['bin', 'events', 'features'], () => {
        for (const picture of [this.#series, this.#overlayPicture]) picture.change(terminal.data.latestSeq);
      }),
      terminal.topics.on(['pointer'], () => this.requestFrame(false)),
      () => observer.disconnect(),
      () => heatCanvas.removeEventListener('webglcontextlost', contextLost),
      () => heatCanvas.removeEventListener('webglcontextrestored', contextRestored),
    );
    this.#measure();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#idle);
    this.#series.stop();
    this.#heatmap?.delete();
  }

  #measure(): void {
    const { heat, depthCanvas, forceCanvas, projectionCanvas, series } = this.#elements;
    const { clientWidth, clientHeight } = heat;
    this.#depthPx = depthCanvas.clientWidth;
    this.#forcePx = forceCanvas.clientWidth;
    this.#projectionPx = projectionCanvas.clientWidth;
    this.#seriesSize = [series.clientWidth, series.clientHeight];
    if (clientWidth === 0 || clientHeight === 0) return;
    const terminal = this.#terminal;
    terminal.chart.setZoom(resize(terminal.chart.view, clientWidth, clientHeight));
    this.requestFrame(true);
  }

  /** Draws with the next frame: everything, or only what follows the pointer. */
  requestFrame(everything: boolean): void {
    this.#stale ||= everything;
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const terminal = this.#terminal;
    const settings = terminal.settings.current;
    const { session } = terminal.data;
    if (session === null || session.store.count === 0 || terminal.playback.connectionState.phase === 'violated') return;
    if (this.#clock.zone !== settings.zone) this.#clock = new ZoneClock(settings.zone);
    const pixelRatio = window.devicePixelRatio;
    const view = drawnViewport(terminal.chart.view, pixelRatio);
    const isStale = this.#stale;
    try {
      if (isStale) this.#drawAll(session, view, pixelRatio);
    } catch (error) {
      this.onBroken(error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.#stale = false;
    this.#load(session);
    const palette = palettes[settings.theme];
    const context = this.#pointer.begin(view.widthPx, view.heightPx, pixelRatio);
    drawPointer(context, view, session, terminal.chart, palette);
    const { crosshair } = terminal.chart;
    if (crosshair !== null) {
      const px = [xOf(view, crosshair.time), yOf(view, crosshair.price)] as const;
      drawMarkTip(context, view, px, markLines(this.#overlayPicture.marks.at(px), session), palette);
    }
    this.#drawProfiles(session, view, pixelRatio);
    // Elements change last: text on a canvas behind a change would force a synchronous style recalculation.
    if (isStale) {
      this.#priceAxis.draw(view, session, terminal.chart.shownSeq);
      this.#timeAxis.draw(view, terminal.data, this.#clock);
    }
    this.#priceAxis.pointer(view, session, terminal.chart.crosshair?.price ?? null);
    this.#timeAxis.pointer(view, terminal.data, this.#clock, terminal.chart.crosshair?.time ?? null);
    this.#fillInBreaks();
  }

  /** Brings the cells of the bins shown and pointed at to hand, of one bin at a time. */
  #load({ store }: Session): void {
    if (this.#isLoading) return;
    const { chart, topics } = this.#terminal;
    const loading = store.load(chart.shownSeq) ?? store.load(chart.pointedSeq);
    if (loading === null) return;
    this.#isLoading = true;
    void loading.then(() => {
      this.#isLoading = false;
      topics.emit('pointer');
    });
  }

  #drawAll(session: Session, view: Viewport, pixelRatio: number): void {
    const terminal = this.#terminal;
    const settings = terminal.settings.current;
    const palette = palettes[settings.theme];
    const layer = this.#layer.choose(session.store, layerOf(settings.layer, session.contract), () => {
      this.#heatmap?.reload();
      this.requestFrame(true);
    });
    this.#loadHeatmap(session, layer);
    const scale = this.#chooseScale(session, layer, view);
    const { canvas } = this.#gl;
    const [width, height] = [Math.round(view.widthPx * pixelRatio), Math.round(view.heightPx * pixelRatio)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const isHeatmap = settings.chartKind === 'heatmap';
    this.#elements.heatCanvas.hidden = !isHeatmap;
    if (isHeatmap) {
      notNull(this.#heatmap).draw({
        view,
        scale,
        ink: { noData: unitRgb(palette.page), outside: unitRgb(palette.panel), hatch: unitRgb(palette.neutral) },
        pixelRatio,
        hatchInvalid: settings.overlays.invalid,
      });
    }
    const context = this.#overlay.begin(view.widthPx, view.heightPx, pixelRatio);
    const gapOf = (seq: number) => terminal.live.gapOf(seq)?.cause ?? null;
    const drawing = { context, view, session, palette, gapOf };
    if (!isHeatmap) this.#drawBars(drawing, session);
    this.#overlayPicture.draw(drawing, terminal, pixelRatio);
    const { trade, ordersByTrade, tradeOrders } = terminal.facts;
    const timeOf = (unixMs: number) => terminal.data.timeOf(unixMs);
    if (settings.overlays.orders) drawOrders(drawing, ordersByTrade.values(), tradeOrders, timeOf);
    if (trade !== null) drawTrade(drawing, trade, timeOf);
    drawAlertLines(drawing, terminal.alerts.shownPrices);
    if (settings.overlays.projection) this.#drawZone(session, view, pixelRatio, layer, scale);
    if (shownPanes(settings.panels, session).length > 0)
      this.#series.draw(view, session, pixelRatio, ...this.#seriesSize);
  }

  #drawBars(drawing: OverlayDrawing, session: Session): void {
    const { data, settings } = this.#terminal;
    const options = barOptions(settings.current, data);
    const isNew = this.#barInputs.change([options.kind, options.size, options.offsetBins]);
    if (isNew || this.#bars === null || this.#barSession !== session) {
      this.#bars = new BarSeries(session.trades, options);
      this.#barSession = session;
    }
    const draw = settings.current.chartKind === 'candles' ? drawCandles : drawFootprints;
    draw(drawing, this.#bars.upTo(session.store.newest + 1));
  }

  /** Makes what is not in view ready while nothing else is to be done, so that panning there is smooth. */
  #fillInBreaks(): void {
    if (this.#idle !== 0) return;
    const fill = () => {
      this.#idle = 0;
      // A frame that is due goes first, and comes back to this.
      if (this.#frame === 0 && this.#heatmap?.fillNext() === true) this.#fillInBreaks();
    };
    this.#idle = window.setTimeout(fill, fillBreakMs);
  }

  /** The projection, which changes with the newest bin and the price axis alone. */
  #drawZone(session: Session, view: Viewport, pixelRatio: number, layer: Layer, heatScale: ColourScale): void {
    const widthPx = this.#projectionPx;
    const map = layer.kind === 'diverging' ? this.#mapOf(layer) : 'rose-cyan';
    const score = layerOf('flow_score', session.contract);
    const scale =
      layer.column === 'flow_score'
        ? heatScale
        : this.#zoneScale.choose(score, this.#choiceOf(score), session.store, 0, 0).scale;
    const { head } = session.store;
    const { top, ticksPerPx, heightPx } = view;
    const { theme } = this.#terminal.settings.current;
    const inputs = [head, top, ticksPerPx, heightPx, widthPx, pixelRatio, map, theme, ...Object.values(scale)];
    if (!this.#zoneInputs.change(inputs)) return;
    const context = this.#projection.begin(widthPx, heightPx, pixelRatio);
    drawProjection(context, widthPx, view, session, scale, this.#table(map));
  }

  /** The profiles of the bin shown, which stay while one pans through time. */
  #drawProfiles(session: Session, view: Viewport, pixelRatio: number): void {
    const { volumeProfile, theme } = this.#terminal.settings.current;
    const { shownSeq: seq } = this.#terminal.chart;
    if (this.#depthPx === 0 && this.#forcePx === 0) return;
    const { store, book, features } = session;
    const ofData = [
      seq,
      store.hasCells('rest_depth', seq),
      store.hasCells('pressure_variant', seq),
      book.recent.changes,
      book.samples.changes,
      features.latest?.bin_seq ?? -1,
    ];
    const ofPlace = [view.top, view.ticksPerPx, view.heightPx, this.#depthPx, this.#forcePx, pixelRatio];
    if (!this.#profileInputs.change([...ofData, ...ofPlace, theme, volumeProfile])) return;
    const extent = profileExtent(session, seq);
    const shared = { view, session, palette: palettes[theme], seq, volumeProfile, extent };
    if (this.#depthPx > 0) {
      const context = this.#depth.begin(this.#depthPx, view.heightPx, pixelRatio);
      drawDepthProfile({ ...shared, context, widthPx: this.#depthPx });
    }
    if (this.#forcePx > 0) {
      const context = this.#force.begin(this.#forcePx, view.heightPx, pixelRatio);
      drawForceProfile({ ...shared, context, widthPx: this.#forcePx });
    }
    this.onProfile(extent);
  }

  #loadHeatmap(session: Session, layer: Layer): void {
    if (this.#heatSession !== session) {
      this.#heatmap?.delete();
      this.#heatmap = new Heatmap(this.#gl, session, layer);
      this.#heatSession = session;
      const drawn = [this.#colourInputs, this.#zoneInputs, this.#profileInputs, this.#overlayPicture];
      for (const kept of [this.#scale, this.#zoneScale, ...drawn]) kept.clear();
    } else {
      notNull(this.#heatmap).setLayer(layer);
      // A page that was hidden has much to catch up with.
      if (this.#arrived.length > mostSinglePuts) notNull(this.#heatmap).reload();
      else for (const seq of this.#arrived) notNull(this.#heatmap).put(seq);
    }
    this.#arrived = [];
    const map = this.#mapOf(layer);
    if (!this.#colourInputs.change([map, this.#terminal.settings.current.theme])) return;
    notNull(this.#heatmap).setColours(this.#table(map));
  }

  /** A colour table of the page's theme; kept, since building one takes as long as a frame. */
  #table(map: string): Uint8Array {
    const { theme } = this.#terminal.settings.current;
    const key = `${map} ${theme}`;
    const table = this.#tables.get(key) ?? colourTable(map, theme);
    this.#tables.set(key, table);
    return table;
  }

  #choiceOf(layer: Layer): LayerScale {
    return this.#terminal.settings.current.scales[layer.column] ?? defaultScale(layer);
  }

  #mapOf(layer: Layer): string {
    return this.#choiceOf(layer).map;
  }

  #chooseScale(session: Session, layer: Layer, view: Viewport): ColourScale {
    const choice = this.#choiceOf(layer);
    const { scale, isNew } = this.#scale.choose(layer, choice, session.store, ...visibleBins(view), view.binsPerPx);
    if (isNew) this.onScale(layer, scale, choice);
    return scale;
  }
}
