import type { ChartState } from '../../viewport/chart_state.ts';
import type { Px } from './surface.ts';

/** One finger or mouse button from press to release. */
export interface Drag {
  move(px: Px): void;
  /** `isCancelled`: the browser took the pointer away. */
  end(px: Px, isCancelled: boolean): void;
}

/** Begins a drag at a pixel. */
export type StartDrag = (chart: ChartState, px: Px) => Drag;
