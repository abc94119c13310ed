import type { RuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { DatasetSource } from '../lake/index.ts';
import { openSession } from './session.ts';

/** The columns of the flow score, 2·radius + 1 rows a bin, in shared memory. */
export interface FlowColumns {
  readonly flow_score: Float64Array;
  readonly flow_state_code: Int8Array;
}

/**
 * The flow score of every bin and row of a dataset under another flow scoring.
 *
 * A tick's score weighs its own history, the bins outside the window around spot included, and a dataset holds the window
 * alone: no computation on the dataset gives the score that streams. So the dataset's raw file is replayed through the
 * engine that streams, once per scoring; equality to the bit needs no argument then.
 *
 * @throws DATASET_INVALID when the replay gives other bins than the dataset has: the file is not the one it was made from
 */
export async function flowColumns(
  source: DatasetSource,
  runtime: RuntimeConfig,
  binCount: number,
  firstBinSeq: number,
): Promise<FlowColumns> {
  const rows = 2 * runtime.grid_radius_ticks + 1;
  const scores = new Float64Array(new SharedArrayBuffer(binCount * rows * 8));
  const codes = new Int8Array(new SharedArrayBuffer(binCount * rows));
  const { path, date, capture } = source;
  await using session = await openSession({ path, runtime, date, capture });
  const { bins } = await session.run({
    onBin: (bin, frame) => {
      const at = (bin.seq - firstBinSeq) * rows;
      if (at < 0 || at >= scores.length) return undefined;
      scores.set(frame.columns.flow_score, at);
      codes.set(frame.columns.flow_state_code, at);
      return undefined;
    },
  });
  if (bins !== binCount) {
    throw new SpymasterError(
      'DATASET_INVALID',
      `Cannot score the dataset's flow from ${path}: expected ${binCount} bins, the file gives ${bins}; ` +
        'put the file back that the dataset was made from, or generate it anew.',
      { path, expected: binCount, actual: bins },
    );
  }
  return { flow_score: scores, flow_state_code: codes };
}
