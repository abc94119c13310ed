import type { ChartState } from '../../viewport/chart_state.ts';
import type { Surface } from './surface.ts';

/** Double click on the chart or an axis: follows the newest bin again. */
export function doubleClick(surface: Surface, chart: ChartState): void {
  surface.on('dblclick', () => chart.followAgain());
}
