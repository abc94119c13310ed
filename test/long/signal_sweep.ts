import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { runCommand } from '../helpers/run_command.ts';
import { createTwoDaysLake, type TwoDaysLake, twoDays } from '../helpers/two_days_lake.ts';

/* A signal of the user from its file to its trades, by the commands that the docs name. */

let made: TwoDaysLake;
let folder = '';
let experiment = '';
let instrumentBefore: string | undefined;

before(async () => {
  made = await createTwoDaysLake();
  const { lake } = made;
  const root = lake.root;
  const instrument = join(root, 'instrument.yaml');
  writeFileSync(instrument, JSON.stringify({ ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 26 }));
  instrumentBefore = process.env.SPYMASTER_INSTRUMENT;
  process.env.SPYMASTER_INSTRUMENT = instrument;
  folder = lake.signals;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(lake.specs('serving'), 'mine.yaml'),
    'name: mine\npipeline: two_days\nsignal: {name: my_signal}\n',
  );
  experiment = join(lake.specs('experiments'), 'mine.yaml');
  writeFileSync(
    experiment,
    `name: mine
serving: mine
sessions: {dates: [${twoDays.join(', ')}], contract: fixed}
eval: {tp_ticks: 4, sl_ticks: 4, max_hold_bins: 60, warmup_bins: 50, cooldown_bins: 5, min_signals: 2}
sweep: {per_signal: {my_signal: {far_ticks: [3, 5], window_bins: [100]}}}
`,
  );
});
after(() => {
  if (instrumentBefore === undefined) delete process.env.SPYMASTER_INSTRUMENT;
  else process.env.SPYMASTER_INSTRUMENT = instrumentBefore;
  made.remove();
});

const inLake = (...words: string[]) => runCommand(...words, '--lake-root', made.lake.root);
const signalFile = () => join(folder, 'my_signal.ts');

test('a signal is written, checked, swept, and its trades are those of the code as it was', async () => {
  equal((await inLake('signal', 'new', 'my_signal')).code, 0);
  const refused = await inLake('run', experiment);
  match(
    refused.err,
    /SIGNAL_UNCHECKED.*my_signal\.ts as it is now has not been checked; run `npx spymaster signal check my_signal/,
  );
  const checked = await inLake('signal', 'check', 'my_signal', '--bins', '300', '--json');
  equal(checked.code, 0, checked.err + checked.out);
  const { source_hash: hash, passed } = JSON.parse(checked.out);
  equal(passed, true);
  const ran = await inLake('run', experiment, '--json');
  equal(ran.code, 0, ran.err);
  deepEqual([JSON.parse(ran.out).cells, JSON.parse(ran.out).ran], [2, 4]);
  const plan = JSON.parse((await inLake('run', experiment, '--dry-run', '--json')).out);
  const { runId } = plan.cells[0];
  const listed = JSON.parse((await inLake('list-signals', '--json')).out).signals.at(-1);
  deepEqual([listed.name, listed.source.hash, listed.source.check], ['my_signal', hash, 'passed']);
  const trades = await inLake('trades', runId, '--json');
  equal(trades.code, 0, trades.err);

  const text = readFileSync(signalFile(), 'utf8');
  writeFileSync(signalFile(), text.replace('tanh(score / 3)', '-tanh(score / 3)'));
  const changed = JSON.parse((await inLake('run', experiment, '--dry-run', '--json')).out);
  ok(changed.cells[0].runId !== runId && changed.cells[0].trialHash !== plan.cells[0].trialHash);
  equal((await inLake('trades', runId, '--json')).out, trades.out);
  rmSync(signalFile());
  const gone = await inLake('run', experiment, '--dry-run');
  match(gone.err, /There is no signal "my_signal"; the nearest is/);
  writeFileSync(signalFile(), text);
});

test('a signal that fails on a bin ends its cells with file, line and bin, an endless one with its last bin', async () => {
  const text = readFileSync(signalFile(), 'utf8');
  const wrong = text.replace(
    'const score = z.push',
    'if (z.count > 400) throw new RangeError("too late");\n        const score = z.push',
  );
  writeFileSync(signalFile(), wrong);
  // Fewer bins than it takes to fail: a check proves what its data shows.
  equal((await inLake('signal', 'check', 'my_signal', '--bins', '200')).code, 0);
  const failed = await inLake('run', experiment);
  match(failed.err, /failed at bin 401 in .*my_signal\.ts:\d+:\d+: RangeError: too late/);
  writeFileSync(
    signalFile(),
    text.replace('const score = z.push', 'while (z.count > 400) {}\n        const score = z.push'),
  );
  equal((await inLake('signal', 'check', 'my_signal', '--bins', '200')).code, 0);
  writeFileSync(experiment, `${readFileSync(experiment, 'utf8')}parallel: {timeout_seconds: 2}\n`);
  const endless = await inLake('run', experiment);
  match(endless.err, /it took longer than 2 s; the signal of .*my_signal\.ts was at bin 401/);
});
