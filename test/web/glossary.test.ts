import { deepEqual, equal, ok } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { gridColumns } from '../../src/engine/index.ts';
import { meaningOf, parseGlossary } from '../../web/shared/glossary.ts';
import { termOf } from '../../web/vacuum-pressure/viewport/layers.ts';

const root = resolve(import.meta.dirname, '../..');
const entries = parseGlossary(readFileSync(join(root, 'docs/glossary.md'), 'utf8'));

test('the table of the glossary is read row by row', () => {
  ok(entries.length > 40);
  equal(meaningOf(entries, 'depth'), 'displayed quantity at a price');
  equal(meaningOf(entries, 'pull'), meaningOf(entries, 'add, pull, fill'));
  equal(meaningOf(entries, 'no such word'), undefined);
  ok(entries.every(({ words, meaning }) => words !== '' && meaning !== '' && !/[|`]/.test(words + meaning)));
});

test('every layer, and every word that the page explains, has a meaning', () => {
  const sources = globSync('web/vacuum-pressure/view/*.tsx', { cwd: root }).map((path) =>
    readFileSync(join(root, path), 'utf8'),
  );
  const written = sources.flatMap((text) => [...text.matchAll(/\bword="([^"]+)"/g)].map(([, word = '']) => word));
  ok(written.length >= 12, written.join());
  const words = [
    ...gridColumns.map(([name]) => termOf(name)),
    ...written,
    'score',
    'd2',
    'd3',
    'bull',
    'bear',
    'mixed',
  ];
  deepEqual(
    [...new Set(words)].filter((word) => meaningOf(entries, word) === undefined),
    [],
  );
});
