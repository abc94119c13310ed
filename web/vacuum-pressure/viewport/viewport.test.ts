import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  drawnViewport,
  follow,
  pan,
  priceAt,
  resize,
  seqAt,
  tickAt,
  timeAt,
  type Viewport,
  visibleBins,
  visibleGroups,
  visibleTicks,
  xOf,
  yOf,
  zoomPrice,
  zoomTime,
  zoomToBox,
} from './viewport.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const views = fc.record<Viewport>({
  left: number(-100, 1e6),
  binsPerPx: number(1 / 60, 60),
  top: number(0, 1e5),
  ticksPerPx: number(1 / 60, 7),
  widthPx: fc.integer({ min: 50, max: 4000 }),
  heightPx: fc.integer({ min: 50, max: 3000 }),
});
const near = (a: number, b: number) => ok(Math.abs(a - b) <= 1e-6 * (1 + Math.abs(b)), `${a} is not ${b}`);

test('zooming keeps what is under the pointer, however often and however far', () => {
  fc.assert(
    fc.property(
      views,
      number(0, 1000),
      number(0, 1000),
      fc.array(number(0.2, 5), { maxLength: 12 }),
      (view, x, y, factors) => {
        const [time, price] = [timeAt(view, x), priceAt(view, y)];
        let zoomed = view;
        for (const factor of factors) zoomed = zoomPrice(zoomTime(zoomed, factor, x), factor, y);
        near(timeAt(zoomed, x), time);
        near(priceAt(zoomed, y), price);
        ok(zoomed.binsPerPx >= 1 / 64 && zoomed.binsPerPx <= 64 && zoomed.ticksPerPx <= 8);
      },
    ),
  );
});

test('panning moves the picture with the pointer; pixels and positions are inverse', () => {
  fc.assert(
    fc.property(views, number(-500, 500), number(-500, 500), (view, dx, dy) => {
      const moved = pan(view, dx, dy);
      near(timeAt(moved, 40 + dx), timeAt(view, 40));
      near(priceAt(moved, 40 + dy), priceAt(view, 40));
      near(xOf(view, timeAt(view, 123)), 123);
      near(yOf(view, priceAt(view, 123)), 123);
    }),
  );
});

test('a box fills the chart', () => {
  const view: Viewport = { left: 0, binsPerPx: 1, top: 100, ticksPerPx: 0.2, widthPx: 400, heightPx: 200 };
  const zoomed = zoomToBox(view, 300, 150, 100, 50);
  near(timeAt(zoomed, 0), 100);
  near(timeAt(zoomed, 400), 300);
  near(priceAt(zoomed, 0), 90);
  near(priceAt(zoomed, 200), 70);
});

test('bins and ticks cover the pixels that draw them', () => {
  const view: Viewport = { left: 10, binsPerPx: 0.25, top: 50.5, ticksPerPx: 0.1, widthPx: 40, heightPx: 100 };
  deepEqual(visibleBins(view), [10, 20]);
  deepEqual(visibleTicks(view), [41, 52]);
  deepEqual([seqAt(view, 0), seqAt(view, 3.9), seqAt(view, 4)], [10, 10, 11]);
  deepEqual([tickAt(view, 1), tickAt(view, 9.9), tickAt(view, 10.1)], [50, 50, 49]);
  deepEqual(visibleGroups({ ...view, left: 10, binsPerPx: 4 }), [2, 43]);
  deepEqual(visibleGroups({ ...view, left: -900 }), [0, 0]);
});

test('drawn edges lie on whole pixels of bins, less than half a pixel away', () => {
  fc.assert(
    fc.property(views, fc.constantFrom(1, 1.25, 2), (view, ratio) => {
      const drawn = drawnViewport(view, ratio);
      const step = view.binsPerPx / ratio;
      near(drawn.left / step, Math.round(drawn.left / step));
      ok(Math.abs(drawn.left - view.left) <= step / 2 + 1e-9);
    }),
  );
});

test('resizing keeps the newest bins and the middle price', () => {
  fc.assert(
    fc.property(views, (view) => {
      const resized = resize(view, 777, 333);
      near(timeAt(resized, 777), timeAt(view, view.widthPx));
      near(priceAt(resized, 333 / 2), priceAt(view, view.heightPx / 2));
    }),
  );
});

test('follow modes hold spot where they say', () => {
  const view: Viewport = { left: 0, binsPerPx: 0.5, top: 110, ticksPerPx: 0.1, widthPx: 200, heightPx: 200 };
  equal(timeAt(follow(view, 'locked', 49, 500), 200), 50);
  equal(follow(view, 'locked', 49, 500).top, 110);
  equal(yOf(follow(view, 'centre', 49, 500), 500), 100);
  equal(follow(view, 'margin', 49, 100).top, 110, 'spot is inside the margins');
  near(yOf(follow(view, 'margin', 49, 500), 500), 40);
  near(yOf(follow(view, 'margin', 49, 20), 20), 160);
  equal(follow(view, 'centre', 49, Number.NaN).top, 110);
});
