import { SpymasterError } from '../../errors.ts';
import { leastFrontShare } from '../../execution/index.ts';
import type { FollowedQueues } from './queue_file.ts';

/** What Databento's definitions call first in, first out. */
const fifo = 'F';
type Measured = Pick<FollowedQueues, 'frontShare' | 'matchAlgorithm'>;

/** Whether a market executes first in, first out: as its executions show, and as its definitions say. */
export function isFifo({ frontShare, matchAlgorithm }: Measured): boolean {
  return isInTurn(frontShare) && (matchAlgorithm === null || matchAlgorithm === fifo);
}

const isInTurn = (frontShare: number | null) => frontShare === null || frontShare >= leastFrontShare;

/** @throws NOT_FIFO where a market does not execute first in, first out */
export function assertFifo(path: string, measured: Measured): void {
  if (isFifo(measured)) return;
  const { frontShare, matchAlgorithm } = measured;
  const isMeasured = isInTurn(frontShare);
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
