import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { ColumnName } from '../../../src/engine/index.ts';
import { fakeFrame } from '../../../test/web/fake_session.ts';
import type { CellArchive } from './cell_archive.ts';
import { type ChunkBytes, chunkBins } from './cell_chunk.ts';
import { CellPages } from './cell_pages.ts';

const columns = new Map([
  ['flow_score', 'float32'],
  ['v_add', 'float16'],
  ['rest_depth', 'float32'],
] as const);
const names = [...columns.keys()];
const rows = 3;

/** An archive in memory that answers later. */
class FakeArchive implements CellArchive {
  readonly #chunks = new Map<string, ChunkBytes>();
  isFull = false;
  isBroken = false;

  async write(page: number, chunks: ReadonlyMap<ColumnName, ChunkBytes>): Promise<void> {
    const copies = structuredClone([...chunks]);
    await setImmediate();
    if (this.isFull) throw new Error('no room');
    for (const [name, bytes] of copies) this.#chunks.set(`${name} ${page}`, bytes);
  }
  async readPage(page: number, wanted: readonly ColumnName[]): Promise<ReadonlyMap<ColumnName, ChunkBytes>> {
    await setImmediate();
    if (this.isBroken) throw new Error('broken');
    return structuredClone(new Map(wanted.map((name) => [name, this.#chunks.get(`${name} ${page}`)!])));
  }
  async readColumn(name: ColumnName): Promise<ReadonlyMap<number, ChunkBytes>> {
    await setImmediate();
    const own = [...this.#chunks].filter(([key]) => key.startsWith(`${name} `));
    return structuredClone(new Map(own.map(([key, bytes]) => [Number(key.split(' ')[1]), bytes])));
  }
  close(): void {}
}

const pagesOf = (pages: number, archive: CellArchive | null, detailBytes = 1e9) =>
  new CellPages(rows, pages * chunkBins, columns, archive, detailBytes);
const put = (cells: CellPages, slot: number, value: number) =>
  cells.write(
    slot,
    fakeFrame(1, (_name, row) => value + row),
  );
/** The cells that a slot written with `value` has. */
const read = (cells: CellPages, name: ColumnName, slot: number) => [0, 1, 2].map((row) => cells.read(name, slot, row));
const written = (value: number) => [value, value + 1, value + 2];

test('what was written last is at hand or can be loaded, in whatever order bins come, are loaded and columns kept', async () => {
  const slot = fc.integer({ min: 0, max: 20 * chunkBins - 1 });
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ write: slot }) },
    { weight: 2, arbitrary: fc.record({ load: slot }) },
    { weight: 1, arbitrary: fc.record({ keep: fc.subarray(names) }) },
    { weight: 2, arbitrary: fc.constant({ wait: true }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const cells = pagesOf(20, new FakeArchive());
      const values = new Map<number, number>();
      for (const [index, each] of steps.entries()) {
        if ('write' in each) {
          values.set(each.write, index);
          put(cells, each.write, index);
          deepEqual(read(cells, 'v_add', each.write), written(index));
        } else if ('load' in each) void cells.load(each.load);
        else if ('keep' in each) void cells.keep(each.keep);
        else await setImmediate();
      }
      for (const [at, value] of values) {
        await cells.load(at);
        for (const name of names) deepEqual(read(cells, name, at), written(value), `${name} ${at}`);
      }
    }),
    { numRuns: 60 },
  );
});

test('few pages are at hand, and all of a kept column', async () => {
  const cells = pagesOf(40, new FakeArchive());
  equal(cells.keep(['flow_score']), null);
  for (let page = 0; page < 40; page++) {
    for (let at = 0; at < chunkBins; at += 50) put(cells, page * chunkBins + at, page);
    await setImmediate();
    await setImmediate();
  }
  const at = (page: number) => page * chunkBins;
  deepEqual(
    [0, 20, 33, 39].map((page) => cells.has('v_add', at(page))),
    [false, false, false, true],
  );
  ok(Number.isNaN(cells.read('v_add', at(3), 0)));
  deepEqual(read(cells, 'flow_score', at(3)), written(3));
  const pageBytes = chunkBins * (10 * rows + 2);
  ok(cells.bytes < 40 * 4 * chunkBins * rows + 9 * pageBytes, `${cells.bytes}`);

  const { bytes } = cells;
  await cells.keep(['flow_score', 'rest_depth']);
  ok(cells.bytes > bytes + 30 * 4 * chunkBins * rows);
  deepEqual(read(cells, 'rest_depth', at(7)), written(7));
  equal(cells.has('v_add', at(7)), false);
  await cells.load(at(7));
  deepEqual(read(cells, 'v_add', at(7)), written(7));
  equal(cells.load(at(7)), null);
  cells.keep([]);
  ok(cells.bytes < bytes);
  equal(cells.has('rest_depth', at(3)), false);
});

test('bins that come again to a page that was put aside leave its others as they are', async () => {
  const cells = pagesOf(12, new FakeArchive());
  for (let page = 0; page < 12; page++) {
    put(cells, page * chunkBins, page);
    put(cells, page * chunkBins + 1, page);
    await setImmediate();
    await setImmediate();
  }
  equal(cells.has('v_add', 0), false);
  put(cells, 0, 500);
  deepEqual([cells.has('v_add', 0), cells.has('v_add', 1)], [true, false]);
  await cells.load(1);
  deepEqual([read(cells, 'v_add', 0), read(cells, 'v_add', 1)], [written(500), written(0)]);
});

test('without room in the archive all is in memory, and half floats give way, the oldest first', async () => {
  const archive = new FakeArchive();
  archive.isFull = true;
  const cells = pagesOf(20, archive, 8 * chunkBins * (2 * rows + 2));
  for (let page = 0; page < 20; page++) {
    put(cells, page * chunkBins, page);
    await setImmediate();
    await setImmediate();
  }
  deepEqual(read(cells, 'flow_score', 0), written(0));
  deepEqual([cells.has('v_add', 0), cells.has('v_add', 19 * chunkBins)], [false, true]);
  put(cells, 5, 9);
  deepEqual(read(cells, 'v_add', 5), written(9));
  ok(Number.isNaN(cells.read('v_add', 0, 0)));
});

test('a page that cannot be read again is unknown, and is not asked for twice', async () => {
  const archive = new FakeArchive();
  const cells = pagesOf(12, archive);
  for (let page = 0; page < 12; page++) {
    put(cells, page * chunkBins, page);
    await setImmediate();
    await setImmediate();
  }
  archive.isBroken = true;
  await cells.load(0);
  equal(cells.has('v_add', 0), false);
  equal(cells.load(0), null);
});
