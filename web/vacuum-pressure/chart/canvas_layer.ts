/** A canvas as large as its element, in device pixels, drawn in CSS pixels. */
export class CanvasLayer {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  widthPx = 0;
  heightPx = 0;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This browser gives no 2D drawing context.');
    this.canvas = canvas;
    this.context = context;
  }

  /** Clears the layer and takes over its element's size; returns the context in CSS pixels. */
  begin(widthPx: number, heightPx: number, pixelRatio: number): CanvasRenderingContext2D {
    const { canvas, context } = this;
    const [width, height] = [Math.round(widthPx * pixelRatio), Math.round(heightPx * pixelRatio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    context.clearRect(0, 0, widthPx, heightPx);
    return context;
  }
}
