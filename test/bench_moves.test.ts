import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { moveOf } from '../bench/command/against.ts';

test('pairs that agree are a move beyond their noise, pairs that differ are not', () => {
  const clear = moveOf([0.1, 0.11, 0.1, 0.09, 0.1]);
  ok(Math.abs(Math.log(clear.ratio) - 0.1) < 1e-12 && Math.log(clear.ratio) > clear.noise);
  const unclear = moveOf([0.1, -0.2, 0.05, 0.3, -0.1]);
  ok(Math.log(unclear.ratio) < unclear.noise);
  equal(moveOf([0.2, 0.2, 0.2]).noise, 0);
});
