import { SpymasterError } from '../errors.ts';
import { systemCode, systemFailures } from '../system_errors.ts';
import { temporaryPattern } from './temporary_names.ts';

/** The error LAKE_NOT_WRITABLE of a failed write of `path`: what the system said, and the remedy that fits. */
export function writeError(path: string, cause: unknown): SpymasterError {
  if (cause instanceof SpymasterError) return cause;
  const finalPath = path.replace(temporaryPattern, '');
  const code = systemCode(cause);
  if (code === 'ENOENT' && finalPath !== path)
    return lostError(path, 'the file or folder under construction was removed', cause);
  const known = code === null ? undefined : systemFailures[code];
  const [what, remedy] = known ?? [firstLine(cause), 'check the disk and the permissions'];
  return new SpymasterError(
    'LAKE_NOT_WRITABLE',
    `Cannot write ${finalPath}: ${what}${code === null ? '' : ` (${code})`}; ${remedy}.`,
    { path: finalPath, errno: code ?? 'unknown' },
    cause,
  );
}

/** Whether a failure is that of a file or folder which is not there. */
export function isMissing(cause: unknown): boolean {
  return cause instanceof SpymasterError ? cause.code === 'FILE_NOT_FOUND' : systemCode(cause) === 'ENOENT';
}

/** The error of a writer whose unfinished work was removed or changed by someone else. */
export function lostError(path: string, what: string, cause?: unknown): SpymasterError {
  const finalPath = path.replace(temporaryPattern, '');
  return new SpymasterError(
    'LAKE_NOT_WRITABLE',
    `Cannot write ${finalPath}: ${what} while it was being written, so nothing was published; run it again, and keep ` +
      'cleaners of temporary files away from there.',
    { path: finalPath, errno: 'ENOENT' },
    cause,
  );
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split('\n')[0] ?? '').replace(/[.:;\s]+$/, '') || 'the system gave no reason';
}
