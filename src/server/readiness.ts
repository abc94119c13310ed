import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { SpymasterError } from '../errors.ts';
import { formatBytes } from '../format.ts';
import type { Lake, ServingRegistry } from '../lake/index.ts';
import type { LiveServing } from './live/live_serving.ts';
import type { ServingPool } from './serving_pool.ts';

/** Less room than this on the lake's disk, and the next dataset or result cannot be written. */
const leastFreeBytes = 256 << 20;
/** An engine thread looks at its messages every few milliseconds. */
const engineAnswerMs = 2000;

/** @throws LAKE_MISSING for a lake that is not there: that is something else than one without results */
export function assertLake(lake: Lake): void {
  if (statSync(lake.root, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new SpymasterError(
    'LAKE_MISSING',
    `The lake ${lake.root} is not there: expected the folder that this server was started with; put it back or mount it, ` +
      'and start the server again.',
    { path: lake.root },
  );
}

export interface ReadinessParts {
  readonly lake: Lake;
  readonly registry: ServingRegistry;
  readonly pool: ServingPool;
  /** What is recorded and streamed live; null where nothing is. */
  readonly live: LiveServing | null;
}

/** Why the server cannot do its work now; empty when it can. */
export async function unreadyReasons({ lake, registry, pool, live }: ReadinessParts): Promise<string[]> {
  try {
    assertLake(lake);
  } catch (error) {
    return [(error as Error).message];
  }
  const reasons: string[] = [];
  try {
    registry.assertInPlace();
    registry.aliases();
  } catch (error) {
    reasons.push((error as Error).message);
  }
  const silent = await pool.silentEngines(engineAnswerMs);
  reasons.push(
    ...silent.map((servingId) => `The engine of ${servingId} has not answered for ${engineAnswerMs / 1000} s.`),
  );
  if (live !== null) reasons.push(...(await live.unreadyReasons(engineAnswerMs)));
  const { bavail, bsize } = await statfs(lake.root);
  const freeBytes = bavail * bsize;
  if (freeBytes < leastFreeBytes) {
    reasons.push(
      `The disk of the lake ${lake.root} has ${formatBytes(freeBytes)} left: expected at least ` +
        `${formatBytes(leastFreeBytes)}; delete what is not needed (\`spymaster cache prune\`), or make room.`,
    );
  }
  return reasons;
}
