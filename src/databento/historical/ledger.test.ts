import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Lake } from '../../lake/lake.ts';
import { JobLedger, ledgerPath, readLedger } from './ledger.ts';

let root: string;
let lake: Lake;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spymaster-ledger-'));
  lake = new Lake(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a ledger whose maker was killed before it wrote the tables holds no orders', () => {
  mkdirSync(dirname(ledgerPath(lake)), { recursive: true });
  writeFileSync(ledgerPath(lake), '');
  deepEqual(readLedger(lake), []);
  using ledger = new JobLedger(lake);
  deepEqual(ledger.orders(), []);
});

test('a transaction that was cut off by a kill is rolled back by the next reader', () => {
  const request = { dataset: 'GLBX.MDP3', schema: 'mbo', symbol: 'MNQH6', start: 'a', end: 'b' };
  {
    using ledger = new JobLedger(lake);
    ledger.begin({
      ...{ productType: 'future_mbo', date: '2026-02-04', request, path: 'x', state: 'intent', costUsd: 1 },
      ...{ billableBytes: 2, orderedAtUtc: '2026-02-05T00:00:00Z' },
    });
  }
  const program = `
    const database = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
    database.exec("PRAGMA cache_size = 1; BEGIN; UPDATE orders SET state = 'placed'");
    const insert = database.prepare("INSERT INTO events (at_utc, key, state) VALUES ('', ?, '')");
    for (let i = 0; i < 1000; i++) insert.run('k'.repeat(1000));
    process.kill(process.pid, 'SIGKILL');`;
  equal(spawnSync(process.execPath, ['--eval', program, ledgerPath(lake)]).signal, 'SIGKILL');
  ok(existsSync(`${ledgerPath(lake)}-journal`));
  deepEqual(
    readLedger(lake).map(({ state }) => state),
    ['intent'],
  );
});
