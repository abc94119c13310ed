/** The elements that the chart draws into; the page lays them out. */
export interface ChartElements {
  readonly heat: HTMLElement;
  readonly heatCanvas: HTMLCanvasElement;
  readonly overlayCanvas: HTMLCanvasElement;
  readonly pointerCanvas: HTMLCanvasElement;
  readonly depthCanvas: HTMLCanvasElement;
  readonly projectionCanvas: HTMLCanvasElement;
  readonly priceAxis: HTMLElement;
  readonly timeAxis: HTMLElement;
  readonly series: HTMLElement;
}
