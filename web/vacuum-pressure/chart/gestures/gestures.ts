import type { ChartState } from '../../viewport/chart_state.ts';
import type { ChartElements } from '../chart_elements.ts';
import { axisDrag } from './axis_drag.ts';
import { openMenu } from './context_menu.ts';
import { followCursor } from './cursor.ts';
import { doubleClick } from './double_click.ts';
import { listenToFingers } from './fingers.ts';
import { Surface } from './surface.ts';
import { axisWheelZoom, wheelZoom } from './wheel_zoom.ts';

/** Mouse and touch on the chart and its axes. Returns a function that ends it. */
export function listenToGestures(
  chart: ChartState,
  elements: Pick<ChartElements, 'heat' | 'priceAxis' | 'timeAxis'>,
): () => void {
  const stop = new AbortController();
  const heat = new Surface(elements.heat, stop.signal);
  wheelZoom(heat, chart);
  doubleClick(heat, chart, 'chart');
  openMenu(heat, chart);
  // The crosshair comes last: it lies where the chart was dragged to.
  followCursor(heat, chart, listenToFingers(heat, chart));
  for (const [element, direction] of [
    [elements.priceAxis, 'price'],
    [elements.timeAxis, 'time'],
  ] as const) {
    const axis = new Surface(element, stop.signal);
    axisDrag(axis, chart, direction);
    axisWheelZoom(axis, heat, chart, direction);
    doubleClick(axis, chart, direction);
  }
  return () => stop.abort();
}
