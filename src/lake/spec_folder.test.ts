import { deepEqual, equal, rejects } from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { SpecFolder } from './index.ts';

const root = temporaryFolder('spec-folder');

test('a spec is read and written by its name alone', async () => {
  const folder = join(root, 'names', 'experiments');
  const specs = new SpecFolder(folder);
  deepEqual(await specs.list(), []);
  writeFileSync(join(root, 'names-outside.yaml'), 'x: 1\n');
  for (const name of ['../names-outside', '..', '/etc/passwd', 'a/b', '', 'a\0b', 'a'.repeat(129)]) {
    await rejects(specs.read(name), { code: 'CONFIG_INVALID' }, JSON.stringify(name));
    await rejects(specs.save(name, 'x: 1\n', null), { code: 'CONFIG_INVALID' }, JSON.stringify(name));
  }
  await rejects(specs.read('none'), { code: 'SPEC_UNKNOWN' });
  await specs.save('one', 'x: 1\n', null);
  writeFileSync(join(folder, 'notes.txt'), '');
  mkdirSync(join(folder, 'folder.yaml'));
  deepEqual(
    (await specs.list()).map(({ name }) => name),
    ['one'],
  );
  symlinkSync(join(root, 'names-outside.yaml'), join(folder, 'link.yaml'));
  const link = await specs.read('link');
  await rejects(specs.save('link', 'x: 2\n', link.etag), { code: 'FILE_EXISTS' });
  equal(readFileSync(join(root, 'names-outside.yaml'), 'utf8'), 'x: 1\n');
});

test("no change is written over another's", async () => {
  const folder = join(root, 'changes');
  const specs = new SpecFolder(folder);
  const first = await specs.save('one', 'x: 1\n', null);
  await rejects(specs.save('one', 'x: 9\n', null), { code: 'FILE_EXISTS', message: /exists; open that one/ });
  const second = await specs.save('one', 'x: 2\n', first);
  await rejects(specs.save('one', 'x: 3\n', first), { code: 'CHANGED', message: /changed since it was opened/ });
  await rejects(specs.save('gone', 'x: 3\n', first), { code: 'CHANGED', message: /removed since it was opened/ });
  writeFileSync(join(folder, 'one.yaml'), 'x: by hand\n');
  await rejects(specs.save('one', 'x: 3\n', second), { code: 'CHANGED' });
  const { etag } = await specs.read('one');
  // Of many at once, one wins.
  const saves = await Promise.allSettled([4, 5, 6, 7].map((n) => specs.save('one', `x: ${n}\n`, etag)));
  equal(saves.filter(({ status }) => status === 'fulfilled').length, 1);
});
