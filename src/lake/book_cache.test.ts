import { deepEqual, equal, match } from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { BookCache, type BookCheckpointKey } from './book_cache.ts';
import { Lake } from './lake.ts';

const folder = temporaryFolder('book-cache');

const key: BookCheckpointKey = {
  productType: 'future_mbo',
  publisherId: null,
  symbol: 'MNQH6',
  date: '2026-02-06',
  warmUpStartNs: 1_770_386_100_000_000_000n,
  file: { name: 'a.dbn', sizeBytes: 1, modifiedNs: '1', ends: 'x' },
};
const checkpoint = { state: Uint8Array.from({ length: 1000 }, (_, i) => i % 251), byteOffset: 2 ** 40 + 56 };

function cacheIn(name: string, maxBytes?: number) {
  const lake = new Lake(join(folder, name));
  const notices: string[] = [];
  const notice = (text: string) => notices.push(text);
  const cache = new BookCache(lake, maxBytes === undefined ? { notice } : { notice, maxBytes });
  const files = () => readdirSync(lake.bookCache).map((file) => join(lake.bookCache, file));
  return { cache, notices, files };
}

test('a checkpoint comes back for its own key alone', async () => {
  const { cache, notices } = cacheIn('own');
  equal(await cache.load(key), null);
  await cache.save(key, checkpoint);
  deepEqual(await cache.load(key), checkpoint);
  for (const other of [
    { ...key, symbol: 'MNQM6' },
    { ...key, date: '2026-02-07' },
    { ...key, productType: 'equity_mbo' as const },
    { ...key, warmUpStartNs: 1n },
    { ...key, file: { ...key.file, modifiedNs: '2' } },
  ]) {
    equal(await cache.load(other), null);
  }
  deepEqual(notices, []);
});

test('a damaged checkpoint is ignored with a notice, wherever the damage is', async () => {
  const { cache, notices, files } = cacheIn('damaged');
  await cache.save(key, checkpoint);
  const path = files()[0]!;
  const whole = readFileSync(path);
  const damages = [0, 3, 8, 12, 17, 25, 55, 56, 700, whole.length - 1].map((at) => {
    const bytes = Uint8Array.from(whole);
    bytes[at]! ^= 1;
    return bytes;
  });
  damages.push(
    whole.subarray(0, 0),
    whole.subarray(0, 30),
    whole.subarray(0, 500),
    Buffer.concat([whole, Buffer.of(0)]),
  );
  for (const [i, bytes] of damages.entries()) {
    writeFileSync(path, bytes);
    equal(await cache.load(key), null);
    equal(notices.length, i + 1);
    match(notices[i]!, /book checkpoint .* is ignored; it is made anew/);
  }
  await cache.save(key, checkpoint);
  deepEqual(await cache.load(key), checkpoint);
});

test('the cache stays within its size: least recently used entries go first', async () => {
  const { cache, files } = cacheIn('bounded', 4200);
  const days = ['2026-02-01', '2026-02-02', '2026-02-03'];
  for (const [i, date] of days.entries()) {
    await cache.save({ ...key, date }, checkpoint);
    const newest = files().find((path) => statSync(path).mtimeMs > 1e9)!;
    utimesSync(newest, 1000 + i, 1000 + i);
  }
  await cache.load({ ...key, date: days[0]! });
  await cache.save({ ...key, date: '2026-02-04' }, checkpoint);
  const left = await Promise.all([...days, '2026-02-04'].map((date) => cache.load({ ...key, date })));
  deepEqual(
    left.map((found) => found !== null),
    [true, false, true, true],
  );
});

test('a lake that cannot be written costs a notice, not the replay', async () => {
  writeFileSync(join(folder, 'file'), '');
  const { cache, notices } = cacheIn('file');
  await cache.save(key, checkpoint);
  match(notices[0]!, /is not kept: Cannot write/);
  equal(await cache.load(key), null);
});
