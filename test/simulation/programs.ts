import { dirname, join } from 'node:path';
import { SpymasterError } from '../../src/errors.ts';
import {
  assertAsWritten,
  PendingFileSteps,
  placeFile,
  type WrittenFile,
  writeFile,
} from '../../src/files/protocol/file_steps.ts';
import { makeFolder } from '../../src/files/protocol/folder_steps.ts';
import { releaseLock } from '../../src/files/protocol/lock_steps.ts';
import { type CallName, call, type Steps } from '../../src/files/protocol/system_calls.ts';
import { removeStaleTemporaries, takeTemporary, takeTurn } from '../../src/files/protocol/temporary_steps.ts';
import { WorkspaceSteps } from '../../src/files/protocol/workspace_steps.ts';
import { systemCode } from '../../src/system_errors.ts';
import { checksumsName, type Truth } from './truth.ts';
import type { SimulatedProcess } from './world.ts';

/** How a program ended. */
export type Ending = 'made' | 'was there' | 'failed';

/** What a program needs. */
export interface Part {
  readonly process: SimulatedProcess;
  readonly truth: Truth;
  /** Told at the end; never when it is killed. */
  readonly onEnd: (ending: Ending, cause: unknown) => void;
}

export const bytes = (text: string) => new TextEncoder().encode(text);

/** A call that only the simulation has. */
export function* ask<T>(name: 'now' | 'isAlive' | 'changedMs', ...args: unknown[]): Steps<T> {
  return (yield { name: name as unknown as CallName, args }) as T;
}

/** Runs a program to its end; an error of ours or of the system ends it as `failed`, any other is a defect. */
export function* ending(part: Part, program: Steps<Ending>): Steps<void> {
  let end: Ending;
  let why: unknown = null;
  try {
    end = yield* program;
  } catch (cause) {
    if (!(cause instanceof SpymasterError) && systemCode(cause) === null) throw cause;
    end = 'failed';
    why = cause;
  }
  part.onEnd(end, why);
}

/** A file that a library writes by its path, a piece at a time. */
export function* writeByPath(path: string, pieces: readonly string[]): Steps<WrittenFile> {
  const file = yield* call('open', path, 'new');
  for (const piece of pieces) yield* call('write', file, bytes(piece));
  yield* call('sync', file);
  yield* call('close', file);
  const content = pieces.join('');
  return { fileBytes: content.length, sha256: content };
}

/** The files of a folder that a process writes at some time: no other's are the same. */
function* fill(workspace: WorkspaceSteps, mark: string): Steps<void> {
  for (const table of ['bins', 'grid']) {
    const path = join(workspace.path, table);
    workspace.add(table, yield* writeByPath(path, [`${table} of `, mark]));
  }
  yield* workspace.makeFolder('hour=14');
  yield* writeByPath(join(workspace.path, 'hour=14/part'), [`part of ${mark}`]);
  yield* workspace.adopt('hour=14/part');
  yield* workspace.write('manifest.json', bytes(`manifest of ${mark}`));
  const checksums = Object.fromEntries([...workspace.files].map(([name, { sha256 }]) => [name, sha256]));
  yield* workspace.write(checksumsName, bytes(JSON.stringify(checksums)));
  yield* workspace.makeReadOnly();
}

/** Makes a folder unless it is there, in turns with others: `generate`. */
export function generate(part: Part, path: string): Steps<void> {
  return ending(part, generateSteps(part, path));
}

function* generateSteps(part: Part, path: string): Steps<Ending> {
  if ((yield* call('status', path)) !== null) return 'was there';
  yield* makeFolder(dirname(path));
  const turn = yield* takeTurn(path, {});
  try {
    if ((yield* call('status', path)) !== null) return 'was there';
    return yield* appendSteps(part, path);
  } finally {
    yield* releaseLock(turn);
  }
}

/** Makes a folder of its own: a part of the results, a bundle. */
export function append(part: Part, path: string): Steps<void> {
  return ending(part, appendSteps(part, path));
}

function* appendSteps({ process, truth }: Part, path: string): Steps<Ending> {
  const workspace = yield* WorkspaceSteps.create(path, process.owners);
  try {
    yield* fill(workspace, process.name);
    if (!(yield* workspace.publish(path))) return 'was there';
    truth.reportFolder(path, process.name);
    return 'made';
  } finally {
    yield* workspace.dispose();
  }
}

/** Replaces a file: a serving version, a book checkpoint, a report. */
export function replace(part: Part, path: string): Steps<void> {
  return ending(part, replaceSteps(part, path));
}

function* replaceSteps({ process, truth }: Part, path: string): Steps<Ending> {
  const content = `content by ${process.name}`;
  const attempt = truth.beginFile(path, content);
  let isSuccess = false;
  try {
    yield* writeFile(path, bytes(content), process.owners);
    isSuccess = true;
    return 'made';
  } finally {
    truth.endFile(attempt, isSuccess);
  }
}

/** Writes two files that get their names together, as far as that goes: `replay --out`. */
export function replay(part: Part, folder: string): Steps<void> {
  return ending(part, replaySteps(part, folder));
}

function* replaySteps({ process, truth }: Part, folder: string): Steps<Ending> {
  yield* makeFolder(folder);
  yield* removeStaleTemporaries(folder);
  const files = [];
  const attempts = [];
  let isSuccess = false;
  try {
    for (const name of ['bins', 'grid']) {
      const path = join(folder, name);
      const pieces = [`${name} of the replay `, process.name];
      attempts.push(truth.beginFile(path, pieces.join('')));
      const temporary = yield* takeTemporary(path, process.owners);
      files.push({ temporary, path, written: null as WrittenFile | null, temporaryPath: temporary.path });
      files.at(-1)!.written = yield* writeByPath(temporary.path, pieces);
    }
    for (const { temporaryPath, path, written } of files)
      yield* assertAsWritten({ temporaryPath, path, written: written! });
    for (const { temporaryPath, path } of files) yield* placeFile(temporaryPath, path);
    isSuccess = true;
    return 'made';
  } finally {
    for (const attempt of attempts) truth.endFile(attempt, isSuccess);
    for (const { temporary } of files) yield* temporary.discard();
  }
}

/** Begins a file and gives it up: a download or a report that is interrupted. */
export function giveUp(part: Part, path: string): Steps<void> {
  return ending(part, giveUpSteps(part, path));
}

function* giveUpSteps({ process }: Part, path: string): Steps<Ending> {
  const file = yield* PendingFileSteps.create(path, process.owners);
  try {
    yield* file.write(bytes('half'));
    return 'made';
  } finally {
    yield* file.abort();
  }
}
