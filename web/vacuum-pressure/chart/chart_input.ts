import type { Terminal } from '../playback/terminal.ts';
import type { ChartPoint } from '../viewport/chart_state.ts';
import { pan, priceAt, timeAt, type Viewport, xOf, yOf, zoomPrice, zoomTime, zoomToBox } from '../viewport/viewport.ts';
import type { ChartElements } from './chart_elements.ts';

/** Zoom per pixel of wheel or axis drag, as a power of e. */
const wheelRate = 0.0016;
const axisRate = 0.006;
/** A box smaller than this, in pixels, was a click. */
const smallestBoxPx = 5;

type Drag =
  | { readonly kind: 'pan'; x: number; y: number }
  | { readonly kind: 'measure' | 'zoom'; readonly from: ChartPoint; readonly x: number; readonly y: number };

/** Mouse and touch on the chart and its axes. Returns what ends it. */
export function listenToPointer(terminal: Terminal, elements: ChartElements): () => void {
  const stop = new AbortController();
  const on = <Name extends keyof HTMLElementEventMap>(
    element: HTMLElement,
    name: Name,
    listener: (event: HTMLElementEventMap[Name]) => void,
  ) => element.addEventListener(name, listener, { signal: stop.signal, passive: false });
  const { heat, priceAxis, timeAxis } = elements;

  on(heat, 'wheel', (event) => {
    event.preventDefault();
    const [x, y] = position(event, heat);
    // A trackpad sends Shift as a sideways wheel, and a pinch as Ctrl.
    const px = (event.deltaY === 0 ? event.deltaX : event.deltaY) * (event.deltaMode === 1 ? 16 : 1);
    zoomAt(terminal, Math.exp(px * wheelRate), x, y, event.shiftKey ? 'time' : event.ctrlKey ? 'price' : 'both');
    terminal.pointAt([x, y]);
  });
  on(heat, 'dblclick', () => terminal.followAgain());
  listenToDrags(terminal, heat, on);
  for (const [axis, direction] of [
    [priceAxis, 'price'],
    [timeAxis, 'time'],
  ] as const) {
    listenToAxis(terminal, axis, direction, on);
    on(axis, 'dblclick', () => terminal.followAgain());
    on(axis, 'wheel', (event) => {
      event.preventDefault();
      const [x, y] = position(event, heat);
      zoomAt(terminal, Math.exp(event.deltaY * wheelRate), x, y, direction);
    });
  }
  return () => stop.abort();
}

type Listen = <Name extends keyof HTMLElementEventMap>(
  element: HTMLElement,
  name: Name,
  listener: (event: HTMLElementEventMap[Name]) => void,
) => void;

const position = (event: MouseEvent, element: HTMLElement): [number, number] => {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

const pointAt = (view: Viewport, x: number, y: number): ChartPoint => ({
  time: timeAt(view, x),
  price: priceAt(view, y),
});

/** Zooms one axis or both at a pixel; zooming the price alone does not stop the chart from following. */
export function zoomAt(
  terminal: Terminal,
  factor: number,
  x: number,
  y: number,
  axes: 'both' | 'time' | 'price',
): void {
  const { view } = terminal;
  const timed = axes === 'price' ? view : zoomTime(view, factor, x);
  const zoomed = axes === 'time' ? timed : zoomPrice(timed, factor, y);
  if (axes === 'price' && terminal.settings.followMode !== 'centre') terminal.setZoom(zoomed);
  else terminal.setView(zoomed);
}

function listenToDrags(terminal: Terminal, heat: HTMLElement, on: Listen): void {
  const fingers = new Map<number, readonly [number, number]>();
  let drag: Drag | null = null;

  on(heat, 'pointerdown', (event) => {
    if (event.button !== 0) return;
    heat.focus({ preventScroll: true });
    heat.setPointerCapture(event.pointerId);
    const [x, y] = position(event, heat);
    fingers.set(event.pointerId, [x, y]);
    const kind = event.shiftKey ? 'zoom' : event.altKey ? 'measure' : terminal.tool;
    drag = kind === 'pan' ? { kind, x, y } : { kind, x, y, from: pointAt(terminal.view, x, y) };
    if (kind === 'pan' && terminal.measure !== null) terminal.setMeasure(null);
  });

  on(heat, 'pointermove', (event) => {
    const [x, y] = position(event, heat);
    const before = fingers.get(event.pointerId);
    if (before !== undefined) fingers.set(event.pointerId, [x, y]);
    if (fingers.size === 2 && before !== undefined) {
      pinch(terminal, fingers, event.pointerId, before);
      return;
    }
    if (drag?.kind === 'pan') {
      if (x !== drag.x || y !== drag.y) terminal.setView(pan(terminal.view, x - drag.x, y - drag.y));
      drag.x = x;
      drag.y = y;
    } else if (drag !== null) {
      const box = { from: drag.from, to: pointAt(terminal.view, x, y) };
      if (drag.kind === 'measure') terminal.setMeasure(box);
      else terminal.setZoomBox(box);
    }
    terminal.pointAt([x, y]);
  });

  const end = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    const [x, y] = position(event, heat);
    if (drag?.kind === 'zoom') {
      const { view } = terminal;
      const [x0, y0] = [xOf(view, drag.from.time), yOf(view, drag.from.price)];
      terminal.setZoomBox(null);
      const large = Math.abs(x - x0) > smallestBoxPx && Math.abs(y - y0) > smallestBoxPx;
      if (event.type === 'pointerup' && large) terminal.setView(zoomToBox(view, x0, y0, x, y));
      if (terminal.tool === 'zoom') terminal.setTool('pan');
    }
    drag = null;
    if (event.pointerType === 'touch' && event.type === 'pointercancel') terminal.pointAt(null);
  };
  on(heat, 'pointerup', end);
  on(heat, 'pointercancel', end);
  on(heat, 'pointerleave', (event) => {
    if (event.pointerType !== 'touch') terminal.pointAt(null);
  });
}

/** Two fingers: their middle carries the picture, their distance along each axis zooms it. */
function pinch(
  terminal: Terminal,
  fingers: ReadonlyMap<number, readonly [number, number]>,
  moved: number,
  before: readonly [number, number],
): void {
  const now = fingers.get(moved)!;
  const still = [...fingers].find(([id]) => id !== moved)![1];
  let view = pan(terminal.view, (now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  const [x, y] = [(now[0] + still[0]) / 2, (now[1] + still[1]) / 2];
  const ratio = (axis: 0 | 1) => {
    const [was, is] = [Math.abs(before[axis] - still[axis]), Math.abs(now[axis] - still[axis])];
    return was < 24 || is < 24 ? 1 : was / is;
  };
  view = zoomPrice(zoomTime(view, ratio(0), x), ratio(1), y);
  terminal.setView(view);
}

function listenToAxis(terminal: Terminal, axis: HTMLElement, direction: 'time' | 'price', on: Listen): void {
  let last: readonly [number, number] | null = null;
  on(axis, 'pointerdown', (event) => {
    axis.setPointerCapture(event.pointerId);
    last = [event.clientX, event.clientY];
  });
  on(axis, 'pointermove', (event) => {
    if (last === null) return;
    const { view } = terminal;
    if (direction === 'price') {
      const zoomed = zoomPrice(view, Math.exp((event.clientY - last[1]) * axisRate), view.heightPx / 2);
      terminal.setZoom(zoomed);
    } else {
      terminal.setZoom(zoomTime(view, Math.exp((last[0] - event.clientX) * axisRate), view.widthPx));
    }
    last = [event.clientX, event.clientY];
  });
  const end = () => {
    last = null;
  };
  on(axis, 'pointerup', end);
  on(axis, 'pointercancel', end);
}
