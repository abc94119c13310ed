import { type FailedUnit, findDataset, finishedSharesOf, type Lake, PlanFiles, type ShareLog } from '../lake/index.ts';
import type { FleetPlan } from './fleet_plan.ts';

/** What one worker did of a plan. */
export interface WorkerProgress {
  readonly worker: string;
  readonly codeVersion: string;
  readonly platform: string;
  readonly shares: number;
  readonly cells: number;
  /** ISO 8601 in UTC, by the worker's clock. */
  readonly lastUtc: string;
}

/** How far a plan is, by what the lake holds. */
export interface PlanProgress {
  readonly hash: string;
  readonly experimentName: string;
  readonly sweepId: string;
  readonly shares: number;
  readonly finishedShares: number;
  readonly units: number;
  readonly datasets: number;
  readonly madeDatasets: number;
  /** Cells that have no result, and why. */
  readonly failures: readonly FailedUnit[];
  /** Why its workers were asked to leave it; null where they were not. */
  readonly stopReason: string | null;
  readonly workers: readonly WorkerProgress[];
  /** Shares a second over the last minutes that anyone worked; null before there are two. */
  readonly sharesPerS: number | null;
  /** At that rate; null without one. */
  readonly leftS: number | null;
  /** When the last share ended; null before the first. */
  readonly lastUtc: string | null;
}

/** Stretch before the last share over which the rate is taken. */
const rateMs = 600_000;

/** Ids of the shares of which nothing is missing, but for those that are asked for again. */
export async function finishedShares(lake: Lake, planHash: string): Promise<ReadonlySet<string>> {
  const finished = await finishedSharesOf(lake);
  return finished.difference(await new PlanFiles(lake, planHash).sharesAgain());
}

/** Reads how far a plan is. */
export async function planProgress(lake: Lake, plan: FleetPlan): Promise<PlanProgress> {
  const files = new PlanFiles(lake, plan.hash);
  const finished = await finishedShares(lake, plan.hash);
  const logs = await files.logs();
  let done = 0;
  for (const { id } of plan.shares()) done += finished.has(id) ? 1 : 0;
  let made = 0;
  for (const { dataset_id } of plan.content.datasets) made += (await findDataset(lake, dataset_id)) === null ? 0 : 1;
  const sharesPerS = rateOf(logs);
  return {
    ...{ hash: plan.hash, experimentName: plan.content.experiment_name, sweepId: plan.content.sweep_id },
    ...{ shares: plan.shareCount, finishedShares: done, units: plan.unitCount },
    ...{ datasets: plan.content.datasets.length, madeDatasets: made },
    failures: await files.failures(),
    stopReason: await files.stopReason(),
    workers: workersOf(logs),
    sharesPerS,
    leftS: sharesPerS === null ? null : (plan.shareCount - done) / sharesPerS,
    lastUtc: logs.reduce<string | null>(
      (last, log) => (last === null || log.ended_utc > last ? log.ended_utc : last),
      null,
    ),
  };
}

function rateOf(logs: readonly ShareLog[]): number | null {
  const lastMs = Math.max(...logs.map(({ ended_utc }) => Date.parse(ended_utc)));
  const recent = logs.filter(({ ended_utc }) => Date.parse(ended_utc) >= lastMs - rateMs);
  const tookMs = lastMs - Math.min(...recent.map(({ started_utc }) => Date.parse(started_utc)));
  return recent.length < 2 || tookMs <= 0 ? null : recent.length / (tookMs / 1000);
}

function workersOf(logs: readonly ShareLog[]): WorkerProgress[] {
  const workers = new Map<string, WorkerProgress>();
  for (const { worker, code_version, platform, ended_utc, ran } of logs) {
    const before = workers.get(worker);
    workers.set(worker, {
      ...{ worker, codeVersion: code_version, platform },
      shares: (before?.shares ?? 0) + 1,
      cells: (before?.cells ?? 0) + ran,
      lastUtc: before !== undefined && before.lastUtc > ended_utc ? before.lastUtc : ended_utc,
    });
  }
  return [...workers.values()].sort((a, b) => b.shares - a.shares || (a.worker < b.worker ? -1 : 1));
}
