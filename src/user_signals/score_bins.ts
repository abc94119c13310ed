import { SpymasterError } from '../errors.ts';
import type { SignalParameters } from '../signals/index.ts';
import { defaultsOf } from './check/check_parameters.ts';
import type { CheckData } from './check/check_signal.ts';
import { CheckThread, type CheckThreadOptions } from './check/check_thread.ts';
import type { DescribedSignal } from './describe_signals.ts';

/** Scores of bins. */
export interface ScoredBins {
  /** 0 where there is none. */
  readonly scores: Float64Array;
  /** Bins before the first score; null without any. */
  readonly warmUpBins: number | null;
  /** What it draws beside its score: a value a bin each, NaN where there is none. */
  readonly series: readonly Float64Array[];
}

/**
 * The scores that a user's signal gives the bins of `data`, in a fresh worker, where clock, randomness, timers and network throw.
 * @throws SIGNAL_FAILED with file, line and bin; of a bin that takes longer than `stallMs`, with that bin; what `signal` aborts with
 */
export async function scoreBins(
  { description, source }: DescribedSignal,
  { columns, context, binCount }: CheckData,
  options: CheckThreadOptions & { readonly parameters?: SignalParameters },
): Promise<ScoredBins> {
  const { parameters = defaultsOf(description) } = options;
  const task = { source, context, columns, firstBin: 0, endBin: binCount, instances: [parameters] };
  const pass = await new CheckThread({ ...task, saveAt: null, state: null, measures: false }, options).run();
  if (pass instanceof SpymasterError) throw pass;
  const [output = new Float64Array()] = pass.outputs;
  const scores = new Float64Array(binCount);
  let warmUpBins: number | null = null;
  for (let bin = 0; bin < binCount; bin++) {
    scores[bin] = output[2 * bin] ?? 0;
    if (warmUpBins === null && output[2 * bin + 1] === 1) warmUpBins = bin;
  }
  const width = description.series?.length ?? 0;
  const series = Array.from({ length: width }, (_, at) =>
    Float64Array.from({ length: binCount }, (_bin, bin) => pass.series[bin * width + at] ?? Number.NaN),
  );
  return { scores, warmUpBins, series };
}
