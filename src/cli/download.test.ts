import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { Command } from 'commander';
import { FakeDatabento, refusals, refuse } from '../../test/helpers/fake_databento.ts';
import { defaultTiming } from '../databento/historical/index.ts';
import { Lake } from '../lake/index.ts';
import { addDownloadCommand, type DownloadDeps } from './download.ts';
import { Output } from './output.ts';
import { planSession, writeSyntheticSession } from './session_file.ts';

let server: FakeDatabento;
let root: string;
const timing = { ...defaultTiming, backoffMs: 2, maxBackoffMs: 5, pollMs: 2, maxPollMs: 5, settleMs: 20 };

beforeEach(async () => {
  server = new FakeDatabento();
  await server.listen();
  server.mappings.set('MNQ.v.0', [{ d0: '2026-02-01', d1: '2026-03-01', s: '4200' }]);
  server.mappings.set('4200', [{ d0: '2026-01-01', d1: '2026-03-21', s: 'MNQH6' }]);
  root = mkdtempSync(join(tmpdir(), 'spymaster-download-cli-'));
});
afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

async function spymaster(ask: DownloadDeps['ask'], ...words: string[]) {
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
  addDownloadCommand(program.command('download'), cli, { apiKey: server.apiKey, baseUrl: server.url, timing, ask });
  const all = ['download', ...words, '--lake-root', root];
  await program
    .parseAsync(all, { from: 'user' })
    .catch((error: unknown) => output.error(error, all.includes('--json')));
  doesNotMatch(text.out + text.err, new RegExp(server.apiKey));
  return { code: output.exitCode, ...text };
}

const futures = ['futures', '--symbol', 'MNQ', '--from', '2026-02-05', '--to', '2026-02-06'];

test('the cost is shown, and nothing is ordered before the user agrees', async () => {
  const dry = await spymaster(null, ...futures, '--dry-run');
  match(dry.out, /2026-02-05 {2}MNQH6 {3}to buy {2}800 kB {2}\$1\.25\n/);
  match(dry.out, /To buy: 2 sessions, 1\.60 MB uncompressed, \$2\.50\./);
  const alone = await spymaster(null, ...futures);
  equal(alone.code, 2);
  match(
    alone.err,
    /Nothing ordered: 2 sessions would cost \$2\.50, and there is no terminal to confirm on; pass --yes/,
  );
  const questions: string[] = [];
  const no = await spymaster(async (question) => questions.push(question) < 0, ...futures);
  deepEqual(questions, ['Buy 2 sessions for $2.50? [y/N] ']);
  match(no.err, /Nothing was ordered/);
  equal(server.jobs.length, 0);
  const yes = await spymaster(async () => true, ...futures);
  match(yes.out, /Downloaded and verified 2 sessions, 400 kB:/);
  equal(server.jobs.length, 2);
});

test('--json gives one object, status tells what was ordered', async () => {
  const done = JSON.parse((await spymaster(null, ...futures, '--yes', '--json')).out) as {
    cost_usd: number;
    downloaded: { path: string; state: string }[];
  };
  equal(done.cost_usd, 2.5);
  deepEqual(
    done.downloaded.map(({ state, path }) => [state, path.split('/').at(-1)]),
    [
      ['placed', 'glbx-mdp3-20260205.MNQH6.mbo.dbn.zst'],
      ['placed', 'glbx-mdp3-20260206.MNQH6.mbo.dbn.zst'],
    ],
  );
  const status = await spymaster(null, 'status');
  match(status.out, /2026-02-06 {2}MNQH6 {3}mbo {5}in the lake {2}available +200 kB +\$1\.25 {2}GLBX-20260101-1/);
  match(status.out, /2 orders, \$2\.50/);
});

test('a session that fails is listed beside what came, and the exit code says so', async () => {
  server.fail('download', (_incoming, response) => {
    response.end(new Uint8Array(200_000));
    return true;
  });
  const { code, out } = await spymaster(null, ...futures, '--yes');
  equal(code, 1);
  match(
    out,
    /Downloaded and verified 1 session, 200 kB:\n {2}\S*20260206\S*\n1 session failed:\n {2}2026-02-05 MNQH6: Refused /,
  );
  const again = JSON.parse((await spymaster(null, ...futures, '--yes', '--json')).out) as {
    failed: [];
    downloaded: [];
  };
  deepEqual([again.failed.length, again.downloaded.length, server.jobs.length], [0, 1, 2]);
});

test('paid sessions are fetched although the rest cannot be confirmed', async () => {
  server.fail('batch.list_files', refuse(500), refuse(500), refuse(500), refuse(500), refuse(500), refuse(500));
  const first = ['futures', '--symbol', 'MNQ', '--from', '2026-02-05'];
  equal((await spymaster(null, ...first, '--yes')).code, 1);
  const open = await spymaster(null, 'status');
  match(open.out, /ordered, kept until \d{4}-\d\d-\d\d/);
  const alone = await spymaster(null, ...futures);
  equal(alone.code, 2);
  match(alone.err, /Downloaded and verified 1 session[\s\S]*Nothing ordered: 1 session would cost \$1\.25/);
  const no = await spymaster(async () => false, ...futures);
  deepEqual([no.code, server.jobs.length], [0, 1]);
});

test('plan, status and JSON show what Databento says of a day', async () => {
  server.conditions.set('2026-02-05', 'degraded');
  server.refused.set('MNQH6 2026-02-06', refusals.notYet);
  const dry = await spymaster(null, ...futures, '--dry-run');
  match(dry.out, /2026-02-05 {2}MNQH6 {3}to buy .* data degraded\n/);
  match(dry.out, /2026-02-06 {2}MNQH6 {3}not available yet .*available up to 2026-02-06T12:00/);
  const done = JSON.parse((await spymaster(null, ...futures, '--yes', '--json')).out) as {
    sessions: { state: string; condition: string }[];
  };
  deepEqual(
    done.sessions.map(({ state, condition }) => [state, condition]),
    [
      ['to_buy', 'degraded'],
      ['not_yet', 'available'],
    ],
  );
  match((await spymaster(null, 'status')).out, /in the lake {2}degraded/);
  match([...server.agents].join(), /^spymaster\/\d+\.\d+\.\d+ node\//);
});

test('a small session can be streamed, is decoded before it is kept, and a cut one leaves nothing', async () => {
  const day0 = {
    seed: 1,
    profile: 'calm',
    symbol: 'AAPL',
    date: '2026-02-06',
    start: '09:30',
    minutes: 0.05,
  } as const;
  const source = join(root, 'source.dbn.zst');
  await writeSyntheticSession(source, planSession({ ...day0, rate: null }));
  const whole = readFileSync(source);
  const day = ['equities', '--symbol', 'AAPL', '--from', '2026-02-06', '--stream', '--yes'];
  server.data.set('AAPL 2026-02-06', whole.subarray(0, whole.length - 7));
  const cut = await spymaster(null, ...day);
  equal(cut.code, 1);
  match(cut.out, /did not come whole: .*What was sent is billed.*fetching it again is billed again/);
  server.data.set('AAPL 2026-02-06', whole);
  equal((await spymaster(null, ...day)).code, 0);
  const path = join(new Lake(root).rawFolder('equity_mbo', 'AAPL'), 'xnas-itch-20260206.AAPL.mbo.dbn.zst');
  deepEqual(readFileSync(path), whole);
  const asked = server.asked.findLast(({ method }) => method === 'timeseries.get_range')!.parameters;
  deepEqual([asked.get('start'), asked.get('end')], ['2026-02-06T00:00:00Z', '2026-02-06T21:00:00Z']);
});

test('wrong dates, schemas and large streams are refused before anything is ordered', async () => {
  match((await spymaster(null, ...futures, '--to', '2026-02-04')).err, /not before the first/);
  match((await spymaster(null, ...futures, '--schema', 'orders')).err, /expected one of mbo/);
  match((await spymaster(null, ...futures, '--dataset', 'http://evil.example')).err, /dataset code/);
  equal(server.asked.length, 0);
  server.data.set('MNQH6 2026-02-05', new Uint8Array(30_000_000));
  match((await spymaster(null, ...futures, '--stream', '--yes')).err, /Cannot stream MNQH6/);
  equal(server.jobs.length, 0);
});
