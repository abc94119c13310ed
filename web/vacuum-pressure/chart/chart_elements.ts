/** The elements that the chart draws into; the page lays them out. */
export interface ChartElements {
  readonly heat: HTMLElement;
  readonly heatCanvas: HTMLCanvasElement;
  readonly overlayCanvas: HTMLCanvasElement;
  readonly pointerCanvas: HTMLCanvasElement;
  /** Depth by price, beside the price axis. */
  readonly depthCanvas: HTMLCanvasElement;
  /** Pressure and vacuum by price, to the left of the heatmap. */
  readonly forceCanvas: HTMLCanvasElement;
  readonly projectionCanvas: HTMLCanvasElement;
  readonly priceAxis: HTMLElement;
  readonly timeAxis: HTMLElement;
  readonly series: HTMLElement;
}
