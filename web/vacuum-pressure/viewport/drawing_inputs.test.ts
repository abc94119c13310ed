import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { DrawingInputs } from './drawing_inputs.ts';

test('inputs change when a value, their number or their type does', () => {
  const inputs = new DrawingInputs();
  equal(inputs.change([1, 'dark']), true, 'the first');
  equal(inputs.change([1, 'dark']), false);
  equal(inputs.change([1, 'light']), true);
  equal(inputs.change(['1', 'light']), true, 'a text is no number');
  equal(inputs.change(['1', 'light', 0]), true);
  equal(inputs.change(['1', 'light']), true);
});

test('inputs that are not a number stay the same, and texts are not joined', () => {
  const inputs = new DrawingInputs();
  inputs.change([Number.NaN]);
  equal(inputs.change([Number.NaN]), false);
  inputs.change(['a b', 'c']);
  equal(inputs.change(['a', 'b c']), true);
});

test('cleared inputs change with the next call, even from none to none', () => {
  const inputs = new DrawingInputs();
  equal(inputs.change([]), true);
  equal(inputs.change([]), false);
  inputs.clear();
  equal(inputs.change([]), true);
});
