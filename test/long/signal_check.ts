import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import {
  type CheckReport,
  checkSignal,
  findUserSignal,
  madeColumns,
  writeNewSignal,
} from '../../src/user_signals/index.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const context = { radius: 20, binS: 0.1 };

async function check(folder: string, name: string, binCount = 400): Promise<CheckReport> {
  const signal = await findUserSignal({ lake: new Lake(folder), folder }, name);
  const columns = madeColumns(signal.description.columns, binCount, context);
  return await checkSignal(signal, { data: { columns, context, binCount }, stallMs: 2000 });
}

/** A signal whose `create` is `body`. */
const written = (name: string, body: string, before = '') =>
  `${before}
export default { name: '${name}', doc: 'wrong in one way', columns: ['v_add'], bound: null,
  parameters: [{ name: 'p', about: 'some number', default: 1, min: 0, max: 9 }], thresholds: { kind: 'score', values: [1] },
  create(parameters, context) {
${body}
  } };
`;
const stateless = (update: string) => `    return { update(bin) {\n${update}\n    }, save() {}, restore() {} };`;

/** Per wrong signal, its text, the check that tells, and what it says. */
const wrong: Readonly<Record<string, readonly [text: string, check: RegExp, found: RegExp]>> = {
  forgets_state: [
    written(
      'forgets_state',
      'let n = 0; return { update: (bin) => (n += bin.v_add[20] ?? 0), save() {}, restore() {} };',
    ),
    /restartable/,
    /at bin 240 the score is/,
  ],
  shares_state: [
    written('shares_state', stateless('return (total += bin.v_add[20]);'), 'let total = 0;'),
    /no shared state/,
    /the score is .* when it runs alone/,
  ],
  reads_clock: [
    written('reads_clock', stateless('return Date.now() % 2;')),
    /runs/,
    /bin 0 in .*reads_clock\.ts:\d+:\d+: .*it uses Date;/,
  ],
  throws_dice: [written('throws_dice', stateless('return Math.random();')), /runs/, /it uses Math\.random/],
  waits: [written('waits', stateless('setTimeout(() => {}, 1); return 0;')), /runs/, /it uses setTimeout/],
  asks_network: [
    written('asks_network', stateless("void fetch('http://localhost'); return 0;")),
    /runs/,
    /it uses fetch/,
  ],
  sorts_input: [
    written('sorts_input', stateless('bin.v_add.sort(); return 0;')),
    /inputs untouched/,
    /wrote into its input v_add/,
  ],
  divides: [written('divides', stateless('return 1 / 0;')), /runs/, /update gave Infinity/],
  breaks_late: [
    written('breaks_late', `let n = 0; ${stateless("if (++n === 300) throw new TypeError('late'); return 0;")}`),
    /runs/,
    /at bin 299 in .*breaks_late\.ts:6:\d+: TypeError: late/,
  ],
  goes_on: [
    written('goes_on', `let n = 0; ${stateless('while (++n > 100) {} return 0;')}`),
    /runs/,
    /did not come back at bin 100 within 2 s/,
  ],
  hoards: [
    written('hoards', `const kept = []; ${stateless('kept.push(new Float64Array(4096)); return 0;')}`),
    /memory/,
    /grew by \d+ KiB/,
  ],
  is_slow: [
    written('is_slow', stateless('let x = 0; for (let i = 0; i < 3e5; i++) x = (x * 3 + i) % 1000003; return x;')),
    /time per bin/,
    /median/,
  ],
};

test('each thing that may be wrong with a signal is found, and named', async () => {
  const folder = temporaryFolder('signals');
  for (const [name, [text, checked, found]] of Object.entries(wrong)) {
    writeFileSync(join(folder, `${name}.ts`), text);
    const { passed, rows } = await check(folder, name);
    equal(passed, false, name);
    const failed = rows.filter((row) => !row.passed);
    const row = failed.find((one) => checked.test(one.check));
    ok(row !== undefined, `${name}: ${JSON.stringify(failed)}`);
    match(row.found, found, name);
  }
});

test('functions of Math whose bits differ are reported, and tie the identity to the version of Node', async () => {
  const folder = temporaryFolder('signals');
  writeFileSync(join(folder, 'uses_math.ts'), written('uses_math', stateless('return Math.exp(-1) * bin.v_add[20];')));
  const { passed, notes } = await check(folder, 'uses_math');
  equal(passed, true);
  match(notes.join(), /^Math\.exp differs in the last bits between engines, so the results hold for Node v\d+/);
});

test('the written example passes, its types hold, and its test is green', async () => {
  const folder = temporaryFolder('signals');
  await writeNewSignal(folder, 'example');
  const { passed, rows, warmUpBins, notes } = await check(folder, 'example', 1000);
  deepEqual([rows.filter((row) => !row.passed), passed, warmUpBins, notes], [[], true, 49, []]);
  const root = join(import.meta.dirname, '../..');
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(folder, 'tsconfig.json')]);
  const hooks = `import { registerHooks } from 'node:module'; registerHooks({ resolve: (name, context, next) => next(name === 'spymaster/signal' ? ${JSON.stringify(`file://${root}/src/signals/public.ts`)} : name, context) });`;
  const preload = `data:text/javascript,${encodeURIComponent(hooks)}`;
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  execFileSync(process.execPath, ['--import', preload, '--test', join(folder, 'example.test.ts')], { env });
});
