import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Viewport } from '../viewport/viewport.ts';
import { placeIn, roomyView } from './scrolled_picture.ts';

const view: Viewport = { left: 400, binsPerPx: 4, top: 100, ticksPerPx: 0.1, widthPx: 200, heightPx: 80 };

test('a view lies in its picture by the room around it, in device pixels', () => {
  deepEqual(placeIn(roomyView(view, 2, true), view, 2), [100, 20]);
  deepEqual(placeIn(roomyView(view, 1.25, true), view, 1.25), [62, 12]);
  deepEqual(placeIn(roomyView(view, 2, false), view, 2), [100, 0]);
});

test('a view that moved lies elsewhere in the picture until it leaves it', () => {
  const painted = roomyView(view, 1, true);
  const moved = (xPx: number, yPx: number) =>
    placeIn(painted, { ...view, left: view.left + xPx * 4, top: view.top - yPx * 0.1 }, 1);
  deepEqual(moved(-50, 0), [0, 10]);
  equal(moved(-51, 0), null);
  deepEqual(moved(50, 10), [100, 20]);
  equal(moved(51, 0), null);
  equal(moved(0, 11), null);
  equal(moved(0.5, 0), null, 'between pixels');
});
