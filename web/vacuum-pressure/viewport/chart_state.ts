import type { SessionData } from '../session/session_data.ts';
import type { SessionStore } from '../session/session_store.ts';
import type { Topics } from '../session/topics.ts';
import type { CurrentSettings } from './settings.ts';
import {
  type ChartPoint,
  type FollowMode,
  follow,
  pointAt,
  priceFit,
  timeAt,
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

/** A place of the chart whose menu is open. */
export interface ChartMenuPlace {
  readonly px: readonly [x: number, y: number];
  readonly point: ChartPoint;
}

/** The axes that a zoom changes. */
export type ZoomAxes = 'both' | 'time' | 'price';

/** The effect of dragging in the chart. */
export type Tool = 'pan' | 'measure' | 'zoom';

/** Room above and below the best prices when the price axis is fitted to them: a share of their range, and ticks at least. */
const fitMarginShare = 0.35;
const minFitMarginTicks = 12;

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
  /** Whether the price axis was centred on a spot since the session began or a jump. */
  #isCentred = false;
  crosshair: ChartPoint | null = null;
  /** Whether arrow keys move the crosshair. */
  keyCrosshair = false;
  /** The bin that the user stepped to; null: the newest. */
  pinnedSeq: number | null = null;
  /** The bin that the last jump led to, marked until the chart is told to follow again. */
  momentSeq: number | null = null;
  measure: ChartBox | null = null;
  /** The box that is being drawn to zoom into. */
  zoomBox: ChartBox | null = null;
  tool: Tool = 'pan';
  /** The menu that is open: the pixel and the point that it is of. */
  menu: ChartMenuPlace | null = null;
  /** Whether the measured box ends at the pointer, as the menu began it. */
  #isMeasuring = false;
  /** Pixel of the mouse: the chart may move below it. */
  #pointerPx: readonly [number, number] | null = null;
  #followMode: FollowMode;
  /** The bin that the view ends at instead of the newest, while a jump to it is under way. */
  #aimSeq: number | null = null;
  readonly #topics: Topics;
  readonly #data: SessionData;

  constructor(topics: Topics, settings: CurrentSettings, data: SessionData) {
    this.#topics = topics;
    this.#data = data;
    this.#followMode = settings.current.followMode;
    topics.on(['session'], () => {
      this.pinnedSeq = null;
      this.momentSeq = null;
      this.#aimSeq = null;
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

  /** The bin that header and panels show: the newest, or while paused the one stepped to; −1 without any. */
  get shownSeq(): number {
    const store = this.#store;
    return store === undefined ? -1 : (this.pinnedSeq ?? store.head);
  }

  /** The bin under the crosshair where it is held, else the bin shown; −1 without any. */
  get pointedSeq(): number {
    const seq = this.crosshair === null ? -1 : Math.floor(this.crosshair.time);
    return this.#store?.has(seq) ? seq : this.shownSeq;
  }

  /** Bins that are newer than the right edge of the view. */
  get binsBehind(): number {
    const head = this.#store?.head ?? -1;
    return Math.max(0, head + 1 - Math.ceil(timeAt(this.view, this.view.widthPx) - 1e-6));
  }

  /** Pans the view: it no longer follows. */
  setView(view: Viewport): void {
    this.view = view;
    this.following = false;
    this.#viewChanged();
  }

  /** Changes the zoom; a view that follows goes on following. */
  setZoom(view: Viewport): void {
    this.view = view;
    if (this.following) this.#follow(this.#followMode);
    this.#viewChanged();
  }

  /** Zooms one axis or both by `factor` about a pixel; a view that follows keeps the newest bin at its right edge. */
  zoomAt(factor: number, xPx: number, yPx: number, axes: ZoomAxes): void {
    const { view } = this;
    const timed = axes === 'price' ? view : zoomTime(view, factor, this.following ? view.widthPx : xPx);
    this.setZoom(axes === 'time' ? timed : zoomPrice(timed, factor, yPx));
  }

  /** Zooms the price by `factor` about the newest spot, or about the middle where there is none. */
  zoomPriceAboutSpot(factor: number): void {
    const { head = -1 } = this.#store ?? {};
    const spotPx = yOf(this.view, this.#store?.bin('spotTick', head) ?? Number.NaN);
    const { heightPx } = this.view;
    this.zoomAt(factor, 0, spotPx >= 0 && spotPx <= heightPx ? spotPx : heightPx / 2, 'price');
  }

  /** Fits the price axis to the best prices in view, with room for the depth around them. */
  fitPrice(): void {
    const store = this.#store;
    if (store === undefined) return;
    const [first, end] = visibleBins(this.view);
    const held = [Math.max(first, store.oldest), Math.min(end, store.newest + 1)] as const;
    const { low } = store.extremes('bidTick', ...held);
    const { high } = store.extremes('askTick', ...held);
    if (Number.isNaN(high - low)) return;
    const { heightPx } = this.view;
    const marginTicks = Math.max(minFitMarginTicks, Math.abs(high - low) * fitMarginShare);
    const [lowest, highest] = [Math.min(low, high) - marginTicks, Math.max(low, high) + marginTicks];
    this.setZoom({ ...this.view, ...priceFit(lowest, highest, heightPx) });
  }

  /** Fits the time axis to the whole session, as far as the widest zoom reaches; it no longer follows. */
  fitSession(): void {
    const bins = Math.max(this.#data.overview?.bin_count ?? 0, (this.#store?.newest ?? -1) + 1);
    if (bins === 0) return;
    const { view } = this;
    this.setView({ ...zoomTime(view, bins / view.widthPx / view.binsPerPx, 0), left: 0 });
  }

  /** Fills the chart with a box. */
  zoomInto({ from, to }: ChartBox): void {
    const { view } = this;
    const corner = (point: ChartPoint) => [xOf(view, point.time), yOf(view, point.price)] as const;
    this.setView(zoomToBox(view, ...corner(from), ...corner(to)));
  }

  followAgain(): void {
    this.showNewest();
    this.momentSeq = null;
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
    this.#topics.emit('pointer');
  }

  /** Puts the right edge behind the bin that a jump ends at, before its bins are there; the view follows from there. */
  aim(lastSeq: number, momentSeq: number | null): void {
    const { view } = this;
    this.showNewest();
    this.momentSeq = momentSeq;
    this.#aimSeq = lastSeq;
    this.view = { ...view, left: lastSeq + 1 - view.widthPx * view.binsPerPx };
    this.#viewChanged();
  }

  /** Takes notice of a bin of a jump that was put; the price is centred on the first, and then on the moment that was sought. */
  historyPut(seq: number, isFirst: boolean): void {
    if (isFirst || seq === this.momentSeq) this.#isCentred = false;
    this.#centrePrice(seq);
    this.#updateCrosshair();
  }

  /** Steps to a bin that is held; null: to the newest. */
  pin(seq: number | null): void {
    this.pinnedSeq = seq !== null && this.#store?.has(seq) ? seq : null;
    this.#topics.emit('pointer');
  }

  /** Moves on with a bin that was put; the first of a session is centred. */
  binPut(isFirst: boolean): void {
    this.#aimSeq = null;
    if (isFirst) {
      this.#isCentred = false;
      this.#follow('centre');
    }
    this.#centrePrice(this.#store?.head ?? -1);
    if (this.following) this.#follow(this.#followMode);
    this.#updateCrosshair();
  }

  /** Centres the price on the first spot that there is, also where the view does not follow or the price is locked. */
  #centrePrice(seq: number): void {
    const spot = seq < 0 ? Number.NaN : (this.#store?.bin('spotTick', seq) ?? Number.NaN);
    if (this.#isCentred || Number.isNaN(spot)) return;
    this.#isCentred = true;
    this.view = { ...this.view, top: follow(this.view, 'centre', seq, spot).top };
  }

  #follow(mode: FollowMode): void {
    const store = this.#store;
    if (store === undefined || store.head < 0) return;
    const edge = this.#aimSeq ?? store.head;
    this.view = follow(this.view, mode, edge, store.bin('spotTick', edge));
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
    if (this.#isMeasuring && this.measure !== null && this.crosshair !== null) {
      this.measure = { ...this.measure, to: this.crosshair };
    }
    this.#topics.emit('pointer');
  }

  openMenu(px: readonly [x: number, y: number]): void {
    this.menu = { px, point: pointAt(this.view, ...px) };
    this.#topics.emit('tool');
  }

  closeMenu(): void {
    if (this.menu === null) return;
    this.menu = null;
    this.#topics.emit('tool');
  }

  /** Measures from a point to the pointer, until `endMeasuring`. */
  measureFrom(point: ChartPoint): void {
    this.setTool('measure');
    this.#isMeasuring = true;
    this.setMeasure({ from: point, to: point });
  }

  /** Leaves the box that the menu began as it is; false when there is none. */
  endMeasuring(): boolean {
    const { measure } = this;
    if (!this.#isMeasuring) return false;
    this.setTool('pan');
    this.setMeasure(measure);
    return true;
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
    this.#isMeasuring = false;
    // By keyboard, the crosshair is the first corner.
    const corner = this.keyCrosshair && this.crosshair !== null ? { from: this.crosshair, to: this.crosshair } : null;
    this.measure = tool === 'measure' ? corner : null;
    this.zoomBox = tool === 'zoom' ? corner : null;
    this.#topics.emit('tool');
    this.#topics.emit('pointer');
  }
}
