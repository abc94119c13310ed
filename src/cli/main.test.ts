import { deepEqual, equal, match } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const binary = join(import.meta.dirname, '../../bin/spymaster.js');

function run(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary, ...words], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

test('--help shows examples on stdout and exits 0', () => {
  const { code, out, err } = run('--help');
  deepEqual([code, err], [0, '']);
  match(out, /Usage: spymaster/);
  match(out, /npx spymaster replay/);
});

test('an unknown command is a usage error: one sentence on stderr, exit 2', () => {
  const { code, out, err } = run('replya');
  deepEqual([code, out], [2, '']);
  match(err, /^Error \[USAGE\]: [A-Z].*--help.*\n$/);
  equal(err.split('\n').length, 2);
});

test('with --json an error is the one JSON object on stdout', () => {
  const { code, out, err } = run('--no-such-option', '--json');
  deepEqual([code, err], [2, '']);
  const { error } = JSON.parse(out) as { error: { code: string; message: string } };
  equal(error.code, 'USAGE');
  match(error.message, /--no-such-option/);
});
