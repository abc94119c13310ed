import type { CancelledResponse, ChangesResponse, SweepsResponse } from '../../../src/wire/index.ts';
import { ask, askFor } from './ask.ts';

/** Whether this page may change something. */
export function fetchChanges(signal?: AbortSignal): Promise<ChangesResponse> {
  return ask('/v1/changes', signal === undefined ? {} : { signal });
}

/** Sweeps that run, and how the last ones ended. */
export function fetchSweeps(signal?: AbortSignal): Promise<SweepsResponse> {
  return ask('/v1/sweeps', signal === undefined ? {} : { signal });
}

export function cancelSweep(sweepId: string): Promise<CancelledResponse> {
  return askFor(`/v1/sweeps/${encodeURIComponent(sweepId)}/cancel`);
}
