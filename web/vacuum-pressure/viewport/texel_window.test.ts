import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, partsToPaint, runsInRing, type Stretch, type TexelWindow, texelWindow } from './texel_window.ts';
import { drawnViewport, type Viewport } from './viewport.ts';

const seed = 11;

/** Whole numbers in [0, below), from a seed. */
function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x7fffffff) * below) % below;
  };
}

const viewAt = (left: number, top: number, binsPerPx: number, ticksPerPx: number): Viewport =>
  drawnViewport({ left, top, binsPerPx, ticksPerPx, widthPx: 50, heightPx: 30 });

test('a window has the texel of every pixel, and is hardly larger', () => {
  const random = randomOf(seed);
  for (let round = 0; round < 500; round++) {
    const [bins, ticks] = [2 ** (random(10) - 6) * (1 + random(3) / 3), 2 ** (random(8) - 6) * (1 + random(3) / 3)];
    const view = viewAt(random(9000) / 7 - 200, random(9000) / 11 - 300, bins, ticks);
    const window = texelWindow(view, [bins, ticks], 50, 30);
    const said = `seed ${seed}, round ${round}`;
    for (const x of [0, 1, 24, 49]) {
      const column = bins > 1 ? Math.round(view.left / bins) + x : Math.floor(view.left + (x + 0.5) * bins);
      ok(column >= window.firstColumn && column < window.endColumn, said);
    }
    for (const y of [0, 1, 14, 29]) {
      const row = ticks > 1 ? Math.round(view.top / ticks) - y : Math.floor(view.top - (y + 0.5) * ticks + 0.5);
      ok(row >= window.firstRow && row < window.endRow, said);
    }
    ok(window.endColumn - window.firstColumn <= 55 && window.endRow - window.firstRow <= 35, said);
  }
});

test('changed bins are in the columns that show them', () => {
  deepEqual(columnsOf([5, 9], [0.25, 1]), [5, 9]);
  const [first, end] = columnsOf([64, 128], [5, 1]);
  ok(first <= 12 && end >= 26 && end - first <= 17, `${first}, ${end}`);
});

test('a ring that is painted part by part holds what it would if it was painted as a whole', () => {
  const random = randomOf(seed);
  const [width, height] = [37, 23];
  const ring = new Int32Array(width * height).fill(-1);
  // What a column shows: it has as many versions as it had changes.
  const versions = new Map<number, number>();
  const shownAt = (column: number, row: number) => column * 1000 + row * 20 + (versions.get(column) ?? 0);
  const at = (column: number, row: number) => {
    const [x, y] = [((column % width) + width) % width, ((row % height) + height) % height];
    return y * width + x;
  };
  let kept: TexelWindow | null = null;
  let painted = 0;
  let [left, low] = [-40, -15];
  for (let round = 0; round < 400; round++) {
    left += random(9) - 3;
    low += random(5) - 2;
    if (random(20) === 0) left += 500 - random(1000);
    const needed = { firstColumn: left, endColumn: left + width - random(4), firstRow: low, endRow: low + height - 2 };
    const changed: Stretch[] = Array.from({ length: random(4) }, () => {
      const first = left - 5 + random(width + 10);
      return [first, first + 1 + random(6)];
    });
    for (const [first, end] of changed) {
      for (let column = first; column < end; column++) versions.set(column, ((versions.get(column) ?? 0) + 1) % 20);
    }
    for (const { firstColumn, endColumn, firstRow, endRow } of partsToPaint(kept, needed, changed)) {
      for (const x of runsInRing(firstColumn, endColumn, width)) {
        for (const y of runsInRing(firstRow, endRow, height)) {
          ok(x.place + x.count <= width && y.place + y.count <= height);
          painted += x.count * y.count;
          for (let dx = 0; dx < x.count; dx++) {
            for (let dy = 0; dy < y.count; dy++) {
              ring[(y.place + dy) * width + x.place + dx] = shownAt(x.first + dx, y.first + dy);
            }
          }
        }
      }
    }
    kept = needed;
    for (let column = needed.firstColumn; column < needed.endColumn; column++) {
      for (let row = needed.firstRow; row < needed.endRow; row++) {
        ok(ring[at(column, row)] === shownAt(column, row), `seed ${seed}, round ${round}: ${column}, ${row}`);
      }
    }
  }
  ok(painted < 400 * width * height * 0.6, `${painted} texels`);
});

test('nothing is painted where nothing is new', () => {
  const window = { firstColumn: 3, endColumn: 9, firstRow: -2, endRow: 4 };
  deepEqual(partsToPaint(window, window, []), []);
  deepEqual(partsToPaint(window, window, [[0, 3]]), []);
  deepEqual(partsToPaint(window, window, [[8, 12]]), [{ ...window, firstColumn: 8 }]);
  deepEqual(partsToPaint(null, window, []), [window]);
});
