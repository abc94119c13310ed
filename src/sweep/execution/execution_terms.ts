import type { ExecutionClock, StopTrigger } from '../../execution/index.ts';

/** Said wherever a result of execution is shown. */
export const executionAssumptions = [
  'no impact: real orders do not see these, and the size is small against the book',
  'latency is constant',
  'hidden and implied liquidity is unknown',
  'fills by met assume that the other side would have traded with us',
] as const;

/** How a run's firings are sent to the market. */
export interface ExecutionTerms {
  readonly entry: 'market' | 'join';
  /** Of a join: ticks behind the best price of its side, negative for inside. */
  readonly ticksBehind: number;
  readonly entryLatencyUs: number;
  readonly exitLatencyUs: number;
  readonly size: number;
  /** After which an entry's rest is cancelled; the cancel takes the exit latency. */
  readonly maxWaitMs: number;
  /** Whether orders of the other side that meet ours fill them. */
  readonly met: boolean;
}

/** How firings are sent to the real book; trades and their results depend on all of it. */
export interface ExecutionSettings extends Omit<ExecutionTerms, 'met'> {
  readonly trigger: StopTrigger;
  readonly clock: ExecutionClock;
  /** Whether a market that does not execute first in, first out is taken as if it did. */
  readonly notFifo: boolean;
}

/** Latencies of the curve, in microseconds. */
export const curveLatenciesUs = [0, 100, 1000, 10_000, 100_000] as const;

/** The variants of the curve: both kinds of entry at every latency, with and without met. */
export function curveTerms(base: ExecutionTerms): ExecutionTerms[] {
  return (['market', 'join'] as const).flatMap((entry) =>
    curveLatenciesUs.flatMap((us) =>
      [true, false].map((met) => ({ ...base, entry, entryLatencyUs: us, exitLatencyUs: us, met })),
    ),
  );
}
