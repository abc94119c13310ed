import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { Command } from 'commander';
import { writeContractDay, writeSessionsExperiment } from '../../test/helpers/contract_day.ts';
import { FakeDatabento } from '../../test/helpers/fake_databento.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultTiming } from '../databento/historical/index.ts';
import { Lake } from '../lake/index.ts';
import { addDownloadCommand } from './download.ts';
import { Output } from './output.ts';
import { addSessionsCommand } from './sessions.ts';

const folder = temporaryFolder('sessions-cli');
const timing = { ...defaultTiming, backoffMs: 2, maxBackoffMs: 5, pollMs: 2, maxPollMs: 5, settleMs: 20 };
let server: FakeDatabento;
let lakes = 0;
let lake: Lake;

beforeEach(async () => {
  server = new FakeDatabento();
  await server.listen();
  server.mappings.set('MNQ.v.0', [
    { d0: '2026-03-01', d1: '2026-03-17', s: '4200' },
    { d0: '2026-03-17', d1: '2026-04-01', s: '4300' },
  ]);
  server.mappings.set('4200', [{ d0: '2026-01-01', d1: '2026-03-21', s: 'MNQH6' }]);
  server.mappings.set('4300', [{ d0: '2026-01-01', d1: '2026-06-21', s: 'MNQM6' }]);
  lake = new Lake(join(folder, `lake${lakes++}`));
});
afterEach(() => server.close());

async function spymaster(words: readonly string[], apiKey = server.apiKey) {
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text[name] += chunk.toString();
        done();
      },
    });
  const output = new Output({ stdout: stream('out'), stderr: stream('err') });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  const cli = { output, interruptSignal: () => new AbortController().signal };
  const deps = { apiKey, baseUrl: server.url, timing, ask: null };
  addSessionsCommand(program.command('sessions'), cli, deps);
  addDownloadCommand(program.command('download'), cli, deps);
  const all = [...words, '--lake-root', lake.root];
  await program
    .parseAsync(all, { from: 'user' })
    .catch((error: unknown) => output.error(error, all.includes('--json')));
  doesNotMatch(text.out + text.err, new RegExp(server.apiKey));
  return { code: output.exitCode, ...text };
}

const rolling = '{from: 2026-03-13, to: 2026-03-18, contract: previous_volume, exclude: [2026-03-18], holdout: 1}';

test('ls lists the sessions, plan also what is left out, missing and to be made', async () => {
  for (const date of ['2026-02-13', '2026-02-16']) writeContractDay(lake, date, { MNQH6: 1 });
  const spec = writeSessionsExperiment(
    lake,
    '{from: 2026-02-13, to: 2026-02-17, early_close: clip, final: 2026-03-31}',
  );
  const ls = await spymaster(['sessions', 'ls', spec]);
  match(ls.out, /^session +contract +window +bins +raw file +dataset +note\n/);
  match(ls.out, /2026-02-13 {2}MNQH6 +09:30-16:00 +234,000 {2}glbx-mdp3-20260213\.MNQH6\.mbo\.dbn {2}to be made\n/);
  match(
    ls.out,
    /2026-02-16 {2}MNQH6 +09:30-13:00 +126,000 .*Presidents' Day, the exchange ends at 13:00\n2 sessions; 1 missing\./,
  );
  const plan = await spymaster(['sessions', 'plan', spec], '');
  match(
    plan.out,
    /Missing \(the experiment cannot run without\):\n {2}2026-02-17 {2}the lake has no raw file of MNQH6\n/,
  );
  match(plan.out, /Verdicts are interim before 2026-03-31\.\nTo be made: 2 datasets, at most [\d.]+ MB\./);
  match(plan.out, /What the missing files would cost is not known: no key in DATABENTO_API_KEY to ask with\.\n$/);
  const json = JSON.parse((await spymaster(['sessions', 'plan', spec, '--json'])).out) as Record<string, unknown>;
  deepEqual([json.n_sessions, json.download_cost_usd, json.download_unknown], [2, 1.25, null]);
  deepEqual(json.missing, [
    ...[{ date: '2026-02-17', symbol: 'MNQH6', file_date: '2026-02-17', reason: 'the lake has no raw file of MNQH6' }],
  ]);
  equal(existsSync(join(lake.root, 'raw', 'source=databento', 'downloads.sqlite')), false);
  match(
    (await spymaster(['sessions', 'plan', spec])).out,
    /To download: 1 session, 800 kB uncompressed, \$1\.25 at Databento\./,
  );
});

test('download --for fills exactly the missing days, each with the contract that the rule names', async () => {
  const spec = writeSessionsExperiment(lake, rolling);
  writeContractDay(lake, '2026-03-13', { MNQH6: 1 });
  const dry = await spymaster(['download', 'futures', '--for', spec, '--dry-run']);
  match(dry.out, /2026-03-16 {2}MNQH6 +to buy .*\n2026-03-17 {2}MNQM6 +to buy /);
  match(dry.out, /To buy: 2 sessions, .* uncompressed, \$2\.50\./);
  const kept = join(lake.rawFolder('future_mbo', 'MNQH6'), '..', 'previous_volume.json');
  equal(existsSync(kept), false);
  match((await spymaster(['sessions', 'plan', spec])).out, /To download: 2 sessions/);
  for (const [date, symbol] of [
    ['2026-03-16', 'MNQH6'],
    ['2026-03-17', 'MNQM6'],
  ] as const) {
    const elsewhere = new Lake(join(folder, 'vendor'));
    server.data.set(`${symbol} ${date}`, readFileSync(writeContractDay(elsewhere, date, { [symbol]: 1 })));
  }
  equal((await spymaster(['download', 'futures', '--for', spec, '--yes'])).code, 0);
  equal(server.jobs.length, 2);
  equal(existsSync(kept), true);
  // What Databento said of the contracts is known without it from now on.
  const plan = await spymaster(['sessions', 'plan', spec], '');
  match(
    plan.out,
    /2026-03-17 {2}MNQM6 .*by volume, from Databento; holdout\n3 sessions, 1 of them locked as holdout; 1 day left out\./,
  );
  match(plan.out, /Rolls:\n {2}2026-03-17 {2}MNQH6 to MNQM6\n/);
  doesNotMatch(plan.out, /Missing|not known/);
  const again = await spymaster(['download', 'futures', '--for', spec, '--yes']);
  match(again.out, /Nothing to download: 3 sessions of e have their files\./);
  equal(server.jobs.length, 2);
});

test('specs of sessions are sound, and their columns are known', async () => {
  const spec = writeSessionsExperiment(lake, '{dates: [2026-03-13]}', 'pipeline: {columns: [k, v_add]}\n');
  const validated = async (path: string) => {
    const { code, out, err } = await runCommand('validate', path, '--lake-root', lake.root);
    return [code, out.replace(/^\S+ is /, '').trim(), err.trim()];
  };
  const pipeline = join(lake.specs('pipelines'), 'p.yaml');
  const sound = [pipeline, join(lake.specs('serving'), 's.yaml'), spec];
  deepEqual(await Promise.all(sound.map(validated)), [
    [0, 'a sound pipeline: its days are given by the sessions of experiments.', ''],
    [0, 'a sound serving: derivative on the sessions of experiments.', ''],
    [0, 'a sound experiment: 1 cell of derivative on each of its sessions.', ''],
  ]);
  writeSessionsExperiment(lake, '{dates: [2026-03-13]}', 'pipeline: {columns: [k, v_ad]}\n');
  const [code, , err] = await validated(spec);
  equal(code, 1);
  match(String(err), /p\.yaml:4:25: there is no column "v_ad"; the nearest is "v_add"/);
  match((await runCommand('generate', pipeline, '--lake-root', lake.root)).err, /capture\.dt.* may leave it out/);
});

test('what is not about sessions is refused', async () => {
  const spec = writeSessionsExperiment(lake, rolling);
  match((await spymaster(['download', 'equities', '--for', spec])).err, /is of future_mbo; use `download futures`/);
  const both = await spymaster(['download', 'futures', '--for', spec, '--symbol', 'MNQ']);
  deepEqual([both.code, server.asked.length], [2, 0]);
  match(both.err, /with --for, the experiment gives symbol, dates and schema/);
  match(
    (await spymaster(['download', 'futures'])).err,
    /--symbol <symbol> is missing; give --symbol and --from, or --for/,
  );
  const one = await spymaster(['sessions', 'ls', 'configs/experiments/sweep_derivative.yaml']);
  match(one.err, /expected an experiment with a block `sessions`/);
});

test('a contract that was compared with no other is said to be so, key or not', async () => {
  for (const date of ['2026-03-12', '2026-03-13']) writeContractDay(lake, date, { MNQH6: 1 });
  const spec = writeSessionsExperiment(lake, '{dates: [2026-03-13], contract: previous_volume}');
  const plan = await spymaster(['sessions', 'plan', spec], '');
  match(plan.out, /2026-03-13 {2}MNQH6 .*alone on file the session before\n/);
  match(
    plan.out,
    /Databento was not asked which contracts were most traded: no key in DATABENTO_API_KEY to ask with\.\n$/,
  );
  match((await spymaster(['sessions', 'plan', spec])).out, /2026-03-13 {2}MNQH6 .*by volume, from Databento\n/);
});

test('a server that cannot be reached costs the price, not the plan', async () => {
  const spec = writeSessionsExperiment(lake, '{dates: [2026-03-13]}');
  server.fail('metadata.get_dataset_condition', ...Array.from({ length: 9 }, () => refuseAll));
  const plan = await spymaster(['sessions', 'plan', spec]);
  equal(plan.code, 0);
  match(plan.out, /What the missing files would cost is not known: /);
});

function refuseAll(_request: unknown, response: { destroy(): unknown }): boolean {
  response.destroy();
  return true;
}
