/** A file that is open for writing. */
export interface OpenFile {
  readonly file: unknown;
}

/** A lock file that is open, locked or not. */
export interface OpenLock {
  readonly lock: unknown;
}

export interface FileStatus {
  /** Tells a file from every other that had or will have its name. */
  readonly identity: string;
  readonly bytes: number;
  readonly isFolder: boolean;
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * All that the protocols of this room ask of the operating system. Each call fails as the system's does: an error whose
 * `code` is ENOENT, EEXIST, ENOSPC, …
 */
export interface SystemCalls {
  /** Makes a folder in one that exists. */
  makeFolder(path: string): void;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): void;
  /** The entries of a folder, in any order. */
  readFolder(path: string): readonly FolderEntry[];
  /** Removes a folder that is empty. */
  removeFolder(path: string): void;
  /** Opens a file that must not exist (`new`), or one that must (`old`), for writing. */
  open(path: string, what: 'new' | 'old'): OpenFile;
  /** Appends all of these bytes. */
  write(file: OpenFile, bytes: Uint8Array): void;
  /** Makes the bytes of a file durable. */
  sync(file: OpenFile): void;
  statusOf(file: OpenFile): FileStatus;
  close(file: OpenFile): void;
  /** The status of what has this name, symbolic links not followed; null when there is nothing. */
  status(path: string): FileStatus | null;
  /** The content of a file. */
  readFile(path: string): Uint8Array;
  /** SHA-256 of a file's content, as hex. */
  sha256(path: string): string;
  /** Takes from everyone the permission to write a file. */
  makeReadOnly(path: string): void;
  removeFile(path: string): void;
  /** Gives a file or folder another name in the same file system, in place of a file or an empty folder of that name. */
  rename(from: string, to: string): void;
  /** Opens a lock file that exists. */
  openLock(path: string): OpenLock;
  /** Takes the lock that the kernel keeps for this file until the process ends; false when another holds it. */
  tryLock(lock: OpenLock): boolean;
  /** Closes a lock file and gives up its lock. */
  closeLock(lock: OpenLock): void;
  /** Twelve hexadecimal digits that nobody else draws. */
  drawId(): string;
  /** Rests; an aborted signal ends that with its reason. */
  pause(ms: number, signal: AbortSignal | undefined): void;
}

export type CallName = keyof SystemCalls;

/** A call that a protocol is about to make. */
export interface SystemCall {
  readonly name: CallName;
  readonly args: readonly unknown[];
}

/**
 * A protocol as a computation that does no I/O itself: it yields each call and is given the result, or the error. Who runs
 * it decides how the calls are made (`runSteps`, `runStepsSync`, or the simulation in `test/simulation`), and what happens in
 * between.
 */
export type Steps<T> = Generator<SystemCall, T, unknown>;

/** Makes a call, as a step of a protocol. */
export function* call<Name extends CallName>(
  name: Name,
  ...args: Parameters<SystemCalls[Name]>
): Steps<ReturnType<SystemCalls[Name]>> {
  return (yield { name, args }) as ReturnType<SystemCalls[Name]>;
}
