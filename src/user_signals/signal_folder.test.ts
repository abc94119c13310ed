import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { SpymasterError } from '../errors.ts';
import { Lake } from '../lake/index.ts';
import type { DescribedSignal, DescribeOutcome } from './describe_signals.ts';
import { writeNewSignal } from './new_signal.ts';
import { findUserSignal, readUserSignals } from './signal_folder.ts';
import { assertChecked, storeCheck, storedDescription } from './signal_store.ts';

const definition = (name: string) =>
  `export default { name: '${name}', doc: 'none', columns: ['v_add'], parameters: [], thresholds: { kind: 'score', values: [1] },
  create: () => ({ update: () => 0, save() {}, restore() {} }) };\n`;

test('signals are found by their files, with the files that they import, or why they cannot be loaded', async () => {
  const folder = temporaryFolder('signals');
  const lake = new Lake(temporaryFolder('signals'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  await writeNewSignal(folder, 'fine');
  mkdirSync(join(folder, 'lib'));
  write('lib/two.ts', 'export const two: number = 2;\n');
  write('with_import.ts', `import { two } from './lib/two.ts';\nvoid two;\n${definition('with_import')}`);
  write('outside.ts', `import fs from 'node:fs';\nvoid fs;\n${definition('outside')}`);
  write('dynamic.ts', `await import('node:fs');\n${definition('dynamic')}`);
  write('above.ts', `import '../x.ts';\n${definition('above')}`);
  write('with_enum.ts', `enum A { B }\nvoid A;\n${definition('with_enum')}`);
  write('thrower.ts', `\nthrow new Error('not today');\n`);
  write('_helper.ts', 'never read');
  symlinkSync(join(folder, '_helper.ts'), join(folder, 'linked.ts'));
  const found = await readUserSignals({ lake, folder });
  const reason = (name: string) => (found.get(name) as SpymasterError).message;
  deepEqual([...found.keys()], 'above dynamic fine linked outside thrower with_enum with_import'.split(' '));
  deepEqual(Object.keys(sourceOf(found.get('with_import')).files), ['lib/two.ts', 'with_import.ts']);
  deepEqual(Object.keys(sourceOf(found.get('fine')).files), ['fine.ts']);
  match(reason('outside'), /outside\.ts: it imports "node:fs"; allowed: files of its folder/);
  match(reason('dynamic'), /it imports "node:fs"/);
  match(reason('above'), /it imports "\.\.\/x\.ts"/);
  match(reason('with_enum'), /with_enum\.ts.*enum is not supported.*types can be erased/);
  match(reason('thrower'), /thrower\.ts:2:7: not today\./);
  match(reason('linked'), /it is a link to a file outside of its folder/);
  await rejects(findUserSignal({ lake, folder }, 'fin'), {
    code: 'SPEC_UNKNOWN',
    message: /expected fin\.ts in .*there are above, /,
  });
});

test('the identity of a signal is its files and not their folder, and its check holds for it alone', async () => {
  const [a, b, root] = [temporaryFolder('signals'), temporaryFolder('signals'), temporaryFolder('signals')];
  const lake = new Lake(root);
  await writeNewSignal(a, 'one');
  cpSync(join(a, 'one.ts'), join(b, 'one.ts'));
  const [first, same] = [
    await findUserSignal({ lake, folder: a }, 'one'),
    await findUserSignal({ lake, folder: b }, 'one'),
  ];
  equal(first.source.hash, same.source.hash);
  await rejects(assertChecked(lake, first), {
    code: 'SIGNAL_UNCHECKED',
    message: /has not been checked; run `npx spymaster signal check one/,
  });
  const check = { checked_at_utc: '2026-01-01T00:00:00Z', dataset_id: null, code_version: 'test' };
  await storeCheck(lake, first.source.hash, { passed: false, ...check });
  await rejects(assertChecked(lake, first), /did not pass its check of 2026-01-01/);
  await storeCheck(lake, first.source.hash, { passed: true, ...check });
  await assertChecked(lake, same);
  writeFileSync(join(b, 'one.ts'), `${first.source.files['one.ts']} `);
  const changed = await findUserSignal({ lake, folder: b }, 'one');
  ok(changed.source.hash !== first.source.hash);
  await rejects(assertChecked(lake, changed), { code: 'SIGNAL_UNCHECKED' });
  await rejects(storedDescription(lake, 'one', changed.source.hash), { code: 'FILE_NOT_FOUND' });
});

function sourceOf(outcome: DescribeOutcome | undefined): DescribedSignal['source'] {
  ok(outcome !== undefined && !(outcome instanceof SpymasterError), String(outcome));
  return outcome.source;
}
