import { pointAt } from '../../viewport/viewport.ts';
import type { StartDrag } from './drag.ts';

/** Drag with Alt or the measure tool: measures a box, which stays until the next drag. */
export const dragMeasure: StartDrag = (chart, start) => {
  const from = pointAt(chart.view, ...start);
  return {
    move(px) {
      chart.setMeasure({ from, to: pointAt(chart.view, ...px) });
    },
    end() {},
  };
};
