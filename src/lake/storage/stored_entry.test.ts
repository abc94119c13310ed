import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../config/index.ts';
import { parseEntry, type StoredEntry } from './parse_entry.ts';
import { isPlainName } from './plain_name.ts';
import { dataKey, formatEntry, manifestKey } from './stored_entry.ts';

const text = '{"a":1}\n';
const small = { name: 'manifest.json', bytes: 8, sha256: sha256Hex(text), text };
const large = { name: 'grid.parquet', bytes: 9e9, sha256: sha256Hex('grid') };
const entry: StoredEntry = { format: 1, kind: 'folder', files: [small, large] };
const code = 'CHECKSUM_MISMATCH';
const parse = (value: unknown) => parseEntry(JSON.stringify(value), 's3://b/manifests/x.json');

test('the manifest of an entry is read as it was written', () => {
  deepEqual(parseEntry(formatEntry(entry), 'x'), entry);
  equal(manifestKey('research/d'), 'manifests/research/d.json');
  equal(dataKey('research/d', large), `data/research/d/${large.sha256}/grid.parquet`);
});

test('a manifest that was changed, or that leads out of its entry, is refused by its address', () => {
  const files = (file: object) => ({ ...entry, files: [file] });
  const wrong: readonly [unknown, RegExp][] = [
    [files({ ...small, text: '{"a":2}\n' }), /the text of manifest\.json was changed/],
    [files({ ...large, sha256: 'abc' }), /sha256/],
    [files({ ...large, bytes: -1 }), /bytes/],
    [{ ...entry, format: 2 }, /format/],
    [{ ...entry, extra: 1 }, /extra/],
    [{ ...entry, files: [] }, /files/],
    [{ ...entry, files: [large, large] }, /named twice/],
    [{ ...entry, kind: 'file' }, /several/],
    ...['../x', '..', '.hidden', 'a/b', 'a\\b', '', 'a\0b', '/etc/passwd'].map(
      (name) => [files({ ...large, name }), /name/] as [unknown, RegExp],
    ),
  ];
  for (const [value, message] of wrong) throws(() => parse(value), { code, message }, JSON.stringify(value));
  throws(() => parseEntry('{"format":1', 's3://b/manifests/x.json'), { code, message: /s3:\/\/b\/manifests\/x\.json/ });
  equal(isPlainName('part-000001770000000-3f9c2a1b'), true);
  equal(isPlainName('a/../../b'), false);
});
