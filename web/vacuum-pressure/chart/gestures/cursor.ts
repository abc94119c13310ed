import type { ChartState } from '../../viewport/chart_state.ts';
import type { Fingers } from './fingers.ts';
import type { Surface } from './surface.ts';

/** The crosshair goes with the pointer, but for fingers that pinch; it leaves with the mouse, and stays when a finger is lifted. */
export function followCursor(heat: Surface, chart: ChartState, fingers: Fingers): void {
  heat.on('pointermove', (event) => {
    const isPinch = fingers.size === 2 && fingers.has(event.pointerId);
    if (!isPinch) chart.pointAt(heat.px(event));
  });
  heat.on('pointerleave', ({ pointerType }) => {
    if (pointerType !== 'touch') chart.pointAt(null);
  });
  heat.on('pointercancel', ({ pointerType }) => {
    if (pointerType === 'touch') chart.pointAt(null);
  });
}
