import type { SessionData } from '../session/session_data.ts';
import type { SessionStore } from '../session/session_store.ts';
import type { Topics } from '../session/topics.ts';
import type { CurrentSettings } from './settings.ts';
import {
  type ChartPoint,
  type FollowMode,
  follow,
  pointAt,
  type Viewport,
  visibleBins,
  xOf,
  yOf,
  zoomPrice,
  zoomTime,
  zoomToBox,
} from './viewport.ts';

/** A box between two points of the chart. */
export interface ChartBox {
  readonly from: ChartPoint;
  readonly to: ChartPoint;
}

/** The axes that a zoom changes. */
export type ZoomAxes = 'both' | 'time' | 'price';

/** The effect of dragging in the chart. */
export type Tool = 'pan' | 'measure' | 'zoom';

const initialView: Viewport = {
  left: 0,
  binsPerPx: 1 / 4,
  top: 0,
  ticksPerPx: 1 / 9,
  widthPx: 800,
  heightPx: 500,
};

/** The part of the session in view, the crosshair, and the tools of the chart. */
export class ChartState {
  view: Viewport = initialView;
  following = true;
  crosshair: ChartPoint | null = null;
  /** Whether arrow keys move the crosshair. */
  keyCrosshair = false;
  /** The bin that the user stepped to; null: the newest. */
  pinnedSeq: number | null = null;
  measure: ChartBox | null = null;
  /** The box that is being drawn to zoom into. */
  zoomBox: ChartBox | null = null;
  tool: Tool = 'pan';
  /** Pixel of the mouse: the chart may move below it. */
  #pointerPx: readonly [number, number] | null = null;
  #followMode: FollowMode;
  readonly #topics: Topics;
  readonly #data: SessionData;

  constructor(topics: Topics, settings: CurrentSettings, data: SessionData) {
    this.#topics = topics;
    this.#data = data;
    this.#followMode = settings.current.followMode;
    topics.on(['session'], () => {
      this.pinnedSeq = null;
    });
    topics.on(['settings'], () => {
      if (this.#followMode === settings.current.followMode) return;
      this.#followMode = settings.current.followMode;
      if (this.following) this.#follow(this.#followMode);
    });
  }

  get #store(): SessionStore | undefined {
    return this.#data.session?.store;
  }

  /** The bin that panels show: the one under the pointer, the one stepped to, or the newest; −1 without any. */
  get shownSeq(): number {
    const store = this.#store;
    if (store === undefined) return -1;
    if (this.crosshair !== null) {
      const seq = Math.floor(this.crosshair.time);
      if (store.has(seq)) return seq;
    }
    return this.pinnedSeq ?? store.head;
  }

  /** End of the bin shown, UNIX nanoseconds; null without one. */
  get shownTsNs(): bigint | null {
    return this.#data.endNs(this.shownSeq);
  }

  /** Moves the view by hand: it no longer follows. */
  setView(view: Viewport): void {
    this.view = view;
    this.following = false;
    this.#viewChanged();
  }

  /** Changes the zoom and goes on following, as axis drags and the wheel at the newest bin do. */
  setZoom(view: Viewport): void {
    this.view = view;
    if (this.following) this.#follow(this.#followMode);
    this.#viewChanged();
  }

  /** Zooms one axis or both by `factor` about a pixel; zooming the price alone goes on following. */
  zoomAt(factor: number, xPx: number, yPx: number, axes: ZoomAxes): void {
    const timed = axes === 'price' ? this.view : zoomTime(this.view, factor, xPx);
    const zoomed = axes === 'time' ? timed : zoomPrice(timed, factor, yPx);
    if (axes === 'price' && this.#followMode !== 'centre') this.setZoom(zoomed);
    else this.setView(zoomed);
  }

  /** Fills the chart with a box. */
  zoomInto({ from, to }: ChartBox): void {
    const { view } = this;
    const corner = (point: ChartPoint) => [xOf(view, point.time), yOf(view, point.price)] as const;
    this.setView(zoomToBox(view, ...corner(from), ...corner(to)));
  }

  followAgain(): void {
    this.showNewest();
    this.#follow('centre');
    this.#follow(this.#followMode);
    this.#viewChanged();
  }

  /** Follows from the next bin on; the view itself stays until then. */
  showNewest(): void {
    this.pinnedSeq = null;
    this.following = true;
  }

  /** Shows a bin that is held, and scrolls to it where it is out of view. */
  showBin(seq: number): void {
    this.pinnedSeq = seq;
    const [first, end] = visibleBins(this.view);
    if (seq < first || seq >= end) {
      this.following = false;
      this.view = { ...this.view, left: seq - (this.view.widthPx * this.view.binsPerPx) / 2 };
    }
    this.#viewChanged();
  }

  /** Moves on with a bin that was put; the first of a session is centred. */
  binPut(isFirst: boolean): void {
    if (isFirst) this.#follow('centre');
    if (this.following) this.#follow(this.#followMode);
    this.#updateCrosshair();
  }

  #follow(mode: FollowMode): void {
    const store = this.#store;
    if (store === undefined || store.head < 0) return;
    this.view = follow(this.view, mode, store.head, store.bin('spotTick', store.head));
  }

  #viewChanged(): void {
    this.#updateCrosshair();
    this.#topics.emit('view');
  }

  /** Keeps the crosshair below the mouse. */
  #updateCrosshair(): void {
    if (this.#pointerPx === null) return;
    this.crosshair = pointAt(this.view, ...this.#pointerPx);
  }

  /** The mouse is at a pixel of the chart, or has left it. */
  pointAt(px: readonly [number, number] | null): void {
    this.#pointerPx = px;
    if (px === null) this.crosshair = null;
    else this.#updateCrosshair();
    this.#topics.emit('pointer');
  }

  /** Moves the crosshair by bins and ticks, starting at the bin shown; a box that is being drawn ends at it. */
  moveCrosshair(bins: number, ticks: number): void {
    const store = this.#store;
    if (store === undefined || store.head < 0) return;
    const at = this.crosshair ?? { time: this.shownSeq + 0.5, price: store.bin('spotTick', store.head) };
    const point = { time: Math.max(0.5, at.time + bins), price: Math.round(at.price) + ticks };
    if (Number.isNaN(point.price)) return;
    this.#pointerPx = null;
    this.crosshair = point;
    if (this.measure !== null && this.tool === 'measure') this.measure = { ...this.measure, to: point };
    if (this.zoomBox !== null && this.tool === 'zoom') this.zoomBox = { ...this.zoomBox, to: point };
    this.#topics.emit('pointer');
  }

  /** Lets arrow keys move the crosshair, or no longer. */
  setKeyCrosshair(on: boolean): void {
    this.keyCrosshair = on;
    if (on) this.moveCrosshair(0, 0);
    else this.pointAt(null);
  }

  setMeasure(measure: ChartBox | null): void {
    this.measure = measure;
    this.#topics.emit('pointer');
  }

  setZoomBox(box: ChartBox | null): void {
    this.zoomBox = box;
    this.#topics.emit('pointer');
  }

  setTool(tool: Tool): void {
    this.tool = tool;
    // By keyboard, the crosshair is the first corner.
    const corner = this.keyCrosshair && this.crosshair !== null ? { from: this.crosshair, to: this.crosshair } : null;
    this.measure = tool === 'measure' ? corner : null;
    this.zoomBox = tool === 'zoom' ? corner : null;
    this.#topics.emit('tool');
    this.#topics.emit('pointer');
  }
}
