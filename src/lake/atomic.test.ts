import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeFileAtomicSync } from './atomic.ts';
import { createAtomicFile, removeStaleTemporaries, temporaryPrefix, writeFileAtomic } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-atomic-'));
after(() => rmSync(folder, { recursive: true }));

test('a file appears whole, in a folder that is made for it, and replaces another at one stroke', async () => {
  const path = join(folder, 'a', 'b', 'file.txt');
  await writeFileAtomic(path, 'one');
  equal(readFileSync(path, 'utf8'), 'one');
  await writeFileAtomic(path, new Uint8Array([50]));
  equal(readFileSync(path, 'utf8'), '2');
  writeFileAtomicSync(path, 'three');
  equal(readFileSync(path, 'utf8'), 'three');
  deepEqual(readdirSync(join(folder, 'a', 'b')), ['file.txt']);
});

test('a file under construction is seen by nobody and leaves nothing behind when it is given up', async () => {
  const path = join(folder, 'stream', 'file.bin');
  const file = await createAtomicFile(path);
  for (let i = 0; i < 100; i++) await file.write(new Uint8Array(1000).fill(i));
  equal(file.bytesWritten, 100_000);
  deepEqual(
    readdirSync(join(folder, 'stream')).filter((name) => !name.startsWith(temporaryPrefix)),
    [],
  );
  await file.commit();
  await file.abort();
  equal(readFileSync(path).length, 100_000);
  const other = await createAtomicFile(path);
  await other.write(new Uint8Array(5));
  await other.abort();
  deepEqual(readdirSync(join(folder, 'stream')), ['file.bin']);
  equal(readFileSync(path).length, 100_000);
});

test('what cannot be written is a clear error and leaves nothing', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await rejects(writeFileAtomic(join(file, 'x'), ''), { code: 'LAKE_NOT_WRITABLE' });
  throws(() => writeFileAtomicSync(join(file, 'x'), ''), { code: 'LAKE_NOT_WRITABLE' });
  await rejects(writeFileAtomic('/proc/spymaster/a/x', ''), { code: 'LAKE_NOT_WRITABLE' });
  const taken = join(folder, 'taken');
  mkdirSync(join(taken, 'inside'), { recursive: true });
  await rejects(writeFileAtomic(taken, 'x'), { code: 'LAKE_NOT_WRITABLE' });
  throws(() => writeFileAtomicSync(taken, 'x'), { code: 'LAKE_NOT_WRITABLE' });
  deepEqual(
    readdirSync(folder).filter((name) => name.startsWith(temporaryPrefix)),
    [],
  );
});

test('leftovers of processes that are gone are found by their prefix', async () => {
  const here = join(folder, 'stale');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  mkdirSync(join(here, `${temporaryPrefix}${dead}-x-dataset`), { recursive: true });
  writeFileSync(join(here, `${temporaryPrefix}${dead}-y-file`), '');
  writeFileSync(join(here, `${temporaryPrefix}${process.pid}-z-file`), '');
  writeFileSync(join(here, 'kept'), '');
  deepEqual(await removeStaleTemporaries(here, Date.now()), []);
  equal((await removeStaleTemporaries(here, Date.now() + 31_000)).length, 2);
  deepEqual(readdirSync(here).sort(), [`${temporaryPrefix}${process.pid}-z-file`, 'kept']);
  equal((await removeStaleTemporaries(here, Date.now() + 25 * 3600_000)).length, 1);
  deepEqual(await removeStaleTemporaries(join(here, 'absent'), 0), []);
});
