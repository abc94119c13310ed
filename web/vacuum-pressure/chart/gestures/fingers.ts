import type { ChartState } from '../../viewport/chart_state.ts';
import { boxZoom } from './box_zoom.ts';
import type { Drag } from './drag.ts';
import { dragPan } from './drag_pan.ts';
import { dragMeasure } from './measure.ts';
import { pinch } from './pinch.ts';
import type { Px, Surface } from './surface.ts';

/** Fingers and mouse buttons that are pressed on the chart, by pointer id, at their last pixels. */
export type Fingers = ReadonlyMap<number, Px>;

const drags = { pan: dragPan, measure: dragMeasure, zoom: boxZoom } as const;

/** One finger drags as the tool or the modifier key says, two pinch. Returns the fingers that are down. */
export function listenToFingers(heat: Surface, chart: ChartState): Fingers {
  const fingers = new Map<number, Px>();
  let drag: Drag | null = null;

  heat.on('pointerdown', (event) => {
    if (event.button !== 0) return;
    heat.element.focus({ preventScroll: true });
    heat.element.setPointerCapture(event.pointerId);
    const px = heat.px(event);
    fingers.set(event.pointerId, px);
    drag = drags[event.shiftKey ? 'zoom' : event.altKey ? 'measure' : chart.tool](chart, px);
  });

  heat.on('pointermove', (event) => {
    const px = heat.px(event);
    const before = fingers.get(event.pointerId);
    if (before !== undefined) fingers.set(event.pointerId, px);
    if (before === undefined || fingers.size !== 2) {
      drag?.move(px);
      return;
    }
    for (const [id, still] of fingers) if (id !== event.pointerId) pinch(chart, still, before, px);
  });

  const end = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    const ended = drag;
    drag = null;
    ended?.end(heat.px(event), event.type === 'pointercancel');
  };
  heat.on('pointerup', end);
  heat.on('pointercancel', end);
  return fingers;
}
