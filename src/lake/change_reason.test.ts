import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { checkedReason } from './index.ts';

test('a reason is one line of plain text', () => {
  equal(checkedReason('  better\n than before '), 'better than before');
  for (const text of ['', '   ', 'x'.repeat(501), 'a\u0007b']) {
    throws(() => checkedReason(text), { code: 'USAGE', message: /expected 1 to 500 characters of plain text/ });
  }
});
