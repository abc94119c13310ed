import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { KeptScale } from './kept_scale.ts';
import { layerOf } from './layers.ts';
import { defaultScale } from './scale_choice.ts';

test('automatic cut-offs are taken afresh every 20 bins, and change when they are clearly off', () => {
  const store = fakeStore();
  const layer = layerOf('rest_depth', store.contract);
  const put = (seq: number, depth: number) =>
    store.put(
      fakeUpdate(seq),
      fakeFrame(5, () => depth),
    );
  const kept = new KeptScale();
  const choose = () => kept.choose(layer, defaultScale(layer), store, 0, store.newest + 1);
  put(0, 10);
  const first = choose();
  equal(first.isNew, true);
  equal(Math.round(first.scale.high), 10);
  for (let seq = 1; seq < 20; seq++) put(seq, 400);
  equal(choose().scale, first.scale);
  put(20, 400);
  const second = choose();
  equal(second.isNew, true);
  ok(second.scale.high > 200);
  for (let seq = 21; seq < 60; seq++) put(seq, 400);
  equal(choose().isNew, false);
  kept.clear();
  equal(choose().isNew, true);
});
