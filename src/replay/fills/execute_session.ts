import type { CaptureWindow } from '../../config/index.ts';
import { present, SpymasterError } from '../../errors.ts';
import {
  type ExecutionClock,
  type ExecutionPass,
  OurOrders,
  type PositionSettings,
  Positions,
} from '../../execution/index.ts';
import { assertFifo } from './fifo.ts';
import { type FollowedQueues, followQueues } from './queue_file.ts';

export interface ExecuteSessionOptions {
  readonly path: string;
  readonly symbol: string;
  readonly publisherId?: number | undefined;
  /** Times of the orders count from its start; its end is the session's. */
  readonly capture: CaptureWindow;
  readonly settings: PositionSettings;
  readonly clock: ExecutionClock;
  /** Whether to go on where the market is not first in, first out. */
  readonly notFifo: boolean;
  readonly onProgress?: (bytesRead: number, sizeBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Positions of a session, and what they were followed through. */
export interface ExecutedSession extends FollowedQueues {
  readonly positions: Positions;
  /** Time of the last event before the session's end, and the mid that it left. */
  readonly last: { readonly tsNs: number; readonly mid: number };
}

/**
 * Opens and leaves positions in the real book of one session; `enter` adds them.
 * @throws NOT_FIFO where the market is not first in, first out, and what `followQueues` throws
 */
export async function executeSession(
  options: ExecuteSessionOptions,
  enter: (positions: Positions) => void,
): Promise<ExecutedSession> {
  const { path, symbol, publisherId, capture, settings, clock, onProgress, signal } = options;
  const endNs = Number((capture.endNs ?? capture.sessionEndNs) - capture.startNs);
  const ours = new OurOrders([]);
  const followed: { readonly pass: ExecutionPass; readonly positions: Positions }[] = [];
  const found = await followQueues(
    {
      ...{ path, symbol, clock },
      ...(publisherId !== undefined && { publisherId }),
      ...(onProgress !== undefined && { onProgress }),
      ...(signal !== undefined && { signal }),
    },
    () => ({
      ...{ ours, originNs: capture.startNs, endNs },
      onPass: (pass) => {
        const positions = new Positions(pass, ours, settings);
        followed.push({ pass, positions });
        enter(positions);
      },
    }),
  );
  if (!options.notFifo) assertFifo(path, found);
  const { pass, positions } = present(followed[0]);
  positions.finish();
  if (pass.clockNs < 0) {
    throw new SpymasterError(
      'DATE_OUTSIDE_FILE',
      `Cannot execute a session in ${path}: no record of ${symbol} lies in its window. Give the file of that day.`,
      { path, symbol },
    );
  }
  return { ...found, positions, last: { tsNs: pass.clockNs, mid: pass.lastMid } };
}
