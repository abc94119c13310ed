import { pointAt, xOf, yOf } from '../../viewport/viewport.ts';
import type { StartDrag } from './drag.ts';

/** A box smaller than this, in pixels, was a click. */
const minBoxPx = 5;

/** Drag with Shift or the zoom tool: draws a box and fills the chart with it; then the tool is put away. */
export const boxZoom: StartDrag = (chart, start) => {
  const from = pointAt(chart.view, ...start);
  return {
    move(px) {
      chart.setZoomBox({ from, to: pointAt(chart.view, ...px) });
    },
    end([x, y], isCancelled) {
      const { view } = chart;
      chart.setZoomBox(null);
      const isBox = Math.abs(x - xOf(view, from.time)) > minBoxPx && Math.abs(y - yOf(view, from.price)) > minBoxPx;
      if (!isCancelled && isBox) chart.zoomInto({ from, to: pointAt(view, x, y) });
      if (chart.tool === 'zoom') chart.setTool('pan');
    },
  };
};
