import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { FileLock } from './file_lock.ts';
import { orphanedTemporaries, removeStaleTemporaries, takeTemporary, takeTurn } from './temporaries.ts';
import { temporaryPrefix } from './temporary_names.ts';

const folder = temporaryFolder('temporaries');

function newFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

/** Starts a process that makes a temporary folder for `target` with a file in it and says its name, then rests. */
async function otherWriter(target: string): Promise<{ child: ChildProcess; name: string }> {
  const script = `
    import { mkdirSync, writeFileSync } from 'node:fs';
    import { takeTemporary } from ${JSON.stringify(new URL('./temporaries.ts', import.meta.url).href)};
    const { path } = takeTemporary(${JSON.stringify(target)});
    mkdirSync(path);
    writeFileSync(path + '/data', 'half');
    console.log(path);
    setTimeout(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, name: basename(line.toString().trim()) };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test('a writer’s temporaries stay while it lives, stopped or old, and go once it is dead', async () => {
  const here = newFolder('stale');
  const { child, name } = await otherWriter(join(here, 'dataset'));
  try {
    child.kill('SIGSTOP');
    // Neither the time of its last change nor a clock that runs ahead matters.
    for (const path of [join(here, name, 'data'), join(here, name)]) utimesSync(path, 1, 1);
    deepEqual(await removeStaleTemporaries(here), []);
    deepEqual(await orphanedTemporaries(here), []);
    ok(existsSync(join(here, name, 'data')));
  } finally {
    await kill(child);
  }
  writeFileSync(join(here, `${temporaryPrefix}0123456789ab0000-unlocked`), '');
  writeFileSync(join(here, 'kept'), '');
  deepEqual((await orphanedTemporaries(here)).sort(), [`${temporaryPrefix}0123456789ab0000-unlocked`, name].sort());
  deepEqual(await removeStaleTemporaries(here), [name]);
  // What no lock proves dead is not touched.
  deepEqual(readdirSync(here).sort(), [`${temporaryPrefix}0123456789ab0000-unlocked`, 'kept']);
  deepEqual(await removeStaleTemporaries(join(here, 'absent')), []);
});

test('one lock a folder serves any number of temporaries, and goes with the last', () => {
  const here = newFolder('several');
  const names = Array.from({ length: 5 }, (_, i) => takeTemporary(join(here, `file${i}`)));
  equal(new Set(names.map(({ path }) => path)).size, 5);
  equal(readdirSync(here).filter((name) => name.endsWith('.lock')).length, 1);
  for (const { release } of names) {
    release();
    release();
  }
  deepEqual(readdirSync(here), []);
});

test('a writer whose lock file was removed goes on under a new one', async () => {
  const here = newFolder('unlocked');
  const first = takeTemporary(join(here, 'a'));
  for (const name of readdirSync(here)) rmSync(join(here, name));
  const second = takeTemporary(join(here, 'b'));
  equal(readdirSync(here).length, 1);
  mkdirSync(first.path);
  mkdirSync(second.path);
  deepEqual(await removeStaleTemporaries(here), []);
  for (const { path } of [first, second]) ok(existsSync(path));
  first.release();
  equal(readdirSync(here).filter((name) => name.endsWith('.lock')).length, 1);
  second.release();
  equal(readdirSync(here).filter((name) => name.endsWith('.lock')).length, 0);
});

test('names as long as the file system allows can be built under', () => {
  const here = newFolder('long');
  for (const target of ['x'.repeat(255), 'é'.repeat(127)]) {
    const { path, release } = takeTemporary(join(here, target));
    writeFileSync(path, '');
    release();
  }
});

test('a lock is held by one process only, and free once that is killed', async () => {
  const here = newFolder('lock');
  const path = join(here, 'x.lock');
  const lock = FileLock.tryTake(path);
  ok(lock !== null);
  equal(FileLock.tryTake(path), null);
  equal(FileLock.tryTakeExisting(path), null);
  ok(FileLock.isTaken(path));
  const script = `
    import { FileLock } from ${JSON.stringify(new URL('./file_lock.ts', import.meta.url).href)};
    console.log(FileLock.tryTake(${JSON.stringify(path)}) === null ? 'taken' : 'free');
    globalThis.lock = await FileLock.take(${JSON.stringify(path)}, { onWait: () => console.log('waits') });
    console.log('has it');
    setTimeout(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')));
  try {
    while (!lines.includes('waits')) await pause(20);
    lock.release();
    while (!lines.includes('has it')) await pause(20);
    deepEqual(lines, ['taken', 'waits', 'has it']);
    equal(FileLock.tryTake(path), null);
  } finally {
    await kill(child);
  }
  equal(FileLock.isTaken(path), false);
  FileLock.tryTake(path)?.release();
  deepEqual(readdirSync(here), []);
});

test('a lock whose file was removed or replaced is not held any more', () => {
  const path = join(newFolder('moved'), 'x.lock');
  const first = FileLock.tryTake(path);
  ok(first?.isHeld);
  rmSync(path);
  equal(first.isHeld, false);
  const second = FileLock.tryTake(path);
  ok(second?.isHeld);
  equal(first.isHeld, false);
  // The first must not take the second's file away.
  first.release();
  ok(second.isHeld);
  second.release();
  equal(existsSync(path), false);
});

test('a turn is waited for until it is free or the wait is aborted; a lock that cannot be had is one sentence', async () => {
  const here = newFolder('turn');
  const target = join(here, 'dataset');
  let waits = 0;
  const first = await takeTurn(target, { onWait: () => waits++ });
  const waiting = Promise.withResolvers<void>();
  const second = takeTurn(target, {
    onWait: () => {
      waits++;
      waiting.resolve();
    },
  });
  await waiting.promise;
  first.release();
  (await second).release();
  equal(waits, 1);
  using _held = await takeTurn(target, {});
  const aborted = AbortSignal.timeout(30);
  await rejects(takeTurn(target, { signal: aborted }), (error: Error) => error.name !== 'SpymasterError');
  await rejects(takeTurn(join(here, 'absent', 'dataset'), {}), (error: Error) => {
    match(error.message, /^Cannot write .*absent\/dataset: .* \(ENOENT\)/);
    return true;
  });
});
