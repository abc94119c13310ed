import type { SessionOverview } from '../../../src/wire/index.ts';
import type { Session } from '../session/session.ts';
import { Topics } from '../session/topics.ts';
import type { Settings } from './settings.ts';
import { follow, priceAt, timeAt, type Viewport } from './viewport.ts';

/** A point of the chart, in bins and ticks. */
export interface ChartPoint {
  readonly time: number;
  readonly price: number;
}

export interface Measure {
  readonly from: ChartPoint;
  readonly to: ChartPoint;
}

/** What dragging in the chart does. */
export type Tool = 'pan' | 'measure' | 'zoom';

const initialView: Viewport = {
  left: 0,
  binsPerPx: 1 / 4,
  top: 0,
  ticksPerPx: 1 / 9,
  widthPx: 800,
  heightPx: 500,
};

/** The part of the session in view, the crosshair and the tools of the chart. */
export class ChartState extends Topics {
  settings: Settings;
  session: Session | null = null;
  /** What is known of the whole session, received or not. */
  overview: SessionOverview | null = null;
  /** Start of bin 0, UNIX nanoseconds; null before the first bin. */
  originNs: bigint | null = null;
  view: Viewport = initialView;
  following = true;
  /** What the pointer points at. */
  crosshair: ChartPoint | null = null;
  /** Where the mouse is: the chart may move below it. */
  #pointerPx: readonly [number, number] | null = null;
  /** Whether arrow keys move the crosshair. */
  keyCrosshair = false;
  /** The bin that one stepped to; null: the newest. */
  pinnedSeq: number | null = null;
  measure: Measure | null = null;
  /** The box that is being drawn to zoom into. */
  zoomBox: Measure | null = null;
  tool: Tool = 'pan';

  constructor(settings: Settings) {
    super();
    this.settings = settings;
  }

  /** The bin that panels speak of: the one under the pointer, the one stepped to, or the newest. */
  get shownSeq(): number {
    const store = this.session?.store;
    if (store === undefined) return -1;
    if (this.crosshair !== null) {
      const seq = Math.floor(this.crosshair.time);
      if (store.has(seq)) return seq;
    }
    return this.pinnedSeq ?? store.head;
  }

  /** Moves the view by hand: it no longer follows. */
  setView(view: Viewport): void {
    this.view = view;
    this.following = false;
    this.viewChanged();
  }

  /** Changes the zoom without ceasing to follow, as axis drags and the wheel at the newest bin do. */
  setZoom(view: Viewport): void {
    this.view = view;
    if (this.following) this.followNow();
    this.viewChanged();
  }

  followAgain(): void {
    this.following = true;
    this.pinnedSeq = null;
    this.centre();
    this.followNow();
    this.viewChanged();
  }

  protected viewChanged(): void {
    this.pointAgain();
    this.emit('view');
  }

  /** What lies below the mouse now. */
  protected pointAgain(): void {
    if (this.#pointerPx === null) return;
    const [x, y] = this.#pointerPx;
    this.crosshair = { time: timeAt(this.view, x), price: priceAt(this.view, y) };
  }

  /** The mouse is at a pixel of the chart, or has left it. */
  pointAt(px: readonly [number, number] | null): void {
    this.#pointerPx = px;
    if (px === null) this.crosshair = null;
    else this.pointAgain();
    this.emit('pointer');
  }

  protected followNow(): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    this.view = follow(this.view, this.settings.followMode, store.head, store.bin('spotTick', store.head));
  }

  protected centre(): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    this.view = follow(this.view, 'centre', store.head, store.bin('spotTick', store.head));
  }

  protected scrollTo(seq: number): void {
    this.following = false;
    this.view = { ...this.view, left: seq - (this.view.widthPx * this.view.binsPerPx) / 2 };
  }

  /** Moves the crosshair by bins and ticks, starting at the newest bin; the view follows it. */
  moveCrosshair(bins: number, ticks: number): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    const at = this.crosshair ?? { time: this.shownSeq + 0.5, price: store.bin('spotTick', store.head) };
    const point = { time: Math.max(0.5, at.time + bins), price: Math.round(at.price) + ticks };
    if (Number.isNaN(point.price)) return;
    this.#pointerPx = null;
    this.crosshair = point;
    if (this.measure !== null && this.tool === 'measure') this.measure = { ...this.measure, to: point };
    if (this.zoomBox !== null && this.tool === 'zoom') this.zoomBox = { ...this.zoomBox, to: point };
    this.emit('pointer');
  }

  /** Lets arrow keys move the crosshair, or no longer. */
  setKeyCrosshair(on: boolean): void {
    this.keyCrosshair = on;
    if (on) this.moveCrosshair(0, 0);
    else this.pointAt(null);
  }

  setMeasure(measure: Measure | null): void {
    this.measure = measure;
    this.emit('pointer');
  }

  setTool(tool: Tool): void {
    this.tool = tool;
    this.measure = null;
    this.zoomBox = null;
    // By keyboard, the crosshair is the first corner.
    const corner = this.keyCrosshair && this.crosshair !== null ? { from: this.crosshair, to: this.crosshair } : null;
    if (tool === 'measure') this.measure = corner;
    if (tool === 'zoom') this.zoomBox = corner;
    this.emit('settings');
    this.emit('pointer');
  }

  setZoomBox(box: Measure | null): void {
    this.zoomBox = box;
    this.emit('pointer');
  }

  change(patch: Partial<Settings>): void {
    this.settings = { ...this.settings, ...patch };
    if (patch.followMode !== undefined && this.following) this.followNow();
    this.emit('settings');
  }

  // Time

  /** End of the bin shown, UNIX nanoseconds. */
  get shownTsNs(): bigint | null {
    if (this.originNs === null || this.session === null || this.shownSeq < 0) return null;
    return this.originNs + BigInt(this.shownSeq + 1) * BigInt(this.session.contract.cellNs);
  }

  /** UNIX milliseconds of a position on the time axis; NaN before its start is known. */
  unixMs(time: number): number {
    const originMs = this.#originMs();
    return this.session === null ? Number.NaN : originMs + (time * this.session.contract.cellNs) / 1e6;
  }

  /** Position on the time axis of a UNIX time in milliseconds; NaN before its start is known. */
  timeOf(unixMs: number): number {
    return this.session === null ? Number.NaN : ((unixMs - this.#originMs()) * 1e6) / this.session.contract.cellNs;
  }

  /** Start of bin 0, UNIX milliseconds; NaN before it is known. */
  #originMs(): number {
    const originNs = this.originNs ?? (this.overview === null ? null : BigInt(this.overview.start_ns));
    return originNs === null ? Number.NaN : Number(originNs / 1000n) / 1000;
  }
}
