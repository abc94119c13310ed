import { existsSync } from 'node:fs';
import { SpymasterError } from '../../errors.ts';
import { conditionPath, type Lake, writeCondition } from '../../lake/index.ts';

import type { DatabentoApi, JobFile } from './api.ts';
import type { Order } from './ledger.ts';
import type { PlannedSession } from './plan.ts';

interface ConditionContext {
  readonly api: DatabentoApi;
  readonly lake: Lake;
  readonly notice: (text: string) => void;
}

/**
 * Keeps the condition of an order's day beside where its file goes: the job's own condition.json, else what the plan was
 * told. A file that cannot be had or read is said and stops nothing: the data are what was paid for.
 */
export async function keepJobCondition(
  { api, lake, notice }: ConditionContext,
  order: Pick<Order, 'date' | 'path' | 'jobId'>,
  files: readonly JobFile[],
  planned: string | null,
): Promise<void> {
  const file = files.find(({ filename }) => filename === 'condition.json');
  if (file === undefined) return keepPlanned(lake, order, planned);
  try {
    await writeCondition(lake.path(...order.path.split('/')), await api.supportFile(file));
  } catch (error) {
    if (!(error instanceof SpymasterError) || error.code === 'LAKE_NOT_WRITABLE') throw error;
    notice(`${order.date}: the condition.json of job ${order.jobId} is not kept: ${error.message}`);
    await keepPlanned(lake, order, planned);
  }
}

/**
 * Keeps the plan's condition of a session's day, unless one is kept already. For a file that is in the lake before,
 * only a fault: the vendor may have mended the day since that file was made.
 */
export async function keepCondition(lake: Lake, session: PlannedSession): Promise<void> {
  if (session.state === 'present' && session.condition === 'available') return;
  if (existsSync(conditionPath(lake.path(...session.path.split('/'))))) return;
  await keepPlanned(lake, session, session.condition);
}

async function keepPlanned(
  lake: Lake,
  { date, path }: Pick<Order, 'date' | 'path'>,
  condition: string | null,
): Promise<void> {
  if (condition === null) return;
  await writeCondition(lake.path(...path.split('/')), `${JSON.stringify([{ date, condition }])}\n`);
}
