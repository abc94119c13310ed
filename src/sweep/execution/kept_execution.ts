import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { buildFile, makeFolder, writeFileAtomic } from '../../files/index.ts';
import type { Lake } from '../../lake/index.ts';
import type { ExecutedRun } from './execute_run.ts';
import type { ExecutedJson } from './executed_json.ts';
import { writeOrdersParquet } from './order_rows.ts';

/** Keeps what was found of a run in the lake, in place of what was found before. Throws LAKE_NOT_WRITABLE. */
export async function keepExecution(lake: Lake, json: ExecutedJson, { orders }: ExecutedRun): Promise<void> {
  const paths = lake.executed(json.run_id);
  await makeFolder(dirname(paths.json));
  await buildFile(paths.orders, { force: true }, (temporary) => writeOrdersParquet(temporary, orders));
  await writeFileAtomic(paths.json, `${JSON.stringify(json)}\n`);
}

/** What `execute` found of a run last; null for a run that was not executed. */
export async function readExecution(lake: Lake, runId: string): Promise<ExecutedJson | null> {
  try {
    return JSON.parse(await readFile(lake.executed(runId).json, 'utf8')) as ExecutedJson;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** What tells results of `execute` of a run apart, by when they were kept; empty for a run that was not executed. */
export async function executionStamp(lake: Lake, runId: string): Promise<string> {
  const found = await stat(lake.executed(runId).json, { bigint: true }).catch(() => null);
  return found === null ? '' : String(found.mtimeNs);
}
