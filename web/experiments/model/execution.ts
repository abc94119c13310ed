import type { RunExecution } from '../../../src/wire/index.ts';

type Execution = NonNullable<RunExecution['execution']>;
export type ExecutionPoint = Execution['curve'][number];

/** A curve of net PnL over latency. */
export interface ExecutionCurve {
  readonly label: string;
  readonly entry: ExecutionPoint['entry'];
  readonly met: boolean;
  /** In the order of the latencies; null where nothing was followed. */
  readonly points: readonly (ExecutionPoint | null)[];
}

/** Latencies of the curves in microseconds, lowest first. */
export function latenciesOf({ curve }: Execution): number[] {
  return [...new Set(curve.map((point) => point.entry_latency_us))].sort((a, b) => a - b);
}

/** A curve for each kind of entry, with and without met. */
export function curvesOf(execution: Execution): ExecutionCurve[] {
  const latencies = latenciesOf(execution);
  return (['market', 'join'] as const).flatMap((entry) =>
    [true, false].map((met): ExecutionCurve => {
      const own = execution.curve.filter((point) => point.entry === entry && point.met === met);
      const points = latencies.map((us) => own.find((point) => point.entry_latency_us === us) ?? null);
      return { label: met ? entry : `${entry}, without met`, entry, met, points };
    }),
  );
}
