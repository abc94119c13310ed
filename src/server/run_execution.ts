import { resolve } from 'node:path';
import { shellWord } from '../format.ts';
import type { Lake, ResultsStore } from '../lake/index.ts';
import { readExecution, runDetail } from '../sweep/index.ts';
import type { RunExecution } from '../wire/index.ts';

type Execution = NonNullable<RunExecution['execution']>;

/**
 * What `spymaster execute` found of a run last.
 * @throws RUN_UNKNOWN
 */
export async function runExecution(lake: Lake, store: ResultsStore, runId: string): Promise<RunExecution> {
  const { meta } = await runDetail(store, runId);
  const kept = await readExecution(lake, meta.runId);
  return {
    run_id: meta.runId,
    execute_command: `npx spymaster execute --run-id ${meta.runId}${lakeOption(lake)}`,
    execution: kept && {
      threshold: kept.threshold,
      fee_ticks_per_side: kept.fee_ticks_per_side,
      front_share: kept.front_share,
      not_fifo: kept.not_fifo,
      too_large: kept.results[0]?.too_large ?? 0,
      assumed: [...kept.assumed],
      mid: pointOf(kept.mid, { signals: kept.mid.signals }),
      curve: kept.curve.map((point) => {
        const { entry, entry_latency_us, met, orders, trades, missed } = point;
        return pointOf(point, { entry, entry_latency_us, met, orders, trades, missed });
      }),
    },
  };
}

/** `rest` with the net PnL of a result. */
function pointOf<T extends object>(
  { mean_net_pnl_ticks, mean_net_pnl_ticks_low, mean_net_pnl_ticks_high }: Omit<Execution['mid'], 'signals'>,
  rest: T,
) {
  return { ...rest, mean_net_pnl_ticks, mean_net_pnl_ticks_low, mean_net_pnl_ticks_high };
}

/** The option that names a lake in a command, with a space before it; nothing for the one that a command takes anyway. */
export function lakeOption(lake: Lake): string {
  return lake.root === resolve('lake') ? '' : ` --lake-root ${shellWord(lake.root)}`;
}
