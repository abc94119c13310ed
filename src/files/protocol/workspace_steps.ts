import { dirname, join } from 'node:path';
import { systemCode } from '../../system_errors.ts';
import { isMissing, lostError, writeError } from '../write_error.ts';
import type { WrittenFile } from './file_steps.ts';
import { makeFolder } from './folder_steps.ts';
import { call, type OpenFile, type Steps } from './system_calls.ts';
import {
  type Owners,
  removeStaleTemporaries,
  removeWhole,
  type TemporaryName,
  takeTemporary,
} from './temporary_steps.ts';

/** The steps of a `Workspace`. */
export class WorkspaceSteps {
  readonly target: string;
  readonly files = new Map<string, WrittenFile>();
  readonly #temporary: TemporaryName;
  readonly #identity: string;
  readonly #owners: Owners;

  private constructor(target: string, temporary: TemporaryName, identity: string, owners: Owners) {
    this.target = target;
    this.#temporary = temporary;
    this.#identity = identity;
    this.#owners = owners;
  }

  static *create(target: string, owners: Owners): Steps<WorkspaceSteps> {
    let temporary: TemporaryName | null = null;
    try {
      yield* makeFolder(dirname(target));
      yield* removeStaleTemporaries(dirname(target));
      temporary = yield* takeTemporary(target, owners);
      yield* call('makeFolder', temporary.path);
      const status = yield* call('status', temporary.path);
      if (status === null) throw lostError(target, 'its temporary folder was removed');
      return new WorkspaceSteps(target, temporary, status.identity, owners);
    } catch (cause) {
      if (temporary !== null) yield* temporary.discard();
      throw writeError(target, cause);
    }
  }

  get path(): string {
    return this.#temporary.path;
  }

  *makeFolder(name: string): Steps<void> {
    if (name === '.') return;
    yield* this.makeFolder(dirname(name));
    try {
      yield* call('makeFolder', join(this.path, name));
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') throw this.#failure(cause);
    }
  }

  *write(name: string, bytes: Uint8Array): Steps<void> {
    yield* this.#attempt(this.#makeDurable(name, 'new', bytes));
    const { fileBytes } = yield* this.#attempt(this.#record(name));
    if (fileBytes !== bytes.length) throw this.#lost(`${name} was changed`);
  }

  add(name: string, written: WrittenFile): void {
    this.files.set(name, written);
  }

  *adopt(name: string): Steps<WrittenFile> {
    yield* this.#attempt(this.#makeDurable(name, 'old', new Uint8Array()));
    return yield* this.#attempt(this.#record(name));
  }

  *makeReadOnly(): Steps<void> {
    for (const name of this.files.keys()) yield* this.#attempt(call('makeReadOnly', join(this.path, name)));
  }

  *publish(target: string): Steps<boolean> {
    yield* this.#verify();
    yield* this.#attempt(this.#syncFolders());
    try {
      yield* call('rename', this.path, target);
    } catch (cause) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(cause) ?? '')) return false;
      throw this.#failure(cause);
    }
    try {
      yield* call('syncFolder', dirname(target));
      // Something that was removing the folder while it was renamed goes on removing what is in it.
      for (const [name, { fileBytes }] of this.files) {
        const there = yield* call('status', join(target, name));
        if (there?.bytes === fileBytes) continue;
        // Only another writer takes away a final name, and only of what it found whole: a compaction, say.
        if ((yield* call('status', target))?.identity !== this.#identity) break;
        throw lostError(target, `${name} was removed`);
      }
    } catch (cause) {
      yield* removeWhole(target, this.#owners);
      throw writeError(target, cause);
    }
    return true;
  }

  /** Removes what was not published. */
  *dispose(): Steps<void> {
    // After `publish` nothing has the temporary name.
    yield* this.#temporary.discard();
  }

  *#makeDurable(name: string, what: 'new' | 'old', bytes: Uint8Array): Steps<void> {
    const file: OpenFile = yield* call('open', join(this.path, name), what);
    try {
      if (bytes.length > 0) yield* call('write', file, bytes);
      yield* call('sync', file);
    } finally {
      yield* call('close', file);
    }
  }

  *#record(name: string): Steps<WrittenFile> {
    const path = join(this.path, name);
    const status = yield* call('status', path);
    if (status === null) throw this.#lost(`${name} was removed`);
    const written = { fileBytes: status.bytes, sha256: yield* call('sha256', path) };
    this.files.set(name, written);
    return written;
  }

  /** Throws when the temporary folder holds anything but the files that were written, as they were written. */
  *#verify(): Steps<void> {
    const now = yield* call('status', this.path);
    if (now === null) throw this.#lost('its temporary folder was removed');
    if (now.identity !== this.#identity) throw this.#lost('its temporary folder was replaced');
    const found = new Set(yield* this.#attempt(this.#list('file')));
    for (const [name, { fileBytes, sha256 }] of this.files) {
      if (!found.delete(name)) throw this.#lost(`${name} was removed`);
      const path = join(this.path, name);
      const actual = yield* call('status', path);
      if (actual?.bytes !== fileBytes || (yield* this.#attempt(call('sha256', path))) !== sha256) {
        throw this.#lost(`${name} was changed`);
      }
    }
    for (const name of found) throw this.#lost(`${name} was added`);
  }

  *#syncFolders(): Steps<void> {
    for (const name of yield* this.#list('folder')) yield* call('syncFolder', join(this.path, name));
    yield* call('syncFolder', this.path);
  }

  /** Paths in the temporary folder of all files, or of all folders. */
  *#list(kind: 'file' | 'folder', inside = ''): Steps<string[]> {
    const found: string[] = [];
    for (const { name, isFolder } of yield* call('readFolder', join(this.path, inside))) {
      const path = join(inside, name);
      if (isFolder === (kind === 'folder')) found.push(path);
      if (isFolder) found.push(...(yield* this.#list(kind, path)));
    }
    return found;
  }

  *#attempt<T>(steps: Steps<T>): Steps<T> {
    try {
      return yield* steps;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  #failure(cause: unknown): unknown {
    if (isMissing(cause)) return this.#lost('its temporary folder, or a file in it, was removed', cause);
    return writeError(this.target, cause);
  }

  #lost(what: string, cause?: unknown): Error {
    return lostError(this.target, what, cause);
  }
}
