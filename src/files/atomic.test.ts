import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { createAtomicFile, makeFolder, writeFileAtomic, writeFileAtomicSync } from './atomic.ts';
import { temporaryPrefix } from './temporary_names.ts';

const folder = temporaryFolder('atomic');

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

test('a file under construction is invisible and leaves nothing behind when it is aborted', async () => {
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

test('a failed write is a clear error and leaves nothing', async () => {
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

test('a writer whose file was removed or replaced fails, and the existing file stays', async () => {
  const path = join(folder, 'lost', 'file.txt');
  await writeFileAtomic(path, 'old');
  for (const meddle of [
    (temporary: string) => rmSync(temporary),
    (temporary: string) => {
      rmSync(temporary);
      writeFileSync(temporary, 'new');
    },
    (temporary: string) => appendFileSync(temporary, 'more'),
  ]) {
    const file = await createAtomicFile(path);
    await file.write(new TextEncoder().encode('new'));
    meddle(file.temporaryPath);
    await rejects(file.commit(), {
      code: 'LAKE_NOT_WRITABLE',
      message: /file\.txt: the file under construction was \w+/,
    });
    equal(readFileSync(path, 'utf8'), 'old');
  }
  const file = await createAtomicFile(path);
  rmSync(join(folder, 'lost'), { recursive: true });
  await rejects(file.commit(), { code: 'LAKE_NOT_WRITABLE' });
  equal(existsSync(join(folder, 'lost')), false);
});

test('the folders above a new folder are made, the topmost one that was missing is told', () => {
  equal(makeFolder(join(folder, 'new', 'a', 'b')), join(folder, 'new'));
  equal(makeFolder(join(folder, 'new', 'a', 'c')), join(folder, 'new', 'a', 'c'));
  equal(makeFolder(join(folder, 'new', 'a', 'c')), null);
});
