import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { partPath } from '../../src/databento/historical/jobs.ts';
import { readLedger } from '../../src/databento/historical/ledger.ts';
import { Lake } from '../../src/lake/lake.ts';
import { FakeDatabento, type Fault } from '../helpers/fake_databento.ts';

/** Only what a download needs: the whole room would take seconds to load in each process. */
const source = (path: string): string => pathToFileURL(join(import.meta.dirname, '../../src', path)).href;
const program = `
  const { DatabentoApi, DatabentoHttp, downloadSessions, JobLedger, planDownload } = await import('${source('databento/historical/index.ts')}');
  const { Lake } = await import('${source('lake/lake.ts')}');
  const [root, baseUrl, apiKey] = process.argv.slice(1);
  const timing = { silenceMs: 2000, attempts: 3, backoffMs: 2, maxBackoffMs: 5, maxRetryAfterMs: 1000, pollMs: 5,
    maxPollMs: 5, throttleMs: 1000, unknownStateMs: 1000, settleMs: 50 };
  const notice = () => {};
  const signal = new AbortController().signal;
  const api = new DatabentoApi(new DatabentoHttp({ apiKey, baseUrl, timing, notice, signal, userAgent: "test" }));
  const lake = new Lake(root);
  using ledger = new JobLedger(lake);
  const { sessions } = await planDownload(lake, api, ledger, { productType: 'future_mbo', symbol: 'MNQH6',
    fromDate: '2026-02-04', toDate: '2026-02-06', schema: 'mbo', dataset: 'GLBX.MDP3', frontMonth: 'volume', stream: false });
  await downloadSessions({ lake, api, ledger, sessions, stream: false, notice, onProgress: () => {} });`;

test('a download that is killed again and again buys each session once and ends whole', async () => {
  const server = new FakeDatabento();
  const lake = new Lake(mkdtempSync(join(tmpdir(), 'spymaster-killed-')));
  let child: ChildProcess;
  const start = (): Promise<unknown> => {
    const words = ['--input-type=module', '--eval', program, lake.root, server.url, server.apiKey];
    child = spawn(process.execPath, words, { stdio: 'inherit' });
    return once(child, 'exit');
  };
  const killed: Fault = () => {
    child.kill('SIGKILL');
    return true;
  };
  // The job is taken, but the process dies before it hears so.
  const taken: Fault = (...both) => {
    server.submit(server.asked.at(-1)!.parameters);
    return killed(...both);
  };
  const halfSent: Fault = (_request, response) => {
    const bytes = server.data.get('MNQH6 2026-02-04')!;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
    const part = partPath(lake, server.jobs[0]!.id);
    const watch = setInterval(() => {
      if (!existsSync(part) || statSync(part).size === 0) return;
      clearInterval(watch);
      child.kill('SIGKILL');
    }, 2);
    return true;
  };
  try {
    await server.listen();
    for (const [method, fault] of [
      ['batch.submit_job', killed],
      ['batch.submit_job', taken],
      ['batch.list_files', killed],
      ['download', halfSent],
    ] as const) {
      server.fail(method, fault);
      deepEqual(await start(), [null, 'SIGKILL'], method);
    }
    deepEqual(await start(), [0, null]);
    equal(server.jobs.length, 3);
    equal(new Set(server.jobs.map(({ form }) => form.get('start'))).size, 3);
    const folder = lake.rawFolder('future_mbo', 'MNQ');
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.dbn.zst'))
      .sort();
    equal(names.length, 3);
    for (const [i, name] of names.entries()) {
      deepEqual(new Uint8Array(readFileSync(join(folder, name))), server.data.get(`MNQH6 2026-02-0${4 + i}`));
    }
    deepEqual(
      readLedger(lake).map(({ state }) => state),
      ['placed', 'placed', 'placed'],
    );
    notEqual(
      server.asked.find(({ range }) => range !== null),
      undefined,
    );
  } finally {
    await server.close();
    rmSync(lake.root, { recursive: true, force: true });
  }
});
