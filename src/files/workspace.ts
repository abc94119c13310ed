import type { WrittenFile } from './protocol/file_steps.ts';
import { runSteps } from './protocol/run_steps.ts';
import { WorkspaceSteps } from './protocol/workspace_steps.ts';
import { threadOwners } from './temporaries.ts';

/**
 * A folder under construction: it is built under a temporary name and gets its final one when `publish` has found that it
 * holds just the files that were written, as they were written. Disposing it removes what was not published.
 *
 * The folder is made once. When something removes it, or a file of it, whatever is written next or `publish` fails with
 * LAKE_NOT_WRITABLE, and nothing is published. See `protocol/temporary_steps.ts` for the protocol.
 */
export class Workspace implements AsyncDisposable {
  readonly #steps: WorkspaceSteps;

  private constructor(steps: WorkspaceSteps) {
    this.#steps = steps;
  }

  /** Makes the folder, beside `target`, and removes what dead writers left there. Throws LAKE_NOT_WRITABLE. */
  static async create(target: string): Promise<Workspace> {
    return new Workspace(await runSteps(WorkspaceSteps.create(target, threadOwners)));
  }

  /** The folder's final path. */
  get target(): string {
    return this.#steps.target;
  }

  /** Where the folder is until it is published. */
  get path(): string {
    return this.#steps.path;
  }

  /** Size and hash of each file so far, by path in the folder. */
  get files(): ReadonlyMap<string, WrittenFile> {
    return this.#steps.files;
  }

  /** Makes a folder inside, and those between; the workspace itself is never made again. */
  makeFolder(name: string): Promise<void> {
    return runSteps(this.#steps.makeFolder(name));
  }

  /** Writes a file, durably; it must not exist. */
  write(name: string, text: string): Promise<void> {
    return runSteps(this.#steps.write(name, new TextEncoder().encode(text)));
  }

  /** Takes note of a durable file whose writer knows what it wrote. */
  add(name: string, written: WrittenFile): void {
    this.#steps.add(name, written);
  }

  /** Makes a file durable that a library wrote, and takes note of what it is. */
  adopt(name: string): Promise<WrittenFile> {
    return runSteps(this.#steps.adopt(name));
  }

  /** Lets nobody write the files so far. */
  makeReadOnly(): Promise<void> {
    return runSteps(this.#steps.makeReadOnly());
  }

  /**
   * Checks every file and gives the folder its name, or another one beside it; false when something of that name exists.
   * Throws LAKE_NOT_WRITABLE, also when anything is missing, was changed, or was added.
   */
  publish(target = this.target): Promise<boolean> {
    return runSteps(this.#steps.publish(target));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return runSteps(this.#steps.dispose());
  }
}
