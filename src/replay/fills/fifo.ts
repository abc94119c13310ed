import { SpymasterError } from '../../errors.ts';
import { leastFrontShare } from '../../execution/index.ts';
import type { FollowedQueues } from './queue_file.ts';

/** What Databento's definitions call first in, first out. */
const fifo = 'F';
/** @throws NOT_FIFO where a market does not execute first in, first out */
export function assertFifo(
  path: string,
  { frontShare, matchAlgorithm }: Pick<FollowedQueues, 'frontShare' | 'matchAlgorithm'>,
): void {
  const isMeasured = frontShare === null || frontShare >= leastFrontShare;
  if (isMeasured && (matchAlgorithm === null || matchAlgorithm === fifo)) return;
  const why = isMeasured
    ? `the file's definitions say match_algorithm ${matchAlgorithm}, not ${fifo}`
    : `${((frontShare ?? 0) * 100).toFixed(2)} % of its executions are at the front of their queue, fewer than ${leastFrontShare * 100} %`;
  throw new SpymasterError(
    'NOT_FIFO',
    `Cannot say which orders would be filled in ${path}: its market does not execute first in, first out (${why}). ` +
      '--not-fifo takes it as if it did, and marks every fill with that share.',
    {
      path,
      ...(frontShare !== null && { front_share: frontShare }),
      ...(matchAlgorithm !== null && { match_algorithm: matchAlgorithm }),
    },
  );
}
