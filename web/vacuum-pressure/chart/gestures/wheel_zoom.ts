import type { ChartState } from '../../viewport/chart_state.ts';
import { pan } from '../../viewport/viewport.ts';
import type { Surface } from './surface.ts';

/** Zoom per pixel of the wheel, as a power of e. */
const wheelRate = 0.0016;
/** Pixels of a line, in which some browsers count. */
const linePx = 16;

/** Distance of a wheel event in pixels, along the axis on which it moved further: some browsers turn Shift into a sideways wheel. */
function wheelPx({ deltaX, deltaY, deltaMode }: WheelEvent): number {
  return (Math.abs(deltaX) > Math.abs(deltaY) ? deltaX : deltaY) * (deltaMode === 1 ? linePx : 1);
}

const zoomOf = (event: WheelEvent) => Math.exp(wheelPx(event) * wheelRate);

/**
 * Wheel over the chart: zooms time about the pointer, or about the newest bin while the chart follows it; Ctrl (a trackpad's
 * pinch) zooms both axes; Shift pans the time. A sideways wheel of a trackpad pans too.
 */
export function wheelZoom(heat: Surface, chart: ChartState): void {
  heat.on('wheel', (event) => {
    event.preventDefault();
    const px = heat.px(event);
    const isPan = event.shiftKey || (!event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY));
    if (isPan) chart.setView(pan(chart.view, -wheelPx(event), 0));
    else chart.zoomAt(zoomOf(event), ...px, event.ctrlKey ? 'both' : 'time');
    chart.pointAt(px);
  });
}

/** Wheel over an axis: zooms the price about spot, the time as over the chart. */
export function axisWheelZoom(axis: Surface, heat: Surface, chart: ChartState, direction: 'time' | 'price'): void {
  axis.on('wheel', (event) => {
    event.preventDefault();
    if (direction === 'price') chart.zoomPriceAboutSpot(zoomOf(event));
    else chart.zoomAt(zoomOf(event), ...heat.px(event), 'time');
  });
}
