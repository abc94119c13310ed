import { equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './helpers/temporary_folder.ts';

const folder = temporaryFolder('reporter');

/** What the reporter prints for a run of this test file. */
function report(source: string): string {
  const file = join(folder, 'some.test.mjs');
  writeFileSync(file, `import { test } from 'node:test';\n${source}`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const reporter = join(import.meta.dirname, 'skipped_reporter.ts');
  return spawnSync(process.execPath, ['--test', `--test-reporter=${reporter}`, file], { env, encoding: 'utf8' }).stdout;
}

test('a run ends with one line for each reason to skip tests', () => {
  const skipped = ['no data', 'no data', 'no browser'].map((skip) => `test('t', { skip: '${skip}' }, () => {});`);
  equal(
    report(`test('runs', () => {});\n${skipped.join('\n')}`),
    '2 tests skipped: no data\n1 test skipped: no browser\n',
  );
});

test('a run without skipped tests ends without a line', () => {
  equal(report(`test('runs', () => {}); test('fails', () => { throw new Error(); });`), '');
});
