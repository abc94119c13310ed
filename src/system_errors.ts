import { SpymasterError } from './errors.ts';

/** Each failure by the system's code: what it is, and what to do when it met a write. */
export const systemFailures: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOSPC: ['the disk is full', 'make room and run it again, nothing half-written is left'],
  EDQUOT: ['your disk quota is used up', 'make room and run it again'],
  EFBIG: ['the file would be larger than the file system or `ulimit -f` allows', 'raise the limit, or write elsewhere'],
  EIO: ['the disk reported an I/O error', 'look at the system log and check the disk before you run it again'],
  EMFILE: ['this process has too many open files', 'raise `ulimit -n` and run it again'],
  ENFILE: ['the system has too many open files', 'close other programs, or raise fs.file-max'],
  ENOMEM: ['memory ran out', 'close other programs and run it again'],
  EAGAIN: ['the system could start no further thread or process', 'raise `ulimit -u` and run it again'],
  EROFS: ['its file system is mounted read-only', 'mount it for writing, or give another folder'],
  EACCES: ['permission is denied', 'check the permissions, or give another folder'],
  EPERM: ['the operation is not permitted', 'check the permissions and attributes, or give another folder'],
  ENOENT: ['its folder is gone, or cannot be made there', 'give another folder, or run it again'],
  ENOTDIR: ['a part of its path is a file, not a folder', 'give another path'],
  EISDIR: ['it is a folder', 'give the name of a file'],
  ENOTEMPTY: ['the folder exists and holds something', 'give another name, or delete it'],
  EEXIST: ['it exists', 'give another name, or delete it'],
  ENAMETOOLONG: ['the name is too long for its file system', 'give a shorter name'],
  ELOOP: ['its symbolic links lead in a circle', 'give another path'],
  EXDEV: ['the file under construction lies on another file system', 'give a folder that is on one file system'],
  EBUSY: ['it is in use', 'close what uses it and run it again'],
  ETXTBSY: ['it is a program that runs', 'give another name'],
  EPIPE: ['its reader closed it', 'keep the reader open until all is written'],
  ENXIO: ['the device is not there', 'give another path'],
  ENODEV: ['the device cannot be written', 'give another path'],
  ESTALE: ['the network file system lost it', 'mount it again, and run it again'],
  ETIMEDOUT: ['the network file system did not answer', 'check the network, and run it again'],
  EHOSTDOWN: ['the network file system did not answer', 'check the network, and run it again'],
  ENOLCK: ['its file system keeps no file locks', 'mount it with locks (NFS: without `nolock`), or use another one'],
  EINVAL: ['its file system refuses the operation', 'use another file system'],
  EBADMSG: ['the disk returned damaged data', 'check the disk before you run it again'],
};

/** SQLite's primary result codes that are failures of the system. */
const sqliteCodes: Readonly<Record<number, string>> = {
  ...{ 3: 'EACCES', 5: 'EBUSY', 6: 'EBUSY', 7: 'ENOMEM', 10: 'EIO', 13: 'ENOSPC' },
};
/** SQLITE_IOERR_UNLOCK, _RDLOCK, _CHECKRESERVEDLOCK and _LOCK: the file system refused a lock. */
const sqliteLockCodes: readonly number[] = [2058, 2314, 3594, 3850];

/** What libraries say in words where they give no code. */
const words: readonly (readonly [RegExp, string])[] = [
  [/no space left|disk is full|out of disk/i, 'ENOSPC'],
  [/quota/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
  [/input\/output error/i, 'EIO'],
  [/too many open files/i, 'EMFILE'],
  [/read-only file system/i, 'EROFS'],
  [/permission denied/i, 'EACCES'],
  [/operation not permitted/i, 'EPERM'],
  [/no such file or directory|no files found/i, 'ENOENT'],
  [/not a directory/i, 'ENOTDIR'],
  [/is a directory/i, 'EISDIR'],
  [/cannot allocate memory|out of memory/i, 'ENOMEM'],
  [/stale file handle/i, 'ESTALE'],
];

/** The system's code of a failure, from Node, SQLite or a library's words; null when it is no failure of the system. */
export function systemCode(cause: unknown): string | null {
  const { code, errcode, message } = (cause ?? {}) as { code?: unknown; errcode?: unknown; message?: unknown };
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code;
  if (typeof errcode === 'number') {
    return sqliteLockCodes.includes(errcode) ? 'ENOLCK' : (sqliteCodes[errcode & 0xff] ?? null);
  }
  // A worker thread needs a few file descriptors and memory; Node does not say which were lacking.
  if (code === 'ERR_WORKER_OUT_OF_MEMORY' || message === 'Array buffer allocation failed') return 'ENOMEM';
  if (code === 'ERR_WORKER_INIT_FAILED') return /ENOMEM/.test(String(message)) ? 'ENOMEM' : 'EMFILE';
  const found = words.find(([pattern]) => pattern.test(String(message ?? cause)));
  if (found !== undefined) return found[1];
  return (
    String(message ?? '')
      .match(/\bE[A-Z]{2,}\b/g)
      ?.find((name) => name in systemFailures) ?? null
  );
}

/**
 * The error SYSTEM_FAILED of a failure of the system that nothing nearer to it has put into words; null when it is none.
 * What only reads like one stays a defect.
 */
export function systemError(cause: unknown): SpymasterError | null {
  const { code, errcode, path } = (cause ?? {}) as { code?: unknown; errcode?: unknown; path?: unknown };
  const isOfSystem =
    (typeof code === 'string' && (/^E[A-Z0-9]+$/.test(code) || code.startsWith('ERR_WORKER_'))) ||
    typeof errcode === 'number' ||
    (cause instanceof RangeError && cause.message === 'Array buffer allocation failed');
  const found = isOfSystem ? systemCode(cause) : null;
  if (found === null) return null;
  const [what, remedy] = systemFailures[found] ?? [String((cause as Error).message), 'check the system'];
  const about = typeof path === 'string' ? ` with ${path}` : '';
  return new SpymasterError(
    'SYSTEM_FAILED',
    `Cannot go on${about}: ${what} (${found}); ${remedy}.`,
    { errno: found, ...(typeof path === 'string' && { path }) },
    cause,
  );
}
