import type { ChartState } from '../../viewport/chart_state.ts';
import { zoomPrice, zoomTime } from '../../viewport/viewport.ts';
import type { Surface } from './surface.ts';

/** Zoom per pixel of the drag, as a power of e. */
const axisRate = 0.006;

/** Drag along the price axis: scales prices about the middle; along the time axis: scales time about the right edge. */
export function axisDrag(axis: Surface, chart: ChartState, direction: 'time' | 'price'): void {
  let last: readonly [x: number, y: number] | null = null;
  axis.on('pointerdown', ({ pointerId, clientX, clientY }) => {
    axis.element.setPointerCapture(pointerId);
    last = [clientX, clientY];
  });
  axis.on('pointermove', ({ clientX, clientY }) => {
    if (last === null) return;
    const { view } = chart;
    const [lastX, lastY] = last;
    const zoomed =
      direction === 'price'
        ? zoomPrice(view, Math.exp((clientY - lastY) * axisRate), view.heightPx / 2)
        : zoomTime(view, Math.exp((lastX - clientX) * axisRate), view.widthPx);
    chart.setZoom(zoomed);
    last = [clientX, clientY];
  });
  const end = () => {
    last = null;
  };
  axis.on('pointerup', end);
  axis.on('pointercancel', end);
}
