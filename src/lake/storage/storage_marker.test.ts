import { equal, throws } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { Lake } from '../lake.ts';
import { cacheFolder } from './entry_cache.ts';

test('a folder is the cache of a lake on object storage when its marker says so, and one that is damaged is refused by its path', () => {
  const root = temporaryFolder('marker');
  equal(new Lake(root).storage, null);
  mkdirSync(join(root, cacheFolder));
  const path = join(root, cacheFolder, 'storage.json');
  const marker = { format: 1, url: 's3://bucket/lake', endpoint: null };
  writeFileSync(path, JSON.stringify(marker));
  equal(new Lake(root).storage?.url, 's3://bucket/lake');
  const wrong = [
    { ...marker, format: 2 },
    { ...marker, url: 1 },
    { format: 1, url: 'x' },
    { ...marker, more: 1 },
    [],
    1,
  ];
  for (const text of [...wrong.map((value) => JSON.stringify(value)), '', '{"format":1', 'null']) {
    writeFileSync(path, text);
    throws(() => new Lake(root).storage, { code: 'CONFIG_INVALID', message: /storage\.json: expected format 1/ }, text);
  }
});
