import { deepEqual, equal, rejects } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { compressSeekable, isZstdOf } from './zstd_seekable.ts';

const folder = temporaryFolder('seekable');
const source = join(folder, 'source.bin');
const target = join(folder, 'source.bin.zst');
const content = Buffer.alloc((9 << 20) + 5);
for (let i = 0, x = 7; i < content.length; i += 3) {
  x = (x * 1_103_515_245 + 12_345) % 2 ** 31;
  content[i] = x % 11;
}
writeFileSync(source, content);

test('each frame of a seekable file can be read by itself, as the table behind them says', async () => {
  await compressSeekable(source, target);
  const bytes = readFileSync(target);
  const table = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  deepEqual([table.getUint32(bytes.length - 4, true), table.getUint32(bytes.length - 9, true)], [0x8f92eab1, 3]);
  let [at, from] = [0, 0];
  const entries = bytes.length - 9 - 3 * 8;
  equal(table.getUint32(entries - 8, true), 0x184d2a5e);
  for (let i = 0; i < 3; i++) {
    const [compressed, size] = [table.getUint32(entries + 8 * i, true), table.getUint32(entries + 8 * i + 4, true)];
    deepEqual(zstdDecompressSync(bytes.subarray(at, at + compressed)), content.subarray(from, from + size));
    at += compressed;
    from += size;
  }
  deepEqual([at, from], [entries - 8, content.length]);
  equal(await isZstdOf(target, source), true);
});

test('a damaged, a cut and another file are told from the right one', async () => {
  const whole = readFileSync(target);
  const other = join(folder, 'other.zst');
  const damaged = Buffer.from(whole);
  damaged[1000] = (damaged[1000] ?? 0) ^ 1;
  for (const bytes of [damaged, whole.subarray(0, whole.length >> 1), Buffer.alloc(0)]) {
    writeFileSync(other, bytes);
    equal(await isZstdOf(other, source), false);
  }
});

test('an interrupted compression leaves nothing', async () => {
  const stopped = join(folder, 'stopped.zst');
  const stop = new AbortController();
  const options = { signal: stop.signal, onProgress: () => stop.abort() };
  await rejects(compressSeekable(source, stopped, options), { name: 'AbortError' });
  deepEqual([existsSync(stopped), readdirSync(folder).filter((name) => name.includes('stopped'))], [false, []]);
});
