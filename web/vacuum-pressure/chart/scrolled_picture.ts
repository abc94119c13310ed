import { notNull } from '../../../src/errors.ts';
import { type DrawingInput, DrawingInputs } from '../viewport/drawing_inputs.ts';
import { timeAt, type Viewport } from '../viewport/viewport.ts';
import { CanvasLayer } from './canvas_layer.ts';

/** Room around the view that is painted with it, as shares of its width and height. */
const roomShares = [1 / 4, 1 / 8] as const;
/** A change this near in time may show in the picture, in pixels. */
const reachPx = 200;

/** The view with the room around it, whole device pixels of it. */
export function roomyView(view: Viewport, pixelRatio: number, scrollsPrice: boolean): Viewport {
  const roomOf = (sizePx: number, share: number) => Math.floor(sizePx * share * pixelRatio) / pixelRatio;
  const x = roomOf(view.widthPx, roomShares[0]);
  const y = scrollsPrice ? roomOf(view.heightPx, roomShares[1]) : 0;
  return {
    ...view,
    left: view.left - x * view.binsPerPx,
    top: view.top + y * view.ticksPerPx,
    widthPx: view.widthPx + 2 * x,
    heightPx: view.heightPx + 2 * y,
  };
}

/** Where a view lies in a painted one of the same zoom, in device pixels from its left top; null when not wholly, or between pixels. */
export function placeIn(painted: Viewport, view: Viewport, pixelRatio: number): readonly [x: number, y: number] | null {
  const left = ((view.left - painted.left) / view.binsPerPx) * pixelRatio;
  const top = ((painted.top - view.top) / view.ticksPerPx) * pixelRatio;
  const [x, y] = [Math.round(left), Math.round(top)];
  if (Math.abs(left - x) > 0.01 || Math.abs(top - y) > 0.01) return null;
  const fits = (at: number, size: number, all: number) => at >= 0 && at <= Math.round((all - size) * pixelRatio);
  return fits(x, view.widthPx, painted.widthPx) && fits(y, view.heightPx, painted.heightPx) ? [x, y] : null;
}

/**
 * What scrolls with time, and with the price where `scrollsPrice` says so: painted with some room around the view, and moved until more
 * of it comes into view. What has changed is painted on its canvas at once, without the room: it may change with the next frame too.
 */
export class ScrolledPicture {
  readonly #scrollsPrice: boolean;
  readonly #inputs = new DrawingInputs();
  #layer: CanvasLayer | null = null;
  /** The view that was painted last, and whether it was painted into the layer. */
  #painted: Viewport | null = null;
  #isKept = false;
  #isChanged = true;

  constructor(scrollsPrice: boolean) {
    this.#scrollsPrice = scrollsPrice;
  }

  /** Bin `seq` has changed. */
  change(seq: number): void {
    const painted = this.#painted;
    if (painted === null) return;
    const reach = reachPx * painted.binsPerPx;
    if (seq >= painted.left - reach && seq <= timeAt(painted, painted.widthPx) + reach) this.#isChanged = true;
  }

  /** Everything has changed. */
  clear(): void {
    this.#isChanged = true;
  }

  /**
   * Draws what `paint` paints of a view, in CSS pixels, from the bins and `inputs`.
   * @returns the view that was painted: a point at a pixel of it may lie elsewhere in `view`
   */
  draw(
    target: CanvasRenderingContext2D,
    view: Viewport,
    pixelRatio: number,
    inputs: readonly DrawingInput[],
    paint: (context: CanvasRenderingContext2D, view: Viewport) => void,
  ): Viewport {
    const { binsPerPx, ticksPerPx, widthPx, heightPx } = view;
    const isNew = this.#inputs.change([binsPerPx, ticksPerPx, widthPx, heightPx, pixelRatio, ...inputs]);
    if (isNew || this.#isChanged) {
      this.#isChanged = false;
      this.#isKept = false;
      this.#painted = view;
      paint(target, view);
      return view;
    }
    let place = this.#isKept && this.#painted !== null ? placeIn(this.#painted, view, pixelRatio) : null;
    this.#layer ??= new CanvasLayer(document.createElement('canvas'));
    if (place === null || this.#painted === null) {
      const roomy = roomyView(view, pixelRatio, this.#scrollsPrice);
      paint(this.#layer.begin(roomy.widthPx, roomy.heightPx, pixelRatio), roomy);
      this.#painted = roomy;
      this.#isKept = true;
      place = notNull(placeIn(roomy, view, pixelRatio));
    }
    const [width, height] = [Math.round(widthPx * pixelRatio), Math.round(heightPx * pixelRatio)];
    target.save();
    target.setTransform(1, 0, 0, 1, 0, 0);
    target.drawImage(this.#layer.canvas, ...place, width, height, 0, 0, width, height);
    target.restore();
    return this.#painted;
  }
}
