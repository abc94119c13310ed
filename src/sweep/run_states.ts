import type { RuntimeConfig } from '../config/index.ts';
import { present } from '../errors.ts';
import {
  defaultSignal,
  type Firings,
  runtimeParameters,
  type SignalColumns,
  type SignalParameters,
  signalContext,
} from '../signals/index.ts';

/** The state5 codes, in the order in which counts by code stand. */
export const stateCodes = [-2, -1, 0, 1, 2] as const;

/** Which state leads the bins of a run, from its warm-up on; counts by `stateCodes`. */
export interface RunStates {
  readonly bins: number;
  readonly all: readonly number[];
  /** In bins where the run fired. */
  readonly long: readonly number[];
  readonly short: readonly number[];
  /** Row: a bin's code; column: the next bin's. */
  readonly transitions: readonly (readonly number[])[];
}

/**
 * The dominant state of every bin as the stream has it (model.md §8): by the derivative signal's intensities, with the
 * run's own parameters when that is its signal, else with those of the runtime. `columns` hold 2·radius + 1 rows a bin.
 */
export function dominantStates(
  signalName: string,
  parameters: SignalParameters,
  runtime: RuntimeConfig,
  columns: Pick<SignalColumns, 'state5_code'>,
  binCount: number,
): Int8Array {
  const context = signalContext(runtime);
  const used = signalName === defaultSignal.name ? parameters : runtimeParameters(defaultSignal, runtime);
  const stage = present(defaultSignal.stages[0]).create(used, context);
  const rows = 2 * context.radius + 1;
  const out = new Float64Array(stage.width);
  const none = new Float64Array(0);
  return Int8Array.from({ length: binCount }, (_, bin) => {
    stage.update(columns as SignalColumns, bin * rows, none, 0, out, 0);
    return present(out[stage.width - 1]);
  });
}

/** Counts the dominant states from bin `warmupBins` on: in all bins, where the run fired, and what follows what. */
export function countStates(dominant: Int8Array, firings: Firings, warmupBins: number): RunStates {
  const zeros = () => stateCodes.map(() => 0);
  const [all, long, short] = [zeros(), zeros(), zeros()];
  const transitions = stateCodes.map(zeros);
  const count = (counts: number[], at: number) => {
    counts[at] = present(counts[at]) + 1;
  };
  const place = (bin: number) => present(dominant[bin]) + 2;
  for (let bin = warmupBins; bin < dominant.length; bin++) {
    count(all, place(bin));
    if (bin + 1 < dominant.length) count(present(transitions[place(bin)]), place(bin + 1));
  }
  firings.bins.forEach((bin, index) => {
    count(firings.sides[index] === 1 ? long : short, place(bin));
  });
  return { bins: Math.max(0, dominant.length - warmupBins), all, long, short, transitions };
}
