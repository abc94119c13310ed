import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readLedger } from '../../src/databento/historical/index.ts';
import { Lake } from '../../src/lake/index.ts';
import { FakeDatabento } from '../helpers/fake_databento.ts';
import type { Budget } from './budget.ts';
import { runAndKill } from './kill.ts';

const room = (name: string): string => pathToFileURL(join(import.meta.dirname, '../../src', name)).href;
const program = `
  const { DatabentoApi, DatabentoHttp, downloadSessions, JobLedger, planDownload } = await import('${room('databento/historical/index.ts')}');
  const { Lake } = await import('${room('lake/lake.ts')}');
  const [root, baseUrl, apiKey] = process.argv.slice(1);
  const timing = { silenceMs: 2000, attempts: 3, backoffMs: 2, maxBackoffMs: 5, maxRetryAfterMs: 1000, pollMs: 5,
    maxPollMs: 5, throttleMs: 1000, unknownStateMs: 1000, settleMs: 50 };
  const notice = () => {};
  const signal = new AbortController().signal;
  const api = new DatabentoApi(new DatabentoHttp({ apiKey, baseUrl, timing, notice, signal, userAgent: 'test' }));
  const lake = new Lake(root);
  using ledger = new JobLedger(lake);
  const { sessions } = await planDownload(lake, api, ledger, { productType: 'future_mbo', symbol: 'MNQH6',
    fromDate: '2026-02-04', toDate: '2026-02-06', schema: 'mbo', dataset: 'GLBX.MDP3', frontMonth: 'volume', stream: false });
  await downloadSessions({ lake, api, ledger, sessions, stream: false, notice, onProgress: () => {} });`;

/** Kills downloads at random moments: each session is bought once, and the files are whole in the end. */
export async function downloadFaults(folder: string, budget: Budget): Promise<string> {
  let kills = 0;
  let rounds = 0;
  let tookMs = 1000;
  for (; budget.more(rounds, kills); rounds++) {
    const server = new FakeDatabento();
    await server.listen();
    const lake = new Lake(join(folder, `lake${rounds}`));
    const words = ['--input-type=module', '--eval', program, lake.root, server.url, server.apiKey];
    try {
      for (let i = 0; i < 4; i++) {
        const ended = await runAndKill(words, {}, tookMs * (0.3 + 0.8 * budget.random()));
        if (ended.isKilled) kills++;
        else equal(ended.code, 0, ended.output);
        assertPlaced(lake, server, false);
      }
      const last = await runAndKill(words, {});
      equal(last.code, 0, last.output);
      tookMs = Math.max(tookMs * 0.8, Math.min(tookMs, last.tookMs));
      assertPlaced(lake, server, true);
      equal(server.jobs.length, 3, 'a session was bought twice');
    } finally {
      await server.close();
    }
  }
  return `download: ${kills} kills in ${rounds} rounds, three sessions bought once each, all files whole`;
}

function assertPlaced(lake: Lake, server: FakeDatabento, all: boolean): void {
  const folder = lake.rawFolder('future_mbo', 'MNQ');
  const orders = readLedger(lake).filter(({ state }) => state === 'placed');
  let names: string[] = [];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.dbn.zst') && !name.startsWith('.'));
  } catch {
    // Nothing was placed yet.
  }
  for (const name of names) {
    const date = /2026-?02-?(\d\d)/.exec(name)?.[1];
    deepEqual(new Uint8Array(readFileSync(join(folder, name))), server.data.get(`MNQH6 2026-02-${date}`), name);
  }
  ok(names.length >= orders.length, 'an order is placed without its file');
  if (all) equal(orders.length, 3);
}
