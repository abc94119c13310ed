import type { Palette } from '../../shared/theme.ts';
import type { Session } from '../session/session.ts';
import type { Viewport } from '../viewport/viewport.ts';

/** Everything that an overlay draws from and on. */
export interface OverlayDrawing {
  readonly context: CanvasRenderingContext2D;
  readonly view: Viewport;
  readonly session: Session;
  readonly palette: Palette;
  /** The cause in a word where the records of a bin are missing; null elsewhere. */
  readonly gapOf: (seq: number) => string | null;
}
