import { basename, dirname, join } from 'node:path';
import { removeTree } from '../../src/files/protocol/folder_steps.ts';
import { call, type Steps } from '../../src/files/protocol/system_calls.ts';
import { temporaryPrefix } from '../../src/files/temporary_names.ts';
import { systemCode } from '../../src/system_errors.ts';
import { ask, type Ending, ending, type Part, writeByPath } from './programs.ts';
import { checksumsName } from './truth.ts';
import type { SimulatedProcess } from './world.ts';

/*
 * How datasets were made in version 0.1.0, before there were locks: temporary names with a process id, which others took for
 * dead by that id and the time of the last change; files whose folder was made again when it was missing; a rename without a
 * look at what is renamed. Kept as the proof that the simulation finds what that made: datasets without data.
 */

const restMs = 30_000;
const dayMs = 24 * 3600_000;

export function oldGenerate(part: Part, path: string): Steps<void> {
  return ending(part, oldGenerateSteps(part, path));
}

function* oldGenerateSteps({ process, truth }: Part, path: string): Steps<Ending> {
  if ((yield* call('status', path)) !== null) return 'was there';
  const temporary = yield* temporaryName(path, process);
  try {
    yield* makeFolder(dirname(path));
    yield* call('makeFolder', temporary);
    yield* removeStaleTemporaries(dirname(path), yield* ask('now'));
    const checksums: Record<string, string> = {};
    for (const table of ['bins', 'grid']) {
      const { sha256 } = yield* writeByPath(join(temporary, table), [`${table} of `, process.name]);
      checksums[table] = sha256;
    }
    checksums['manifest.json'] = `manifest of ${process.name}`;
    yield* writeFileAtomic(join(temporary, 'manifest.json'), checksums['manifest.json'], process);
    yield* writeFileAtomic(join(temporary, checksumsName), JSON.stringify(checksums), process);
    try {
      yield* call('rename', temporary, path);
    } catch (cause) {
      if ((yield* call('status', path)) === null) throw cause;
      yield* removeTree(temporary);
      return 'was there';
    }
    yield* call('syncFolder', dirname(path));
    truth.reportFolder(path, process.name);
    return 'made';
  } catch (cause) {
    yield* removeTree(temporary);
    throw cause;
  }
}

function* temporaryName(path: string, { pid }: SimulatedProcess): Steps<string> {
  return join(dirname(path), `${temporaryPrefix}${pid}-${yield* call('drawId')}-${basename(path)}`);
}

function* writeFileAtomic(path: string, text: string, process: SimulatedProcess): Steps<void> {
  yield* makeFolder(dirname(path));
  const temporary = yield* temporaryName(path, process);
  yield* writeByPath(temporary, [text]);
  yield* call('rename', temporary, path);
  yield* call('syncFolder', dirname(path));
}

function* makeFolder(path: string): Steps<void> {
  try {
    yield* call('makeFolder', path);
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return;
    if (systemCode(cause) !== 'ENOENT') throw cause;
    yield* makeFolder(dirname(path));
    yield* makeFolder(path);
  }
}

function* removeStaleTemporaries(folder: string, nowMs: number): Steps<void> {
  for (const { name } of yield* call('readFolder', folder)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const path = join(folder, name);
    const restedMs = nowMs - (yield* lastChangeMs(path));
    const pid = Number(/^\d+/.exec(name.slice(temporaryPrefix.length))?.[0]);
    if (restedMs < restMs || (restedMs < dayMs && (yield* ask<boolean>('isAlive', pid)))) continue;
    yield* removeTree(path);
  }
}

/** When a file, or what a folder holds, changed last; now for what vanished meanwhile. */
function* lastChangeMs(path: string): Steps<number> {
  let names: string[] = [];
  try {
    names = (yield* call('readFolder', path)).map(({ name }) => join(path, name));
  } catch {
    // It is a file, or gone.
  }
  let last = Number.NEGATIVE_INFINITY;
  for (const each of [path, ...names]) {
    last = Math.max(last, (yield* ask<number | null>('changedMs', each)) ?? Number.POSITIVE_INFINITY);
  }
  return last;
}
