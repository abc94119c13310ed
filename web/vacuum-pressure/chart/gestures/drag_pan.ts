import { pan } from '../../viewport/viewport.ts';
import type { StartDrag } from './drag.ts';

/** Drag: moves the chart with the pointer; a measured box goes away. */
export const dragPan: StartDrag = (chart, start) => {
  let [lastX, lastY] = start;
  if (chart.measure !== null) chart.setMeasure(null);
  return {
    move([x, y]) {
      if (x !== lastX || y !== lastY) chart.setView(pan(chart.view, x - lastX, y - lastY));
      lastX = x;
      lastY = y;
    },
    end() {},
  };
};
