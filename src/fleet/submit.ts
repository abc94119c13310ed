import { findDataset, type Lake, PlanFiles } from '../lake/index.ts';
import type { FleetPlan } from './fleet_plan.ts';
import { datasetJob, type JobQueue, type NewJob, shareJob } from './job_queue.ts';
import { finishedShares } from './progress.ts';

export interface Submitted {
  /** Jobs that were added, or that had failed and are tried anew. */
  readonly added: number;
  /** Shares that are done. */
  readonly finished: number;
  /** Datasets that are to be made first; each adds its shares when it is there. */
  readonly datasetsToMake: number;
}

/** Queues all of a plan that is missing: shares whose dataset is there, and the making of the others'. Takes back a request to stop. */
export async function submitPlan(lake: Lake, plan: FleetPlan, queue: JobQueue, priority: number): Promise<Submitted> {
  await new PlanFiles(lake, plan.hash).goOn();
  const { jobs, finished, datasetsToMake } = await missingJobs(lake, plan);
  return { added: await queue.add(jobs, priority), finished, datasetsToMake };
}

/** The jobs of all that is missing of a plan, or of one of its datasets. */
export async function missingJobs(lake: Lake, plan: FleetPlan, only?: string) {
  const done = await finishedShares(lake, plan.hash);
  const jobs: NewJob[] = [];
  let finished = 0;
  let datasetsToMake = 0;
  for (const { dataset_id } of plan.content.datasets) {
    if (only !== undefined && dataset_id !== only) continue;
    const open = [...plan.sharesOf(dataset_id)].filter(({ id }) => !done.has(id));
    finished += plan.ranges.length - open.length;
    if (open.length === 0) continue;
    if ((await findDataset(lake, dataset_id)) !== null) {
      for (const share of open) jobs.push(shareJob(plan.hash, share));
    } else {
      datasetsToMake++;
      jobs.push(datasetJob(plan.hash, dataset_id));
    }
  }
  return { jobs, finished, datasetsToMake };
}
