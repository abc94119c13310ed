import { deepEqual, equal, match, rejects, throws } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DownloadFixture, quickTiming, twoSessions as request } from '../../../test/helpers/download_fixture.ts';
import { type FakeDatabento, type Fault, hangUp, refuse } from '../../../test/helpers/fake_databento.ts';
import { SpymasterError } from '../../errors.ts';
import { findRawFile, type Lake } from '../../lake/index.ts';
import { partBytes, partPath } from './jobs.ts';
import { JobLedger, readLedger } from './ledger.ts';
import { type DownloadPlan, planDownload } from './plan.ts';

let fixture: DownloadFixture;
let server: FakeDatabento;
let lake: Lake;
let notices: string[];

beforeEach(async () => {
  fixture = await DownloadFixture.start();
  ({ server, lake, notices } = fixture);
});
afterEach(() => fixture.close());

const api = (options: Parameters<DownloadFixture['api']>[0] = {}) => fixture.api(options);
const placedBytes = (date: string) => fixture.placedBytes(date);

/** Plans and carries out, as one run of the command does; a session that failed is thrown. */
async function run(wanted = request, signal?: AbortSignal): Promise<DownloadPlan> {
  const { plan, result } = await fixture.run(wanted, signal === undefined ? {} : { signal });
  const [failed] = result.failed;
  if (failed !== undefined) throw new SpymasterError(failed.code, failed.message);
  return plan;
}

const code = (expected: string) => (error: unknown) => error instanceof SpymasterError && error.code === expected;
const states = (plan: DownloadPlan) => plan.sessions.map(({ state }) => state);

test('a range of sessions is resolved, priced, bought once, placed, and not bought again', async () => {
  const plan = await run();
  deepEqual(states(plan), ['to_buy', 'to_buy']);
  equal(plan.costUsd, 2.5);
  equal(plan.billableBytes, 1_600_000);
  deepEqual(await placedBytes('2026-02-05'), server.data.get('MNQH6 2026-02-05'));
  deepEqual(await placedBytes('2026-02-06'), server.data.get('MNQH6 2026-02-06'));
  equal(server.jobs.length, 2);
  deepEqual([...server.jobs[0]!.form].sort(), [
    ['compression', 'zstd'],
    ['dataset', 'GLBX.MDP3'],
    ['delivery', 'download'],
    ['encoding', 'dbn'],
    ['end', '2026-02-06T00:00:00Z'],
    ['schema', 'mbo'],
    ['split_duration', 'day'],
    ['start', '2026-02-05T00:00:00Z'],
    ['stype_in', 'raw_symbol'],
    ['stype_out', 'instrument_id'],
    ['symbols', 'MNQH6'],
  ]);
  const again = await run();
  deepEqual(states(again), ['present', 'present']);
  equal(again.costUsd, 0);
  equal(server.count('batch.submit_job'), 2);
  deepEqual(
    readLedger(lake).map(({ state }) => state),
    ['placed', 'placed'],
  );
  deepEqual(readdirSync(lake.path('raw', 'source=databento', 'partial')), []);
});

test('a plan without a ledger writes nothing and orders nothing', async () => {
  const plan = await planDownload(lake, api(), null, request);
  equal(plan.costUsd, 2.5);
  deepEqual(readdirSync(lake.root), []);
  equal(server.count('batch.submit_job'), 0);
});

test('a day without data is not bought', async () => {
  server.data.set('MNQH6 2026-02-06', new Uint8Array());
  const plan = await planDownload(lake, api(), null, request);
  deepEqual(states(plan), ['to_buy', 'no_data']);
  equal(plan.costUsd, 1.25);
});

test('the parent symbol gives the outright contract that is delivered first, over many instruments', async () => {
  const ids = Array.from({ length: 2_500 }, (_, i) => `${5_000 + i}`);
  server.mappings.set(
    'MNQ.FUT',
    ids.map((s) => ({ d0: '2026-02-01', d1: '2026-03-01', s })),
  );
  const named: Record<string, string> = { '5003': 'MNQM6', '5004': 'MNQH6-MNQM6', '7400': 'MNQH6', '5005': 'MNQH7' };
  for (const id of ids) {
    server.mappings.set(id, [{ d0: '2026-02-01', d1: '2026-03-01', s: named[id] ?? `UD:1V: ${id}` }]);
  }
  const plan = await planDownload(lake, api(), null, { ...request, frontMonth: 'parent' });
  deepEqual(
    plan.sessions.map((session) => session.request.symbol),
    ['MNQH6', 'MNQH6'],
  );
  equal(server.count('symbology.resolve'), 3);
});

test('an order whose answer was lost is found among the jobs of the account and not repeated', async () => {
  for (const longJobList of [false, true]) {
    server.longJobList = longJobList;
    const date = longJobList ? '2026-02-06' : '2026-02-05';
    const jobsBefore = server.jobs.length;
    server.fail('batch.submit_job', (incoming) => {
      server.submit(server.asked.at(-1)!.parameters);
      incoming.socket.destroy();
      return true;
    });
    await run({ ...request, fromDate: date, toDate: date });
    equal(server.jobs.length, jobsBefore + 1);
    deepEqual(await placedBytes(date), server.data.get(`MNQH6 ${date}`));
  }
});

test('an order that failed without a job is repeated', async () => {
  server.fail('batch.submit_job', refuse(503), hangUp);
  await run({ ...request, toDate: request.fromDate });
  equal(server.count('batch.submit_job'), 3);
  equal(server.jobs.length, 1);
});

test('a process that died between submitting and noting the job finds it, whatever its clock says', async () => {
  for (const clockAheadMs of [0, 7_200_000, -86_400_000]) {
    rmSync(lake.root, { recursive: true, force: true });
    server.jobs.length = 0;
    server.clockAheadMs = clockAheadMs;
    const dying = new AbortController();
    server.fail('batch.submit_job', () => {
      server.submit(server.asked.at(-1)!.parameters);
      dying.abort();
      return true;
    });
    await rejects(run({ ...request, toDate: request.fromDate }, dying.signal), { name: 'AbortError' });
    deepEqual(
      readLedger(lake).map(({ state, jobId }) => [state, jobId]),
      [['intent', null]],
    );
    const dry = await planDownload(lake, api(), null, { ...request, toDate: request.fromDate });
    deepEqual(states(dry), ['unsettled']);
    const plan = await run({ ...request, toDate: request.fromDate });
    deepEqual(states(plan), ['paid']);
    equal(plan.costUsd, 0);
    equal(server.jobs.length, 1);
    deepEqual(await placedBytes('2026-02-05'), server.data.get('MNQH6 2026-02-05'));
  }
});

test('an intent that never reached the server costs nothing and is bought after asking again', async () => {
  const dying = new AbortController();
  server.fail('batch.submit_job', () => {
    dying.abort();
    return true;
  });
  await rejects(run({ ...request, toDate: request.fromDate }, dying.signal), { name: 'AbortError' });
  deepEqual(states(await run({ ...request, toDate: request.fromDate })), ['to_buy']);
  equal(server.jobs.length, 1);
});

test('an order that the API refuses is withdrawn', async () => {
  server.fail('batch.submit_job', refuse(422));
  const { result } = await fixture.run();
  deepEqual(
    result.failed.map(({ date, code: kind }) => [date, kind]),
    [['2026-02-05', 'API_REFUSED']],
  );
  match(result.failed[0]!.message, /status 422/);
  deepEqual(
    readLedger(lake).map(({ date, state }) => [date, state]),
    [['2026-02-06', 'placed']],
  );
});

test('throttling and failures are waited out within bounds', async () => {
  server.fail('metadata.get_cost', refuse(429, '0.01'), refuse(500), hangUp);
  server.fail('batch.submit_job', refuse(429, '0'));
  server.fail('batch.list_jobs', refuse(502), hangUp);
  await run();
  equal(server.jobs.length, 2);
  match(notices.join('\n'), /answered 429.*trying again/);
  server.fail('metadata.get_cost', refuse(500), refuse(500), refuse(500), refuse(500), refuse(500), refuse(500));
  await rejects(run({ ...request, fromDate: '2026-02-09', toDate: '2026-02-09' }), code('API_UNREACHABLE'));
  server.faults.clear();
  server.fail('metadata.get_billable_size', refuse(429, '3600'));
  await rejects(run({ ...request, fromDate: '2026-02-09', toDate: '2026-02-09' }), /asks to wait 3600 s/);
});

test('a server that falls silent is left', async () => {
  server.fail('symbology.resolve', ...Array.from({ length: 3 }, () => () => true));
  const silent = api({ timing: { ...quickTiming, silenceMs: 20 } });
  await rejects(planDownload(lake, silent, null, request), code('API_UNREACHABLE'));
});

test('a wrong key is refused with advice, and the key is never told', async () => {
  await rejects(
    run(request, undefined).then(() => planDownload(lake, api({ apiKey: 'db-wrong-key' }), null, request)),
    (error: unknown) => {
      const { message, fields, stack } = error as SpymasterError;
      match(message, /401.*Authentication failed.*DATABENTO_API_KEY/);
      return !`${message}${stack}${JSON.stringify(fields)}`.includes('db-wrong-key');
    },
  );
  const files = readdirSync(lake.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files) {
    equal(readFileSync(join(file.parentPath, file.name)).includes(server.apiKey), false, file.name);
  }
  throws(() => api({ apiKey: '' }), code('API_KEY_MISSING'));
  server.fail('symbology.resolve', (_incoming, response) => {
    response.writeHead(400).end(JSON.stringify({ detail: `bad key ${server.apiKey}` }));
    return true;
  });
  await rejects(run(), (error: unknown) => !(error as Error).message.includes(server.apiKey));
});

test('a transfer that is cut goes on where it stopped, also in the next process', async () => {
  const cutAfter =
    (bytes: number): Fault =>
    (incoming, response) => {
      const whole = server.data.get('MNQH6 2026-02-05')!;
      const from = Number(/\d+/.exec(incoming.headers.range ?? '0')![0]);
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': whole.length - from,
        'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}`,
      });
      response.write(whole.subarray(from, from + bytes));
      // Cut when all of it is kept: what is on the way when a connection breaks is lost.
      const cut = setInterval(async () => {
        if ((await partBytes(lake, server.jobs[0]!.id)) < from + bytes) return;
        clearInterval(cut);
        response.destroy();
      }, 2);
      return true;
    };
  const one = { ...request, toDate: request.fromDate };
  server.fail('download', cutAfter(50_000), cutAfter(50_000), ...[1, 2, 3].map(() => hangUp));
  await rejects(run(one), code('API_UNREACHABLE'));
  await run(one);
  deepEqual(await placedBytes('2026-02-05'), server.data.get('MNQH6 2026-02-05'));
  equal(server.jobs.length, 1);
  const ranges = server.asked.filter(({ method }) => method === 'download').map(({ range }) => range);
  equal(ranges[0], null);
  equal(ranges[1], 'bytes=50000-');
  equal(ranges.at(-1), 'bytes=100000-');
});

test('a file that is not what was announced is refused, and nothing of it stays', async () => {
  const one = { ...request, toDate: request.fromDate };
  const wrong =
    (change: (bytes: Uint8Array) => Uint8Array): Fault =>
    (_incoming, response) => {
      response.end(change(new Uint8Array(server.data.get('MNQH6 2026-02-05')!)));
      return true;
    };
  const flip = (bytes: Uint8Array) => {
    bytes[1234]! ^= 1;
    return bytes;
  };
  const longer = (bytes: Uint8Array) => new Uint8Array([...bytes, 0]);
  for (const change of [flip, longer]) {
    server.fail('download', wrong(change));
    await rejects(run(one), code('CHECKSUM_MISMATCH'));
    deepEqual(readdirSync(lake.path('raw', 'source=databento', 'partial')), []);
    await rejects(findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-05'), code('FILE_NOT_FOUND'));
  }
  await run(one);
  equal(server.jobs.length, 1);
  deepEqual(await placedBytes('2026-02-05'), server.data.get('MNQH6 2026-02-05'));
});

test('a part that was damaged meanwhile is downloaded anew', async () => {
  const one = { ...request, toDate: request.fromDate };
  server.fail('download', hangUp, hangUp, hangUp);
  await rejects(run(one), code('API_UNREACHABLE'));
  const part = partPath(lake, server.jobs[0]!.id);
  mkdirSync(dirname(part), { recursive: true });
  for (const damaged of [new Uint8Array(70_000), new Uint8Array(200_000), new Uint8Array(300_000)]) {
    writeFileSync(part, damaged);
    await run(one);
    deepEqual(await placedBytes('2026-02-05'), server.data.get('MNQH6 2026-02-05'));
    rmSync(await findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-05'));
  }
  equal(server.jobs.length, 1);
});

test('a deleted file comes again from its job while that is kept, and is priced anew when it is not', async () => {
  const one = { ...request, toDate: request.fromDate };
  await run(one);
  rmSync(await findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-05'));
  deepEqual(states(await run(one)), ['paid']);
  rmSync(await findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-05'));
  server.jobs[0]!.state = 'expired';
  using ledger = new JobLedger(lake);
  const plan = await planDownload(lake, api(), ledger, one);
  equal(plan.costUsd, 1.25);
  match(plan.sessions[0]!.note, /no longer kept/);
  equal(server.jobs.length, 1);
});

test('a file that came from elsewhere is not bought, one of another contract does not count', async () => {
  const folder = lake.rawFolder('future_mbo', 'MNQ');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'glbx-mdp3-20260205.mbo.dbn.zst'), 'x');
  writeFileSync(join(folder, 'glbx-mdp3-20260206.MNQM6.mbo.dbn.zst'), 'x');
  deepEqual(states(await planDownload(lake, api(), null, request)), ['present', 'to_buy']);
});

test('one lake has one download at a time', () => {
  using _ledger = new JobLedger(lake);
  throws(() => new JobLedger(lake), code('DOWNLOAD_BUSY'));
  deepEqual(readLedger(lake), []);
});

test('a damaged ledger is refused', () => {
  new JobLedger(lake).close();
  writeFileSync(lake.path('raw', 'source=databento', 'downloads.sqlite'), 'not a database, and long enough to tell so');
  throws(() => new JobLedger(lake), code('REGISTRY_CORRUPT'));
});

test('the key is sent nowhere but to the API and to Databento', () => {
  const { http } = api();
  for (const address of [
    'https://databento.com.evil.example/x',
    'http://hist.databento.com/x',
    'https://evil.example/databento.com',
    'https://user@hist.databento.com/x',
    'https://hist.databento.com:8443/x',
    'ftp://ftp.databento.com/x',
    'no address',
  ]) {
    throws(() => http.trusted(address), code('API_ANSWER_INVALID'), address);
  }
  equal(http.trusted('https://api.databento.com/v0/batch/download/U/J/f').host, 'api.databento.com');
});

test('an answer that is not as published is told, not used', async () => {
  server.fail('metadata.get_billable_size', (_incoming, response) => {
    response.end('"many"');
    return true;
  });
  await rejects(planDownload(lake, api(), null, request), code('API_ANSWER_INVALID'));
  server.fail('symbology.resolve', (_incoming, response) => {
    response.end('<html>');
    return true;
  });
  await rejects(planDownload(lake, api(), null, request), code('API_ANSWER_INVALID'));
});

test('a symbol that could leave its folder is refused before anything is asked', async () => {
  for (const symbol of ['../X', 'A/B', '', 'mnq', 'A..B']) {
    await rejects(planDownload(lake, api(), null, { ...request, symbol }), code('USAGE'));
  }
  equal(server.asked.length, 0);
  equal(existsSync(lake.path('raw')), false);
});
