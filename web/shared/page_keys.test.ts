import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnKey, type KeyTarget } from './page_keys.ts';

const target = (tagName: string, selectors: string, type?: string): KeyTarget => ({
  tagName,
  ...(type !== undefined && { type }),
  closest: (selector) => (selector.split(', ').some((one) => selectors.split(' ').includes(one)) ? {} : null),
});
const [text, select, box] = [
  target('INPUT', '', 'text'),
  target('SELECT', 'select'),
  target('INPUT', 'input[type="checkbox"]', 'checkbox'),
];
const [button, inDialog, page] = [target('BUTTON', 'button'), target('BUTTON', 'button dialog'), target('BODY', '')];

test('text fields and dialogs have all keys', () => {
  for (const key of ['3', ' ', 'ArrowLeft', 'Enter']) {
    for (const byPointer of [true, false]) {
      equal(isOwnKey(text, key, byPointer), true);
      equal(isOwnKey(inDialog, key, byPointer), true);
      equal(isOwnKey(target('INPUT', '', 'time'), key, byPointer), true);
    }
  }
});

test('a control that was reached by the keyboard has the keys that operate it', () => {
  for (const [element, key, isOwn] of [
    [button, ' ', true],
    [button, 'Enter', true],
    [button, 'ArrowLeft', false],
    [box, ' ', true],
    [box, '2', false],
    [select, 'ArrowDown', true],
    [select, '2', false],
    [page, ' ', false],
  ] as const) {
    equal(isOwnKey(element, key, false), isOwn, `${element.tagName} ${key}`);
  }
});

test('one that was clicked has none', () => {
  for (const element of [button, box, select, page]) {
    for (const key of [' ', 'Enter', 'ArrowDown', '2']) equal(isOwnKey(element, key, true), false);
  }
});
