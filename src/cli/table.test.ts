import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './table.ts';

test('a table lines its columns up and has no trailing space', () => {
  const text = formatTable(
    [{ title: 'action' }, { title: 'records', align: 'right' }],
    [
      ['A', '1,234'],
      ['C', '7'],
    ],
  );
  equal(text, 'action  records\n──────  ───────\nA         1,234\nC             7');
});
