import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { DownloadFixture, quickTiming, twoSessions } from '../../../test/helpers/download_fixture.ts';
import {
  type FakeDatabento,
  type Fault,
  type Refusal,
  refusals,
  refuse,
} from '../../../test/helpers/fake_databento.ts';
import { conditionPath, findRawFile, type Lake, readCondition } from '../../lake/index.ts';
import { JobLedger, readLedger } from './ledger.ts';
import { type DownloadPlan, planDownload } from './plan.ts';
import { defaultTiming } from './timing.ts';

let fixture: DownloadFixture;
let server: FakeDatabento;
let lake: Lake;

beforeEach(async () => {
  fixture = await DownloadFixture.start();
  ({ server, lake } = fixture);
});
afterEach(() => fixture.close());

const threeSessions = { ...twoSessions, fromDate: '2026-02-04' };
const oneSession = { ...twoSessions, toDate: '2026-02-05' };
const states = ({ sessions }: DownloadPlan) => sessions.map(({ state }) => state);
const ledgerStates = () => readLedger(lake).map(({ date, state }) => [date, state]);

for (const [name, refusal, state, note] of [
  ['closed', refusals.closed, 'no_data', /market closed, or symbol not listed/],
  ['not over', refusals.notYet, 'not_yet', /available up to 2026-02-06T12:00/],
  ['recent', refusals.recent, 'not_licensed', /requires a subscription/],
  ['not licensed', refusals.unlicensed, 'not_licensed', /live data license is required/],
] as const) {
  test(`a day that is ${name} is that day's own matter, in a dry run too`, async () => {
    server.refused.set('MNQH6 2026-02-05', refusal);
    const dry = await planDownload(lake, fixture.api(), null, threeSessions);
    deepEqual(states(dry), ['to_buy', state, 'to_buy']);
    match(dry.sessions[1]!.note, note);
    const { result } = await fixture.run(threeSessions);
    deepEqual([result.downloaded.map(({ date }) => date), result.failed], [['2026-02-04', '2026-02-06'], []]);
    server.plainRefusals = true;
    if (name === 'closed' || name === 'not over') {
      server.refused.set('MNQH6 2026-02-09', refusal);
      const older = await planDownload(lake, fixture.api(), null, { ...threeSessions, toDate: '2026-02-09' });
      deepEqual(states(older), ['present', state, 'present', 'to_buy', state]);
    }
  });
}

test('a range whose front month is refused for one day is resolved day by day', async () => {
  server.refused.set('MNQ.v.0 2026-02-06', refusals.notYet);
  deepEqual(states(await planDownload(lake, fixture.api(), null, threeSessions)), ['to_buy', 'to_buy', 'not_yet']);
  for (const date of ['2026-02-04', '2026-02-05', '2026-02-06']) server.refused.set(`MNQ.v.0 ${date}`, refusals.closed);
  await rejects(planDownload(lake, fixture.api(), null, threeSessions), { code: 'SYMBOL_UNKNOWN' });
});

test('an error that concerns more than a day ends the plan, and names its case and the request', async () => {
  server.refused.set('2026-02-05', { status: 422, case: 'schema_invalid', message: 'No such schema.' });
  await rejects(planDownload(lake, fixture.api(), null, oneSession), {
    code: 'API_REFUSED',
    message: /status 422 \(schema_invalid\): No such schema \(request id request-\d+\)\./,
  });
});

test('paid sessions are fetched although another is refused, and the refused one is listed', async () => {
  server.fail('batch.list_files', refuse(500), refuse(500), refuse(500));
  await fixture.run(oneSession);
  deepEqual(ledgerStates(), [['2026-02-05', 'submitted']]);
  server.fail('batch.submit_job', refused(refusals.noFunds));
  const { result } = await fixture.run({ ...twoSessions, toDate: '2026-02-09' });
  deepEqual(
    result.downloaded.map(({ date }) => date),
    ['2026-02-05'],
  );
  deepEqual(
    result.failed.map(({ date, code }) => [date, code]),
    [
      ['2026-02-06', 'API_REFUSED'],
      ['2026-02-08', 'API_REFUSED'],
      ['2026-02-09', 'API_REFUSED'],
    ],
  );
  match(result.failed[0]!.message, /account_insufficient_funds.*insufficient funds/);
  match(result.failed[1]!.message, /^Not ordered/);
  equal(server.count('batch.submit_job'), 2);
});

test('a file that is damaged, or a job that expired, keeps no other session from the lake', async () => {
  const damaged: Fault = (_incoming, response) => {
    response.end(new Uint8Array(200_000));
    return true;
  };
  server.fail('download', damaged);
  const { result } = await fixture.run(threeSessions);
  deepEqual(
    [result.downloaded.map(({ date }) => date), result.failed.map(({ date, code }) => [date, code])],
    [['2026-02-05', '2026-02-06'], [['2026-02-04', 'CHECKSUM_MISMATCH']]],
  );
  server.looksReceived = 1e9;
  const week = { ...twoSessions, fromDate: '2026-02-09', toDate: '2026-02-10' };
  const expiring: Fault = () => {
    server.jobs.at(-1)!.state = 'expired';
    for (const job of server.jobs.slice(0, -1)) job.state = 'done';
    return false;
  };
  server.fail('batch.list_jobs', expiring);
  const later = (await fixture.run(week)).result;
  deepEqual(
    later.downloaded.map(({ date }) => date),
    ['2026-02-09'],
  );
  match(later.failed[0]!.message, /no longer kept by Databento, which keeps them for 30 days/);
});

test('a paid job that lists no data file stays open and is told, also when an earlier version closed it', async () => {
  const data = 'glbx-mdp3-20260205.mbo.dbn.zst';
  server.withheld.add(data);
  const { result } = await fixture.run(oneSession);
  match(result.failed[0]!.message, /800000 bytes were billed, but Databento lists only condition\.json/);
  deepEqual(ledgerStates(), [['2026-02-05', 'submitted']]);
  using ledger = new JobLedger(lake);
  ledger.ended(ledger.orders()[0]!.key, 'empty', '2026-02-06T00:00:00Z');
  ledger.close();
  server.withheld.clear();
  const again = await fixture.run(oneSession);
  deepEqual([states(again.plan), again.result.failed, server.jobs.length], [['paid'], [], 1]);
  deepEqual(await fixture.placedBytes('2026-02-05'), server.data.get('MNQH6 2026-02-05'));
});

test('degraded days show in the plan, the warnings of the server once, and conditions are kept beside the files', async () => {
  server.conditions.set('2026-02-05', 'degraded').set('2026-02-06', 'pending');
  server.warnings = ['BentoWarning: The request has days of reduced quality: 2026-02-05 (degraded).'];
  const { plan } = await fixture.run();
  deepEqual(
    plan.sessions.map(({ state, condition }) => [state, condition]),
    [
      ['to_buy', 'degraded'],
      ['not_yet', 'pending'],
    ],
  );
  const warned = fixture.notices.filter((text) => text.startsWith('Databento warns'));
  deepEqual(warned, ['Databento warns: The request has days of reduced quality: 2026-02-05 (degraded).']);
  const path = await findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-05');
  equal(await readCondition(path, '2026-02-05'), 'degraded');
  match(readFileSync(conditionPath(path), 'utf8'), /last_modified_date/);
});

test('without a usable condition.json, the plan’s condition is kept', async () => {
  server.conditions.set('2026-02-05', 'degraded');
  server.fail('support file', (_incoming, response) => {
    response.end('<html>');
    return true;
  });
  await fixture.run(oneSession);
  const path = await findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-05');
  equal(await readCondition(path, '2026-02-05'), 'degraded');
  match(fixture.notices.join('\n'), /condition\.json of job .* is not kept/);
});

test('a plan goes on when the conditions of the days are refused, and says so', async () => {
  server.fail('metadata.get_dataset_condition', refused(refusals.recent));
  const plan = await planDownload(lake, fixture.api(), null, twoSessions);
  deepEqual(states(plan), ['to_buy', 'to_buy']);
  match(plan.conditionsUnknown!, /dataset_unavailable_range/);
});

test('an order that was ordered with another window is not bought again', async () => {
  const equity = { ...oneSession, productType: 'equity_mbo', symbol: 'AAPL', dataset: 'XNAS.ITCH' } as const;
  const window = { start: '2026-02-05T07:00:00Z', end: '2026-02-05T21:00:00Z' };
  const old = { dataset: 'XNAS.ITCH', schema: 'mbo', symbol: 'AAPL', ...window };
  const form = new URLSearchParams({ ...old, symbols: 'AAPL', stype_in: 'raw_symbol' });
  const job = server.submit(form);
  using ledger = new JobLedger(lake);
  const path = lake.relative(`${lake.rawFolder('equity_mbo', 'AAPL')}/xnas-itch-20260205.AAPL.mbo.dbn.zst`);
  const order = { productType: 'equity_mbo', date: '2026-02-05', request: old, path, state: 'intent' } as const;
  const key = ledger.begin({ ...order, costUsd: 1, billableBytes: 800_000, orderedAtUtc: job.receivedUtc });
  ledger.submitted(key, job.id, job.receivedUtc);
  ledger.close();
  const { plan, result } = await fixture.run(equity);
  deepEqual([states(plan), plan.costUsd, result.failed, server.jobs.length], [['paid'], 0, [], 1]);
  equal(existsSync(lake.path(...path.split('/'))), true);
});

test('a job that stays received, which no list by states shows, is found and not ordered again', async () => {
  const pauses = fixture.skipTime();
  server.looksReceived = 30;
  server.fail('batch.submit_job', (incoming) => {
    server.submit(server.asked.at(-1)!.parameters);
    incoming.socket.destroy();
    return true;
  });
  await fixture.run(oneSession, { timing: { ...defaultTiming, attempts: 3 } });
  equal(server.jobs.length, 1);
  equal(server.count('batch.submit_job'), 1);
  ok(pauses.length > 5);
  deepEqual(await fixture.placedBytes('2026-02-05'), server.data.get('MNQH6 2026-02-05'));
});

test('too many requests are waited out for minutes, and that is said', async () => {
  const pauses = fixture.skipTime();
  const timing = defaultTiming;
  server.fail('metadata.get_cost', ...Array.from({ length: 12 }, () => refuse(429)));
  await planDownload(lake, fixture.api({ timing }), null, oneSession);
  equal(pauses.length, 12);
  ok(pauses.reduce((sum, ms) => sum + ms, 0) > 60_000, String(pauses));
  match(fixture.notices.at(-1)!, /answered 429 .*request id.*trying again in .* s \(for up to 600 s in all\)/);
  server.fail('metadata.get_cost', ...Array.from({ length: 100 }, () => refuse(429)));
  await rejects(planDownload(lake, fixture.api({ timing }), null, oneSession), {
    code: 'API_UNREACHABLE',
    message: /did so for \d{3} s/,
  });
});

test('a job in a state that is not known is said, and left alone after ten minutes', async () => {
  const pauses = fixture.skipTime();
  server.fail('batch.submit_job', (_incoming, response) => {
    server.submit(server.asked.at(-1)!.parameters).state = 'paused';
    const { id } = server.jobs[0]!;
    response.end(JSON.stringify({ id, state: 'paused' }));
    return true;
  });
  const { result } = await fixture.run(twoSessions, { timing: defaultTiming });
  match(fixture.notices.join('\n'), /is "paused", a state that Spymaster does not know; looking for 10 minutes/);
  match(result.failed[0]!.message, /"paused" for 10 minutes: .*Databento portal/);
  deepEqual(ledgerStates(), [
    ['2026-02-05', 'submitted'],
    ['2026-02-06', 'placed'],
  ]);
  const waitedMs = pauses.reduce((sum, ms) => sum + ms, 0);
  ok(waitedMs >= 600_000 && waitedMs < 700_000, String(waitedMs));
});

test('a support file with a hash of another kind is no obstacle, and the agent names product and version', async () => {
  server.supportHash = 'md5';
  const { result } = await fixture.run(oneSession);
  equal(result.failed.length, 0);
  deepEqual([...server.agents], ['spymaster/0.0.0-test']);
});

test('a Sunday session of a future is bought', async () => {
  const { plan } = await fixture.run({ ...twoSessions, fromDate: '2026-02-07', toDate: '2026-02-08' });
  deepEqual(
    plan.sessions.map(({ date, state }) => [date, state]),
    [['2026-02-08', 'to_buy']],
  );
  equal(server.jobs.length, 1);
});

test('stocks whose symbols end in a sign are bought', async () => {
  for (const symbol of ['AAC+', 'ACIC=', 'ABR^', 'XYZ#']) {
    const equity = { ...oneSession, productType: 'equity_mbo', symbol, dataset: 'XNAS.ITCH' } as const;
    const { result } = await fixture.run(equity, { timing: quickTiming });
    deepEqual(result.failed, []);
    equal(result.downloaded[0]!.symbol, symbol);
  }
});

/** Answers as the API refuses. */
function refused({ status, message, ...rest }: Refusal): Fault {
  return (_request, response) => {
    const detail = { case: rest.case, message, status_code: status, docs: '' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ detail }));
    return true;
  };
}
