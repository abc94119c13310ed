import type {
  CancelledResponse,
  ChangesResponse,
  SavedSpec,
  SpecCheck,
  SpecList,
  SpecText,
  StartedSweep,
  SweepsResponse,
} from '../../../src/wire/index.ts';
import { ask, askFor } from '../../shared/ask.ts';

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

export function fetchSpecs(signal?: AbortSignal): Promise<SpecList> {
  return ask('/v1/specs', signal === undefined ? {} : { signal });
}

export function fetchSpec(name: string, signal?: AbortSignal): Promise<SpecText> {
  return ask(`/v1/specs/${encodeURIComponent(name)}`, signal === undefined ? {} : { signal });
}

/** Checks a text as if it were the spec of that name. */
export function checkSpec(name: string, text: string, signal: AbortSignal): Promise<SpecCheck> {
  return askFor('/v1/spec-check', { name, text }, signal);
}

/** @param etag - of the text that was changed; null for a new spec */
export function saveSpec(name: string, text: string, etag: string | null): Promise<SavedSpec> {
  return askFor(`/v1/specs/${encodeURIComponent(name)}`, { text, etag });
}

export interface StartOptions {
  readonly force: boolean;
  readonly keepGoing: boolean;
}

export function startSweep(name: string, etag: string, { force, keepGoing }: StartOptions): Promise<StartedSweep> {
  return askFor(`/v1/specs/${encodeURIComponent(name)}/run`, { etag, force, keep_going: keepGoing });
}

/** The address of what a sweep wrote that was started from a page. */
export const logUrl = (sweepId: string) => `/v1/sweeps/${encodeURIComponent(sweepId)}/log`;
