import { useRef, useState } from 'preact/hooks';
import { present } from '../../../src/errors.ts';
import { brushBetween, type Line, type Stops, stopsBetween } from '../model/parallel.ts';
import { brushOf, withBrush } from '../model/query.ts';
import type { Run } from '../model/runs.ts';
import { axisX, heightAt, nearestLine } from './parallel_canvas.ts';

/** A stroke along an axis: from where to where it goes, in pixels from the top of the canvas. */
export interface BrushStroke {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
}

interface BrushOptions {
  readonly stops: readonly Stops[];
  /** Lines that can be pointed at. */
  readonly candidates: readonly Line[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly onRun: (runId: string) => void;
}

const nearAxisPx = 12;
/** A stroke shorter than this was a click. */
const minStrokePx = 4;

/** The pointer on the canvas: a stroke along an axis filters by it, a click on it clears that filter, a click on a line opens its run. */
export function useBrush(options: BrushOptions) {
  const { stops, candidates, widthPx, heightPx, search, onSearch, onRun } = options;
  const [stroke, showStroke] = useState<BrushStroke | null>(null);
  const [hovered, setHovered] = useState<Run | null>(null);
  // Moves may come faster than the page is drawn.
  const latest = useRef<BrushStroke | null>(null);
  const setStroke = (next: BrushStroke | null) => {
    latest.current = next;
    showStroke(next);
  };
  const nearest = ({ offsetX, offsetY }: PointerEvent) =>
    nearestLine(candidates, stops.length, widthPx, heightPx, offsetX, offsetY)?.run ?? null;
  const brush = (index: number, from: number, to: number) => {
    const axis = present(stops[index]);
    onSearch(withBrush(search, axis.column, brushBetween(axis, Math.min(from, to), Math.max(from, to))));
  };
  const click = (axis: Stops | undefined, event: PointerEvent) => {
    if (axis !== undefined && brushOf(search, axis.column) !== null) {
      onSearch(withBrush(search, axis.column, null));
      return;
    }
    const run = nearest(event);
    if (run !== null) onRun(run.run_id);
  };
  const handlers = {
    onPointerDown: (event: PointerEvent) => {
      const axis = stops.findIndex(
        (_, index) => Math.abs(axisX(index, stops.length, widthPx) - event.offsetX) <= nearAxisPx,
      );
      if (axis < 0 || event.button !== 0) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      setStroke({ axis, from: event.offsetY, to: event.offsetY });
    },
    onPointerMove: (event: PointerEvent) => {
      if (latest.current !== null) setStroke({ ...latest.current, to: event.offsetY });
      else setHovered(nearest(event));
    },
    onPointerUp: (event: PointerEvent) => {
      const ended = latest.current;
      setStroke(null);
      if (ended === null || Math.abs(ended.from - event.offsetY) < minStrokePx) {
        click(ended === null ? undefined : stops[ended.axis], event);
        return;
      }
      const [top, foot] = [Math.min(ended.from, event.offsetY), Math.max(ended.from, event.offsetY)];
      const touched = stopsBetween(present(stops[ended.axis]), heightAt(foot, heightPx), heightAt(top, heightPx));
      if (touched !== null) brush(ended.axis, ...touched);
    },
    onPointerLeave: () => setHovered(null),
  };
  return { stroke, hovered, brush, handlers };
}
