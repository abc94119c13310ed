/** Where the page stands with its source of bins. `said` is the last error message of the server, if any. */
export type ConnectionState =
  | { readonly phase: 'connecting'; readonly attempt: number; readonly said: string | null }
  | { readonly phase: 'streaming'; readonly said: string | null }
  | { readonly phase: 'ended'; readonly binCount: number }
  | { readonly phase: 'waiting'; readonly attempt: number; readonly delayMs: number; readonly reason: string }
  /** The server will not serve this, or the source gave up. */
  | { readonly phase: 'refused' | 'failed'; readonly message: string }
  | { readonly phase: 'violated'; readonly message: string; readonly field: string };

export type ConnectionEvent =
  | { readonly event: 'retry' }
  | { readonly event: 'config' }
  | { readonly event: 'eof'; readonly binCount: number }
  | { readonly event: 'error'; readonly message: string }
  | { readonly event: 'violation'; readonly message: string; readonly field: string }
  /** The source gave up for good, and says why. */
  | { readonly event: 'failed'; readonly message: string }
  | { readonly event: 'closed'; readonly code: number };

export const unconnected: ConnectionState = { phase: 'connecting', attempt: 0, said: null };

const firstDelayMs = 250;
const longestDelayMs = 8000;
/** Close code of a request that the server will never serve (RFC 6455 §7.4.1: policy violation). */
const policyViolation = 1008;

/** Milliseconds to wait before attempt `attempt` (from 1): doubling, with up to a quarter less by `jitter` in [0, 1). */
export function retryDelayMs(attempt: number, jitter: number): number {
  return Math.round(Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs) * (1 - jitter / 4));
}

/**
 * The state after an event. A connection that breaks is tried again, ever more slowly; one that the server refused, that
 * broke its contract, or that came to its end, is not.
 */
export function connectionStep(state: ConnectionState, event: ConnectionEvent, jitter: number): ConnectionState {
  if (event.event === 'retry') {
    return { phase: 'connecting', attempt: state.phase === 'waiting' ? state.attempt : 0, said: null };
  }
  if (state.phase !== 'connecting' && state.phase !== 'streaming') return state;
  switch (event.event) {
    case 'config':
      return { phase: 'streaming', said: null };
    case 'eof':
      return { phase: 'ended', binCount: event.binCount };
    case 'error':
      return { ...state, said: event.message };
    case 'violation':
      return { phase: 'violated', message: event.message, field: event.field };
    case 'failed':
      return { phase: 'failed', message: event.message };
    case 'closed':
      return afterClose(state, event.code, jitter);
  }
}

type Open = Extract<ConnectionState, { phase: 'connecting' | 'streaming' }>;

function afterClose(state: Open, code: number, jitter: number): ConnectionState {
  if (code === policyViolation) {
    const message = state.said ?? 'The server refused the stream and did not say why (close code 1008).';
    return { phase: 'refused', message };
  }
  const attempt = (state.phase === 'connecting' ? state.attempt : 0) + 1;
  const why =
    state.phase === 'connecting'
      ? 'The server cannot be reached.'
      : `The server closed the stream (close code ${code}).`;
  return { phase: 'waiting', attempt, delayMs: retryDelayMs(attempt, jitter), reason: state.said ?? why };
}
