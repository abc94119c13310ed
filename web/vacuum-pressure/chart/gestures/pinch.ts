import type { ChartState } from '../../viewport/chart_state.ts';
import { pan, zoomPrice, zoomTime } from '../../viewport/viewport.ts';
import type { Px } from './surface.ts';

/** Fingers closer together than this along an axis do not zoom it: the ratio of small distances trembles. */
const minDistancePx = 24;

/**
 * Two fingers, of which one moves: their distance along each axis zooms the chart, and their middle carries it, unless it
 * follows the newest bin, which then stays at the right edge.
 */
export function pinch(chart: ChartState, still: Px, before: Px, now: Px): void {
  const [x, y] = [(now[0] + still[0]) / 2, (now[1] + still[1]) / 2];
  const ratio = (axis: 0 | 1) => {
    const [was, is] = [Math.abs(before[axis] - still[axis]), Math.abs(now[axis] - still[axis])];
    return was < minDistancePx || is < minDistancePx ? 1 : was / is;
  };
  if (chart.following) {
    const { view } = chart;
    chart.setZoom(zoomPrice(zoomTime(view, ratio(0), view.widthPx), ratio(1), y));
    return;
  }
  const carried = pan(chart.view, (now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  chart.setView(zoomPrice(zoomTime(carried, ratio(0), x), ratio(1), y));
}
