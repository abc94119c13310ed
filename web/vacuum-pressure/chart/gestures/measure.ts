import { pointAt } from '../../viewport/viewport.ts';
import type { StartDrag } from './drag.ts';

/** Drag with Alt or the measure tool: measures a box, which stays until the next drag; a press ends one that the menu began. */
export const dragMeasure: StartDrag = (chart, start) => {
  if (chart.endMeasuring()) return { move() {}, end() {} };
  const from = pointAt(chart.view, ...start);
  return {
    move(px) {
      chart.setMeasure({ from, to: pointAt(chart.view, ...px) });
    },
    end() {},
  };
};
