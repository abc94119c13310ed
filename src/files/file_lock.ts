import {
  isLockInPlace,
  isLockTaken,
  releaseLock,
  type TakenLock,
  takeLock,
  tryTakeExistingLock,
  tryTakeLock,
  type WaitOptions,
} from './protocol/lock_steps.ts';
import { runSteps, runStepsSync } from './protocol/run_steps.ts';

/**
 * An exclusive lock on a file that one process holds at most, for as long as it lives, stopped or not: a lock of the kernel
 * (`node_calls.ts`). The file exists while the lock is held.
 */
export class FileLock implements Disposable {
  readonly #lock: TakenLock;
  #isReleased = false;

  constructor(lock: TakenLock) {
    this.#lock = lock;
  }

  /** Takes the lock, whose file is made in a folder that exists; null when another holds it. Throws the system's error. */
  static tryTake(path: string): FileLock | null {
    const lock = runStepsSync(tryTakeLock(path));
    return lock === null ? null : new FileLock(lock);
  }

  /** Takes the lock of a file that exists; null when another holds it, when there is none, or when that cannot be told. */
  static tryTakeExisting(path: string): FileLock | null {
    const lock = runStepsSync(tryTakeExistingLock(path));
    return lock === null ? null : new FileLock(lock);
  }

  /** Whether a process holds the lock of a file, or may hold it because that cannot be told; changes nothing. */
  static isTaken(path: string): boolean {
    return runStepsSync(isLockTaken(path));
  }

  /** Takes the lock, waiting while another holds it. Throws the system's error, and AbortError when the signal aborts. */
  static async take(path: string, options: WaitOptions = {}): Promise<FileLock> {
    return new FileLock(await runSteps(takeLock(path, options)));
  }

  get path(): string {
    return this.#lock.path;
  }

  /** False once the lock file was removed or replaced: another process may hold a lock of the same name by now. */
  get isHeld(): boolean {
    return !this.#isReleased && runStepsSync(isLockInPlace(this.#lock));
  }

  /** Gives the lock up and removes its file. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    runStepsSync(releaseLock(this.#lock));
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
