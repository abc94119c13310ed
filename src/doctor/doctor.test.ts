import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { createServingLake } from '../../test/helpers/serving_lake.ts';
import { JobLedger } from '../databento/historical/index.ts';
import { takeTemporary } from '../files/temporaries.ts';
import { Lake } from '../lake/index.ts';
import { examineLake } from './doctor.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-doctor-'));
const serving = createServingLake(5);
after(() => {
  rmSync(folder, { recursive: true });
  serving.remove();
});

async function findings(lake: Lake) {
  const all = await examineLake(lake, { signal: new AbortController().signal, onLook: () => {} });
  return all.filter(({ state, check }) => state !== 'ok' && check !== 'free space');
}

function put(lake: Lake, path: string, content: string): void {
  const full = lake.path(...path.split('/'));
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
}

test('a lake in order has nothing to report, and is not changed by looking', async () => {
  const { lake } = serving;
  const before = readdirSync(lake.root, { recursive: true }).sort();
  deepEqual(await findings(lake), []);
  deepEqual(readdirSync(lake.root, { recursive: true }).sort(), before);
});

test('a lake that does not exist is said so and not made', async () => {
  const lake = new Lake(join(folder, 'none'));
  match((await findings(lake))[0]!.found, /does not exist/);
  deepEqual(readdirSync(folder), []);
});

test('each fault is found, with its remedy', async () => {
  const lake = new Lake(join(folder, 'sick'));
  const deadPid = 2 ** 22 + 1;
  put(lake, `research/vp_immutable/.spymaster-tmp-${deadPid}-00000000-0000-x`, 'half');
  mkdirSync(lake.datasets(), { recursive: true });
  const underWay = takeTemporary(lake.datasets('y'));
  writeFileSync(underWay.path, 'under way');
  put(lake, 'raw/source=databento/partial/0123456789abcdef.part', 'half');
  put(lake, `cache/vp_book/${'a'.repeat(64)}.vpbook`, 'no checkpoint');
  put(lake, 'research/vp_immutable/set/manifest.json', '{}');
  put(lake, 'research/vp_harness/serving_registry.sqlite', 'no registry, and long enough to be told from one');
  put(lake, 'research/vp_harness/results/part-0-torn/runs.parquet', 'other');
  const part = { format: 2, files: { 'runs.parquet': 'f'.repeat(64) }, replaces: [] };
  put(lake, 'research/vp_harness/results/part-0-torn/part.json', JSON.stringify(part));
  put(lake, 'holiday_photos/a.jpg', '');
  const order = {
    productType: 'future_mbo',
    state: 'intent',
    costUsd: 1,
    billableBytes: 1,
    orderedAtUtc: '2026-02-06T00:00:00Z',
  } as const;
  const request = { dataset: 'GLBX.MDP3', schema: 'mbo', start: '2026-02-05T00:00:00Z', end: '2026-02-06T00:00:00Z' };
  using ledger = new JobLedger(lake);
  put(lake, 'raw/changed', 'other');
  for (const [symbol, path] of [
    ['CHANGED', 'raw/changed'],
    ['GONE', 'raw/gone'],
  ] as const) {
    const key = ledger.begin({ ...order, date: '2026-02-05', request: { ...request, symbol }, path });
    ledger.placed(key, 5, 'f'.repeat(64), order.orderedAtUtc);
  }
  ledger.begin({ ...order, date: '2026-02-05', request: { ...request, symbol: 'OPEN' }, path: 'raw/open' });
  const all = await findings(lake);
  const found = all.map(({ check, state, found: what }) => `${state} ${check}: ${what}`).join('\n');
  for (const pattern of [
    /warning layout: .*holiday_photos/,
    new RegExp(`warning leftovers: .*0123456789abcdef\\.part, .*tmp-${deadPid}`),
    /warning book checkpoints: 1 of 1/,
    /failure datasets: .*set/,
    /failure results: .*part-0-torn.*runs\.parquet: its SHA-256/,
    /failure serving registry: /,
    /failure downloads: raw\/changed changed/,
    /warning downloads: raw\/gone .*is gone/,
    /warning downloads: 1 ordered session not/,
  ]) {
    match(found, pattern);
  }
  equal(found.includes(basename(underWay.path)), false);
  underWay.release();
});
