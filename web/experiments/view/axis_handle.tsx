import './axis_handle.css';
import { useRef } from 'preact/hooks';
import type { Stops } from '../model/parallel.ts';

interface AxisHandleProps {
  readonly axis: Stops;
  readonly xPx: number;
  readonly isHigh: boolean;
  readonly brush: readonly [number, number] | null;
  readonly range: readonly [number, number];
  readonly gapPx: number;
  readonly onBrush: (from: number, to: number) => void;
  /** Null for the axis that stays where it is. */
  readonly onMove: ((by: number) => void) | null;
  readonly onDrag: (xPx: number | null) => void;
}

/** The name of an axis, which moves it and has the keys of its brush; and the brush. */
export function AxisHandle({
  axis,
  xPx,
  isHigh,
  brush,
  range: [from, to],
  gapPx,
  onBrush,
  onMove,
  onDrag,
}: AxisHandleProps) {
  const start = useRef<{ readonly pointer: number; readonly x: number } | null>(null);
  const last = axis.values.length - 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowUp' ? axis.keyStep : event.key === 'ArrowDown' ? -axis.keyStep : 0;
    if (step !== 0 && event.shiftKey) onBrush(from, Math.min(Math.max(to + step, from), last));
    else if (step !== 0) onBrush(Math.min(Math.max(from + step, 0), to), to);
    else if (event.key === 'ArrowLeft') onMove?.(-1);
    else if (event.key === 'ArrowRight') onMove?.(1);
    else if (event.key === 'Delete' || event.key === 'Backspace') onBrush(0, last);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const end = (event: PointerEvent) => {
    const by = start.current === null ? 0 : Math.round((event.clientX - start.current.pointer) / gapPx);
    start.current = null;
    onDrag(null);
    if (by !== 0) onMove?.(by);
  };
  const words = `${axis.label}: ${axis.values[from]} to ${axis.values[to]}`;
  return (
    <>
      <button
        type="button"
        class={`axis-name ${isHigh ? 'high' : ''} ${onMove === null ? '' : 'movable'}`}
        style={{ left: `${xPx}px` }}
        aria-label={`${words}. Arrows up and down move the lower end, with Shift the upper; left and right the axis; Delete clears.`}
        aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight Delete"
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (onMove === null) return;
          (event.currentTarget as Element).setPointerCapture(event.pointerId);
          start.current = { pointer: event.clientX, x: xPx };
        }}
        onPointerMove={({ clientX }) => {
          if (start.current !== null) onDrag(start.current.x + clientX - start.current.pointer);
        }}
        onPointerUp={end}
        onPointerCancel={end}
      >
        {axis.label}
      </button>
      {brush !== null && (
        <div
          class="axis-brush"
          style={{ left: `${xPx}px`, top: `${brush[0]}px`, height: `${Math.max(2, brush[1] - brush[0])}px` }}
        />
      )}
    </>
  );
}
