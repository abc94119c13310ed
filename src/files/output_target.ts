import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SpymasterError } from '../errors.ts';
import { writeError } from './write_error.ts';

export interface TargetOptions {
  /** `--force`: a symbolic link is followed, and a block device overwritten; otherwise both are refused. */
  readonly force?: boolean;
  /** Ends the wait for a FIFO's reader. */
  readonly signal?: AbortSignal;
}

/** How an output path is written: `file` by a rename over a plain file or nothing, `stream` through a device or FIFO. */
export interface OutputTarget {
  readonly kind: 'file' | 'stream';
  readonly path: string;
}

/**
 * What is at an output path, and so how it is to be written. A device or FIFO, also one that a link such as `/dev/stdout`
 * leads to, is never replaced but written through. Throws FILE_EXISTS for a symbolic link or a block device without
 * `force`, LAKE_NOT_WRITABLE for a folder or a socket.
 */
export function outputTarget(path: string, { force = false }: TargetOptions = {}): OutputTarget {
  const there = statusOf(path, lstatSync);
  if (there === null) return { kind: 'file', path };
  const final = there.isSymbolicLink() ? statusOf(path, statSync) : there;
  if (final?.isCharacterDevice() || final?.isFIFO()) return { kind: 'stream', path };
  if (final?.isSocket()) throw writeError(path, new Error('it is a socket'));
  if (there.isSymbolicLink()) {
    const end = endOfLink(path);
    if (force) return outputTarget(end, { force });
    throw refused(
      path,
      `it is a symbolic link to ${end}`,
      'name that file itself, or give --force, where the command has it, to follow the link',
      end,
    );
  }
  if (there.isDirectory()) throw writeError(path, Object.assign(new Error(), { code: 'EISDIR' }));
  if (!there.isBlockDevice()) return { kind: 'file', path };
  if (force) return { kind: 'stream', path };
  throw refused(
    path,
    'it is a block device',
    'choose another name, or give --force, where the command has it, to write over what the device holds',
  );
}

/** Throws FILE_EXISTS when the output may not go to `path`: a plain file is there already, without `force`. */
export function refuseExisting(path: string, options: TargetOptions): void {
  const target = outputTarget(path, options);
  if (options.force || target.kind === 'stream' || statusOf(target.path, lstatSync) === null) return;
  throw refused(path, 'it is there already', 'choose another name, or give --force');
}

/** Throws FILE_EXISTS or LAKE_NOT_WRITABLE when what is at `path` is no plain file that a rename may replace. */
export function refuseNoFile(path: string): void {
  if (outputTarget(path).kind === 'stream') throw refused(path, 'it is a device or a FIFO', 'move it away');
}

/** Throws FILE_EXISTS when a folder cannot be made at `path` because a link, a file or a device is there. */
export function refuseNoFolder(path: string): void {
  const there = statusOf(path, lstatSync);
  if (there === null || there.isDirectory()) return;
  if (!there.isSymbolicLink()) throw refused(path, 'it is there and no folder', 'choose another name, or delete it');
  const end = endOfLink(path);
  throw refused(path, `it is a symbolic link to ${end}`, 'name that folder itself', end);
}

/** Where a link leads, also when nothing is there. */
function endOfLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(dirname(path), readlinkSync(path));
  }
}

function statusOf(path: string, look: (path: string) => Stats): Stats | null {
  try {
    return look(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // What is in the way of the path is told by the attempt to write there.
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw writeError(path, cause);
  }
}

function refused(path: string, why: string, remedy: string, target?: string): SpymasterError {
  return new SpymasterError('FILE_EXISTS', `Cannot write ${path}: ${why}; ${remedy}.`, {
    path,
    ...(target === undefined ? {} : { target }),
  });
}
