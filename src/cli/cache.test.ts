import { deepEqual, equal, match } from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../../test/helpers/run_command.ts';
import { createServingLake } from '../../test/helpers/serving_lake.ts';
import { formatYaml, type Plain, pickRuntime } from '../config/index.ts';
import { OurOrders } from '../execution/index.ts';
import { BookCache, fileIdentity } from '../lake/index.ts';
import { PassStore } from '../sweep/index.ts';

const serving = createServingLake(5);
const { lake } = serving;
const lockBefore = process.env.VP_INSTRUMENT_CONFIG_PATH;
const lock = join(lake.root, 'instrument.yaml');
writeFileSync(lock, formatYaml(pickRuntime(serving.spec.runtime_snapshot) as Plain));
process.env.VP_INSTRUMENT_CONFIG_PATH = lock;
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
  serving.remove();
});
const root = ['--lake-root', lake.root] as const;
const start = serving.spec.runtime_snapshot.stream_start_time;
const warm = ['warm-cache', '--from', '2026-02-05', '--to', '2026-02-08', '--start', start, ...root];

async function json<T>(...words: string[]): Promise<T> {
  return JSON.parse((await runCommand(...words, '--json')).out) as T;
}

test('warm-cache makes the checkpoint that a replay looks for, once, and cache lists it', async () => {
  type Warmed = { sessions: { date: string; state: string; events: number }[] };
  const first = await json<Warmed>(...warm);
  deepEqual(
    first.sessions.map(({ date, state }) => [date, state]),
    [
      ['2026-02-05', 'no file'],
      ['2026-02-06', 'made'],
    ],
  );
  equal(first.sessions[1]!.events > 900, true);
  equal((await json<Warmed>(...warm)).sessions[1]!.state, 'there');
  const [name] = readdirSync(lake.bookCache);
  const [entry] = await new BookCache(lake, { notice: () => {} }).entries();
  deepEqual(entry!.key!.file, await fileIdentity(serving.rawFile));
  equal(entry!.path.endsWith(name!), true);
  const listed = (await runCommand('cache', 'ls', ...root)).out;
  match(listed, /MNQH6 {3}2026-02-06 .*glbx-mdp3-20260206\.mbo\.dbn\n1 checkpoint, /);
});

test('verify finds damage, prune deletes what no replay can use and keeps the rest', async () => {
  const [name] = readdirSync(lake.bookCache);
  const path = join(lake.bookCache, name!);
  equal((await runCommand('cache', 'verify', ...root)).code, 0);
  deepEqual(await json('cache', 'prune', ...root), {
    ...{ deleted: [], deleted_passes: [], bytes: 0, leftovers: 0 },
  });
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length - 1));
  const verified = await runCommand('cache', 'verify', ...root);
  equal(verified.code, 1);
  match(verified.out, /1 checkpoint checked, 1 unusable/);
  match((await runCommand('cache', 'prune', ...root)).out, /Deleted 1 checkpoint .*; 0 kept/);
  writeFileSync(path, whole);
  utimesSync(serving.rawFile, 1, 1);
  match((await runCommand('cache', 'prune', ...root)).out, /Deleted 1 checkpoint .*; 0 kept/);
  rmSync(lake.bookCache, { recursive: true });
  match((await runCommand('cache', 'ls', ...root)).out, /No checkpoint/);
});

test('passes of orders are counted and checked, and the least recently used go, but for one in use', async () => {
  const store = new PassStore(lake, () => {});
  const market = { executions: 9, frontShare: 1, matchAlgorithm: null, last: { tsNs: 1, mid: 2 } };
  const about = { symbol: 'MNQH6', startNs: '1770388200000000000', entry: 'join', size: 1, met: true };
  const keys = [100, 200, 300, 400].map((entryLatencyUs) => ({ ...about, entryLatencyUs }));
  for (const key of keys) await store.save(key, { market, orders: new OurOrders([]), positions: [] });
  const latencies = (passes: readonly { entry_latency_us: number | null }[]) =>
    passes.map((one) => one.entry_latency_us);
  type Listed = { passes: { path: string; bytes: number; entry_latency_us: number; in_use: boolean }[] };
  const { passes } = await json<Listed>('cache', 'ls', ...root);
  for (const { path, entry_latency_us: us } of passes) utimesSync(path, us, us);
  match(
    (await runCommand('cache', 'ls', ...root)).out,
    /MNQH6 +2026-02-06 14:30 +join +400 µs .*\n.*300 µs(?:.*\n)*4 passes of orders/,
  );
  const damaged = passes.find((one) => one.entry_latency_us === 400)!;
  writeFileSync(damaged.path, 'x');
  equal((await runCommand('cache', 'verify', ...root)).code, 1);
  type Pruned = { deleted_passes: Listed['passes'] };
  deepEqual(latencies((await json<Pruned>('cache', 'prune', ...root)).deleted_passes), [400]);
  // The oldest is in use, so the next one goes.
  const two = String((2 * damaged.bytes) / 1e9);
  {
    await using _held = await store.hold(keys.slice(0, 1));
    deepEqual(latencies((await json<Pruned>('cache', 'prune', '--max-gb', two, ...root)).deleted_passes), [200]);
    deepEqual(latencies((await json<Pruned>('cache', 'prune', '--all', ...root)).deleted_passes), [300]);
    deepEqual(
      (await json<Listed>('cache', 'ls', ...root)).passes.map((one) => one.in_use),
      [true],
    );
  }
  equal((await store.load(keys[0]!)).length, 1);
  match(
    (await runCommand('cache', 'prune', '--all', ...root)).out,
    /Deleted 0 checkpoints \(0 B\) and 1 pass .*; 0 kept/,
  );
  deepEqual(readdirSync(lake.passes()), ['.pins']);
});

test('a range without a weekday and a wrong time are refused', async () => {
  equal((await runCommand('warm-cache', '--from', '2026-02-07', '--start', '09:30', ...root)).code, 2);
  equal((await runCommand('warm-cache', '--from', '2026-02-06', '--start', '9:30', ...root)).code, 2);
});
