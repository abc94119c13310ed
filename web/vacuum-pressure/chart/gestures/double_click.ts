import type { ChartState } from '../../viewport/chart_state.ts';
import type { Surface } from './surface.ts';

/** The effects of a double click on the chart and its axes. */
const effects = {
  chart: (chart: ChartState) => {
    chart.followAgain();
    chart.fitPrice();
  },
  price: (chart: ChartState) => chart.fitPrice(),
  time: (chart: ChartState) => chart.fitSession(),
} as const;

/** Double click: the chart follows again and fits the price to what is in view, an axis fits the price or the session. */
export function doubleClick(surface: Surface, chart: ChartState, on: keyof typeof effects): void {
  surface.on('dblclick', () => effects[on](chart));
}
