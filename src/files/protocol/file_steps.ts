import { dirname } from 'node:path';
import { lostError, writeError } from '../write_error.ts';
import { makeFolder } from './folder_steps.ts';
import { call, type OpenFile, type Steps } from './system_calls.ts';
import { type Owners, type TemporaryName, takeTemporary } from './temporary_steps.ts';

/** A file that is whole and durable. */
export interface WrittenFile {
  readonly fileBytes: number;
  /** SHA-256 as hex. */
  readonly sha256: string;
}

/** A file under construction: invisible before `commit`, and gone after `abort`. */
export class PendingFileSteps {
  bytesWritten = 0;
  readonly #path: string;
  readonly #temporary: TemporaryName;
  #file: OpenFile | null;
  #isOver = false;

  private constructor(path: string, temporary: TemporaryName, file: OpenFile) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** Starts a file that gets its name `path` only when it is whole; its folder is made when it is missing. */
  static *create(path: string, owners: Owners): Steps<PendingFileSteps> {
    try {
      yield* makeFolder(dirname(path));
    } catch (cause) {
      throw writeError(path, cause);
    }
    const temporary = yield* takeTemporary(path, owners);
    try {
      return new PendingFileSteps(path, temporary, yield* call('open', temporary.path, 'new'));
    } catch (cause) {
      yield* temporary.release();
      throw writeError(path, cause);
    }
  }

  get temporaryPath(): string {
    return this.#temporary.path;
  }

  /** Appends bytes. Throws LAKE_NOT_WRITABLE. */
  *write(bytes: Uint8Array): Steps<void> {
    try {
      yield* call('write', this.#opened(), bytes);
      this.bytesWritten += bytes.length;
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  /** Makes the file durable and gives it its name. Throws LAKE_NOT_WRITABLE. */
  *commit(): Steps<void> {
    const file = this.#opened();
    try {
      yield* call('sync', file);
      yield* this.#assertOwn(file);
      this.#file = null;
      yield* call('close', file);
      yield* call('rename', this.#temporary.path, this.#path);
      this.#isOver = true;
      yield* call('syncFolder', dirname(this.#path));
    } catch (cause) {
      yield* this.abort();
      throw writeError(this.#path, cause);
    } finally {
      yield* this.#temporary.release();
    }
  }

  /** Removes what was written; does nothing after `commit`. */
  *abort(): Steps<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const file = this.#file;
    this.#file = null;
    try {
      if (file !== null) yield* call('close', file);
    } finally {
      yield* this.#temporary.discard();
    }
  }

  #opened(): OpenFile {
    if (this.#file === null) throw new Error(`${this.#path} is already committed or aborted`);
    return this.#file;
  }

  /** Throws when the temporary name no longer stands for the file that was written, all of it. */
  *#assertOwn(file: OpenFile): Steps<void> {
    const own = yield* call('statusOf', file);
    const named = yield* call('status', this.#temporary.path);
    const lost = (what: string) => lostError(this.#path, `the file under construction was ${what}`);
    if (named === null) throw lost('removed');
    if (named.identity !== own.identity) throw lost('replaced');
    if (own.bytes !== this.bytesWritten) throw lost(`changed (${own.bytes} bytes, not ${this.bytesWritten})`);
  }
}

/** Writes a whole plain file or none, in place of an existing one. Throws LAKE_NOT_WRITABLE. */
export function* writeFile(path: string, bytes: Uint8Array, owners: Owners): Steps<void> {
  const file = yield* PendingFileSteps.create(path, owners);
  try {
    yield* file.write(bytes);
    yield* file.commit();
  } catch (cause) {
    yield* file.abort();
    throw cause;
  }
}

/** A durable file under a temporary name, and the name that it is to get. */
export interface FinishedFile {
  readonly temporaryPath: string;
  readonly path: string;
  readonly written: WrittenFile;
}

/** Throws when a file is not as it was written. */
export function* assertAsWritten({ temporaryPath, path, written }: FinishedFile): Steps<void> {
  const there = yield* call('status', temporaryPath);
  if (there === null) throw lostError(path, 'the file under construction was removed');
  if (there.bytes !== written.fileBytes || (yield* call('sha256', temporaryPath)) !== written.sha256) {
    throw lostError(path, 'the file under construction was changed');
  }
}

/** Gives a finished file its name. Throws LAKE_NOT_WRITABLE. */
export function* placeFile(temporaryPath: string, path: string): Steps<void> {
  try {
    yield* call('rename', temporaryPath, path);
    yield* call('syncFolder', dirname(path));
  } catch (cause) {
    throw writeError(path, cause);
  }
}
