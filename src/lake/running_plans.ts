import { z } from 'zod';
import type { RunningSweep } from '../wire/index.ts';
import type { Lake } from './lake.ts';
import { listPlans, PlanFiles } from './plan_files.ts';

/** A plan at which nothing was begun or ended for so long is not shown as one that runs. */
const quietMs = 120_000;

const summarySchema = z.object({
  content: z.object({
    experiment_name: z.string(),
    sweep_id: z.string(),
    requests: z.array(z.object({ signalName: z.string() })),
    datasets: z.array(z.object({ dataset_id: z.string() })),
  }),
  cut: z.object({ shares: z.int().min(1), units: z.int() }),
});

/** A plan that several processes work at, by the files that they leave. */
export interface RunningPlan {
  readonly hash: string;
  readonly experimentName: string;
  readonly shares: number;
  /** Shares that were run, by the log beside the results. */
  readonly doneShares: number;
  /** The plan as a sweep that runs, its cells counted by its shares. */
  readonly sweep: RunningSweep;
}

/** The plans at which something was begun or ended within the last minutes, and that are not done. */
export async function runningPlans(lake: Lake, nowMs: number): Promise<RunningPlan[]> {
  const plans = await Promise.all((await listPlans(lake)).map((hash) => runningPlan(lake, hash, nowMs)));
  return plans.filter((plan) => plan !== null);
}

async function runningPlan(lake: Lake, hash: string, nowMs: number): Promise<RunningPlan | null> {
  const files = new PlanFiles(lake, hash);
  const { changedMs, doneShares } = await files.glance();
  if (nowMs - changedMs > quietMs) return null;
  const summary = summarySchema.safeParse(jsonOf(await files.readPlan().catch(() => null)));
  if (!summary.success) return null;
  const { content, cut } = summary.data;
  if (doneShares >= cut.shares) return null;
  const startedUtc = new Date(await files.storedMs()).toISOString();
  const isStopped = (await files.stopReason()) !== null;
  return {
    ...{ hash, experimentName: content.experiment_name, shares: cut.shares, doneShares },
    sweep: {
      ...{ sweep_id: content.sweep_id, experiment_name: content.experiment_name },
      dataset_id: content.datasets[0]?.dataset_id ?? '',
      signal_name: content.requests.map(({ signalName }) => signalName).join(', '),
      ...{ phase: 'cells', total: cut.units, done: Math.floor((cut.units * doneShares) / cut.shares), skipped: 0 },
      ...{ started_utc: startedUtc, phase_started_utc: startedUtc, updated_utc: new Date(changedMs).toISOString() },
      ...{ instance: hash, host: null, pid: null, is_cancellable: true },
      ...{ state: isStopped ? 'cancelling' : 'running', is_stalled: false },
    },
  };
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
