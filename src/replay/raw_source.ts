import { basename } from 'node:path';
import type { CaptureWindow } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { sha256File } from '../files/index.ts';
import { formatNewYork } from '../format.ts';
import { fileIdentity, stampOf } from '../lake/index.ts';

/** Name, size and hash of the source, and a check that it stayed as it was: one that grows, only behind what it had. */
export async function describeSource(path: string, isGrowing: boolean) {
  const stamp = await stampOf(path);
  const before = await fileIdentity(path);
  const sizeBytes = isGrowing ? stamp.size_bytes : before.sizeBytes;
  const sha256 = await sha256File(path, isGrowing ? sizeBytes : undefined);
  return {
    stamp,
    description: { file_name: basename(path), size_bytes: sizeBytes, sha256 },
    assertUnchanged: async () => {
      if (isGrowing) return;
      const after = await fileIdentity(path);
      if (JSON.stringify(after) === JSON.stringify(before)) return;
      throw new SpymasterError('FILE_UNREADABLE', `Cannot use ${path}: it changed while it was replayed; try again.`, {
        path,
      });
    },
  };
}

/**
 * The error of a capture that the recording has not reached the end of: the dataset would be another one later. `priorDate`: the
 * date, where the capture is a session before the one of the dataset.
 */
export function unfinished(
  datasetId: string,
  path: string,
  { sessionStartNs, sessionEndNs, endNs }: CaptureWindow,
  lastNs: number | null,
  priorDate?: string,
): SpymasterError {
  const clock = lastNs === null ? 'no event of it' : formatNewYork(sessionStartNs + BigInt(Math.round(lastNs)));
  const [what, otherwise] =
    priorDate === undefined
      ? ['its capture', 'give the capture an earlier end_time']
      : [`the session of ${priorDate}, which its features know,`, 'leave pipeline.prior_day out'];
  return new SpymasterError(
    'DATE_OUTSIDE_FILE',
    `Cannot make the dataset ${datasetId}: ${what} ends at ${formatNewYork(endNs ?? sessionEndNs)}, and the recording ${path} ` +
      `has reached ${clock}; make it when the recording has passed that time, or ${otherwise}.`,
    { dataset: datasetId, path },
  );
}
