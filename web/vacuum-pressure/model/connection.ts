/** Where the page stands with its source of bins. */
export type ConnectionState =
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'streaming' }
  | { readonly phase: 'ended'; readonly binCount: number }
  | { readonly phase: 'waiting'; readonly attempt: number; readonly delayMs: number; readonly reason: string }
  | { readonly phase: 'refused'; readonly message: string }
  | { readonly phase: 'violated'; readonly message: string; readonly field: string };

export type ConnectionEvent =
  | { readonly event: 'retry' }
  | { readonly event: 'config' }
  | { readonly event: 'eof'; readonly binCount: number }
  | { readonly event: 'error'; readonly message: string }
  | { readonly event: 'violation'; readonly message: string; readonly field: string }
  | { readonly event: 'closed'; readonly code: number };

const firstDelayMs = 250;
const longestDelayMs = 8000;
/** Close code of a request that the server will never serve (RFC 6455 §7.4.1: policy violation). */
const policyViolation = 1008;

/** Milliseconds to wait before attempt `attempt` (from 1): doubling, with up to a quarter less by `jitter` in [0, 1). */
export function retryDelayMs(attempt: number, jitter: number): number {
  return Math.round(Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs) * (1 - jitter / 4));
}

/** Phases that only the user can leave. */
export function isFinal(state: ConnectionState): boolean {
  return state.phase === 'ended' || state.phase === 'refused' || state.phase === 'violated';
}

/**
 * The state after an event. A connection that breaks is tried again, ever more slowly; one that the server refused, that
 * broke its contract, or that came to its end, is not.
 */
export function connectionStep(state: ConnectionState, event: ConnectionEvent, jitter: number): ConnectionState {
  if (event.event === 'retry') {
    return { phase: 'connecting', attempt: state.phase === 'waiting' ? state.attempt : 0 };
  }
  if (isFinal(state)) return state;
  if (event.event === 'config') return { phase: 'streaming' };
  if (event.event === 'eof') return { phase: 'ended', binCount: event.binCount };
  if (event.event === 'error')
    return state.phase === 'streaming' ? state : { phase: 'refused', message: event.message };
  if (event.event === 'violation') return { phase: 'violated', message: event.message, field: event.field };
  if (event.code === policyViolation) {
    return { phase: 'refused', message: 'The server refused the stream and did not say why (close code 1008).' };
  }
  const failed = state.phase === 'connecting' ? state.attempt : 0;
  const reason =
    state.phase === 'connecting'
      ? 'The server cannot be reached.'
      : `The server closed the stream (close code ${event.code}).`;
  return { phase: 'waiting', attempt: failed + 1, delayMs: retryDelayMs(failed + 1, jitter), reason };
}
