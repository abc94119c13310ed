import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { sha256Hex } from '../../config/index.ts';
import { present } from '../../errors.ts';
import { Lake } from '../lake.ts';
import { cacheFolder, type Download, EntryCache } from './entry_cache.ts';
import type { StoredEntry } from './parse_entry.ts';

const manifest = '{"made":true}\n';
const bytes = (name: string) => new Uint8Array(400).fill(name.charCodeAt(0));

function datasetEntry(name: string): StoredEntry {
  const content = bytes(name);
  return {
    format: 1,
    kind: 'folder',
    files: [
      { name: 'manifest.json', bytes: manifest.length, sha256: sha256Hex(manifest), text: manifest },
      { name: 'bins.parquet', bytes: content.length, sha256: sha256Hex(content) },
    ],
  };
}

function cacheOf(t: TestContext, maxBytes: number) {
  const root = temporaryFolder('cache');
  const lake = new Lake(root);
  const cache = new EntryCache(root, (path) => lake.path(path), maxBytes);
  t.after(() => cache.close());
  return { root, cache };
}

const datasets = 'research/vp_immutable';
const downloaded =
  (name: string): Download =>
  async (_file, target) => {
    await target.restart();
    await target.write(bytes(name));
  };

/** Brings datasets into a cache, the first of them the least recently used. */
async function bring(cache: EntryCache, root: string, names: readonly string[]): Promise<void> {
  for (const [age, name] of names.entries()) {
    const path = `${datasets}/${name}`;
    await cache.setRecord(path, datasetEntry(name));
    await cache.add(path, datasetEntry(name), downloaded(name));
    const usedS = 1_700_000_000 + age;
    utimesSync(join(root, cacheFolder, 'records', `${path}.json`), usedS, usedS);
  }
}

test('the least recently used makes room, and what is held stays', async (t) => {
  const { root, cache } = cacheOf(t, 1000);
  await bring(cache, root, ['a', 'b']);
  const held = present(await cache.hold(`${datasets}/a`, datasetEntry('a')));
  const file = (name: string) => join(root, datasets, name, 'bins.parquet');
  await bring(cache, root, ['c']);
  deepEqual(
    ['a', 'b', 'c'].map((name) => existsSync(file(name))),
    [true, false, true],
  );
  ok(existsSync(join(root, datasets, 'b', 'manifest.json')), 'the small files of a dataset stay');
  equal(await cache.hold(`${datasets}/b`, datasetEntry('b')), null);
  using _other = present(await cache.hold(`${datasets}/c`, datasetEntry('c')));
  const message = /set SPYMASTER_CACHE_GB to 0\.001 or more/;
  await rejects(bring(cache, root, ['d']), { code: 'CACHE_TOO_SMALL', message });
  held?.[Symbol.dispose]();
  await bring(cache, root, ['d']);
  deepEqual(
    ['a', 'c', 'd'].map((name) => existsSync(file(name))),
    [false, true, true],
  );
  deepEqual(readFileSync(file('d')), Buffer.from(bytes('d')));
});

test('what another process holds stays, and what a dead one held goes', async (t) => {
  const { root, cache } = cacheOf(t, 500);
  const other = new EntryCache(root, (path) => new Lake(root).path(path), 500);
  await bring(cache, root, ['a']);
  present(await other.hold(`${datasets}/a`, datasetEntry('a')));
  await rejects(bring(cache, root, ['b']), { code: 'CACHE_TOO_SMALL' });
  await other.close();
  await bring(cache, root, ['b']);
  equal(existsSync(join(root, datasets, 'a', 'bins.parquet')), false);
});

test('a file that is not as its checksum has it is not used, and comes again', async (t) => {
  const { root, cache } = cacheOf(t, 1000);
  await bring(cache, root, ['a']);
  const path = `${datasets}/a`;
  const file = join(root, path, 'bins.parquet');
  writeFileSync(file, bytes('x'));
  const fresh = new EntryCache(root, (name) => new Lake(root).path(name), 1000);
  equal(await fresh.hold(path, datasetEntry('a')), null);
  equal(existsSync(file), false);
  await fresh.add(path, datasetEntry('a'), downloaded('a'));
  using _held = present(await fresh.hold(path, datasetEntry('a')));
  deepEqual(readFileSync(file), Buffer.from(bytes('a')));
  await fresh.close();
});

test('a download that fails leaves nothing, and a path out of the lake is refused', async (t) => {
  const { root, cache } = cacheOf(t, 1000);
  const path = `${datasets}/a`;
  await rejects(
    cache.add(path, datasetEntry('a'), async (_file, target) => {
      await target.write(bytes('a').subarray(0, 10));
      throw new Error('broken');
    }),
    /broken/,
  );
  equal(existsSync(join(root, path)), false);
  await cache.add(path, datasetEntry('a'), downloaded('a'));
  for (const name of ['../outside', `${datasets}/../../../outside`]) {
    await rejects(cache.setRecord(name, datasetEntry('a')), { code: 'LAKE_NOT_WRITABLE' });
    await rejects(cache.add(name, datasetEntry('a'), downloaded('a')), { code: 'LAKE_NOT_WRITABLE' });
  }
});

test('a part of results comes and goes whole, and local work without a record stays', async (t) => {
  const { root, cache } = cacheOf(t, 500);
  const part = 'research/vp_harness/results/part-1';
  await cache.setRecord(part, datasetEntry('p'));
  await cache.add(part, datasetEntry('p'), downloaded('p'));
  ok(existsSync(join(root, part, 'manifest.json')));
  const local = join(root, datasets, 'local', 'bins.parquet');
  mkdirSync(dirname(local), { recursive: true });
  writeFileSync(local, bytes('l'));
  await bring(cache, root, ['a']);
  equal(existsSync(join(root, part)), false);
  ok(existsSync(local));
});

test('a record that another process is writing is none yet', async (t) => {
  const { root, cache } = cacheOf(t, 1000);
  await bring(cache, root, ['a']);
  const writing = join(root, cacheFolder, 'records', datasets, '.spymaster-tmp-0123-b.json');
  writeFileSync(writing, '{"format":');
  deepEqual(await cache.recorded(datasets), ['a']);
  await cache.trim();
  ok(existsSync(writing));
});
