import type { ChartState, ZoomAxes } from '../../viewport/chart_state.ts';
import type { Surface } from './surface.ts';

/** Zoom per pixel of the wheel, as a power of e. */
const wheelRate = 0.0016;
/** Pixels of a line, in which some browsers count. */
const linePx = 16;

/** Distance of a wheel event in pixels. A trackpad sends Shift as a sideways wheel. */
function wheelPx({ deltaX, deltaY, deltaMode }: WheelEvent): number {
  return (deltaY === 0 ? deltaX : deltaY) * (deltaMode === 1 ? linePx : 1);
}

/** Wheel over the chart: zooms about the pointer; Shift time only, Ctrl (a trackpad's pinch) price only. */
export function wheelZoom(heat: Surface, chart: ChartState): void {
  heat.on('wheel', (event) => {
    event.preventDefault();
    const px = heat.px(event);
    const axes: ZoomAxes = event.shiftKey ? 'time' : event.ctrlKey ? 'price' : 'both';
    chart.zoomAt(Math.exp(wheelPx(event) * wheelRate), ...px, axes);
    chart.pointAt(px);
  });
}

/** Wheel over an axis: zooms that axis about the pointer's place on the chart. */
export function axisWheelZoom(axis: Surface, heat: Surface, chart: ChartState, direction: 'time' | 'price'): void {
  axis.on('wheel', (event) => {
    event.preventDefault();
    chart.zoomAt(Math.exp(wheelPx(event) * wheelRate), ...heat.px(event), direction);
  });
}
