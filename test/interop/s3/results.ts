import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { cancelSweep, type Lake, PlanFiles, ResultsStore } from '../../../src/lake/index.ts';
import type { SweepsResponse } from '../../../src/wire/index.ts';
import { RedisServer, withoutRedis } from '../../helpers/redis_server.ts';
import { runCommand } from '../../helpers/run_command.ts';
import { metricsOf, serve } from '../../helpers/stream_server.ts';
import type { FaultProxy } from './fault_proxy.ts';
import type { Machine, SharedFiles } from './machines.ts';

/** Tests of results in a bucket; `localRoot` is a lake on disk with the raw file. */
export function testResults(
  proxy: FaultProxy,
  files: SharedFiles,
  localRoot: string,
  machine: (address: string) => Machine,
  newLake: () => string,
): void {
  interface Comparison {
    readonly runs: readonly Record<string, unknown>[];
  }
  /** The runs of a comparison, but for when they were evaluated and how often they were looked at. */
  const runsOf = ({ runs }: Comparison) => runs.map(({ timestamp_utc, looks, ...run }) => run);
  const inBucket = async (at: Machine) => runsOf(await at.json<Comparison>('compare'));
  const local = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await runCommand(...words, '--lake-root', localRoot);
    equal(code, 0, out + err);
    return out;
  };
  const onDisk = async () => {
    await local('run', files.experiment);
    return runsOf(JSON.parse(await local('compare', '--json')) as Comparison);
  };

  test('a sweep in a bucket has the numbers of a local one, also after a compaction, on any machine', async () => {
    const expected = await onDisk();
    ok(expected.length > 0);
    const address = newLake();
    const first = machine(address);
    await first.json('import', files.raw);
    await first.json('run', files.experiment);
    const second = machine(address);
    deepEqual(await inBucket(second), expected);
    match((await second.run('report', 'sweep_derivative')).out, /sweep_derivative: /);
    const { run_id: runId } = expected[0] as { run_id: string };
    const trades = async (run: (...words: string[]) => Promise<{ out: string }>) =>
      (JSON.parse((await run('trades', runId, '--json')).out) as { trades: unknown[] }).trades;
    const localTrades = await trades((...words) => runCommand(...words, '--lake-root', localRoot));
    deepEqual(await trades((...words) => second.run(...words)), localTrades);
    equal((await second.json<{ ran: number; skipped: number }>('run', files.experiment)).ran, 0);

    await first.json('run', files.experiment, '--force');
    // One part of the session, one of what is of none, whatever two machines do at once.
    const folder = 'research/vp_harness/results';
    const lake = await first.lake();
    const before = (await lake.storage?.names(folder))?.length ?? 0;
    ok(before > 2, `${before} parts before`);
    const lakes = [lake, await machine(address).lake()];
    const stores = await Promise.all(lakes.map((each) => ResultsStore.open(each, { threads: 1 })));
    await Promise.all(stores.map((store) => store.compact()));
    equal((await stores[1]?.compact())?.after, 2);
    for (const store of stores) store.close();
    deepEqual(await first.json('results', 'compact'), { before: 2, after: 2 });
    deepEqual(await inBucket(second), expected);
    const third = machine(address);
    proxy.asked.length = 0;
    deepEqual(await inBucket(third), expected);
    const parts = proxy.asked.flatMap(({ method, path }) =>
      method === 'GET' ? (/data\/research\/vp_harness\/results\/(part-[^/]+)/.exec(path)?.[1] ?? []) : [],
    );
    equal(new Set(parts).size, 2, 'parts that were merged are not brought');

    const tomorrow = { nowMs: () => Date.now() + 25 * 3600 * 1000 };
    using store = await ResultsStore.open(lake, { threads: 1, clock: tomorrow });
    await store.compact();
    equal((await lake.storage?.names(folder))?.length, 2);
    deepEqual(await inBucket(machine(address)), expected);
    for (const each of lakes) await each.storage?.close();
  });

  test('shards of several machines do a sweep together', async () => {
    const expected = await onDisk();
    const address = newLake();
    await machine(address).json('import', files.raw);
    // A shard without a share stores the plan.
    const { plan } = await machine(address).json<{ plan: string }>('run', files.experiment, '--shard', '1/49999');
    await assertShown(await machine(address).lake(), await machine(address).lake(), plan);
    for (const shard of ['1/2', '2/2', '1/2']) {
      const { failed } = await machine(address).json<{ failed: number }>('run', files.experiment, '--shard', shard);
      equal(failed, 0);
    }
    const judge = machine(address);
    match((await judge.run('jobs', 'status')).out, /1 of 1 share done, 1 of 1 dataset made/);
    equal((await judge.json<{ ran: number }>('run', files.experiment)).ran, 0);
    deepEqual(await inBucket(judge), expected);
  });

  test('a queue and a bucket do a sweep', { skip: withoutRedis() }, async () => {
    const expected = await onDisk();
    await using redis = await RedisServer.start();
    const queue = ['--queue', redis.url];
    const address = newLake();
    const first = machine(address);
    await first.json('import', files.raw);
    equal((await first.json<{ queued: number }>('submit', files.experiment, ...queue)).queued, 1);
    const second = machine(address);
    const done = await second.json<{ ran: number; datasets: number }>('worker', '--until-empty', ...queue);
    deepEqual([done.ran > 0, done.datasets], [true, 1]);
    equal((await first.json<{ queued: number }>('submit', files.experiment, ...queue)).queued, 0);
    equal((await first.json<{ ran: number }>('run', files.experiment)).ran, 0);
    deepEqual(await inBucket(second), expected);
  });

  /** What one machine runs of a plan is shown by the server of another, which can ask it to stop. */
  async function assertShown(worker: Lake, served: Lake, plan: string): Promise<void> {
    const ended = await new PlanFiles(worker, plan).startRunning(`s-${'0'.repeat(32)}`);
    const server = await serve(served);
    let sweepId = '';
    try {
      const { running } = (await (await fetch(`${server.address}/v1/sweeps`)).json()) as SweepsResponse;
      const [sweep] = running;
      sweepId = String(sweep?.sweep_id);
      deepEqual([running.length, sweep?.instance, sweep?.done, sweep?.state], [1, plan, 0, 'running']);
      ok(Math.abs(Date.parse(String(sweep?.started_utc)) - Date.now()) < 600_000);
      match(await metricsOf(server), new RegExp(`^spymaster_fleet_shares\\{.*${plan}.*state="open"\\} 1$`, 'm'));
    } finally {
      await server.close();
    }
    equal(await cancelSweep(served, sweepId, Date.now()), 'cancelling');
    equal(await new PlanFiles(worker, plan).stopReason(), 'it was cancelled');
    await new PlanFiles(worker, plan).goOn();
    await ended();
    for (const lake of [worker, served]) await lake.storage?.close();
  }

  test('aliases are of the machine that promotes; others know a version by its id', async () => {
    const address = newLake();
    const promoter = machine(address);
    await promoter.json('import', files.raw);
    await promoter.json('run', files.experiment);
    const [best] = await inBucket(promoter);
    const words = ['promote', files.experiment, '--run-id', String(best?.run_id), '--alias', 'best', '--yes'];
    match((await promoter.run(...words)).err, /USAGE.*--registry FILE/);
    const registry = ['--registry', join(promoter.cache, 'registry.sqlite')];
    const { serving_id: id } = await promoter.json<{ serving_id: string }>(...words, ...registry);
    equal((await promoter.json<{ reused: boolean }>(...words, ...registry)).reused, true);
    match((await promoter.run('serving', 'show', 'best', ...registry)).out, new RegExp(`^${id}`));
    const other = machine(address);
    match((await other.run('serving', 'show', id)).out, new RegExp(`^${id}`));
    match((await other.run('serving', 'show', 'best')).err, /SERVING_UNKNOWN/);
    const listed = await other.json<{ servings: { servingId: string }[]; aliases: unknown[] }>('list-servings');
    deepEqual([listed.servings.map(({ servingId }) => servingId), listed.aliases], [[id], []]);
    match((await other.run('serving', 'rollback', 'best', '--to', id)).err, /USAGE.*--registry FILE/);
    equal((await runCommand('list-servings', '--lake-root', localRoot, ...registry)).code, 2);
  });

  test('a sweep that is killed between the files of a part and its manifest goes on, and two at once agree', async () => {
    const expected = await onDisk();
    const address = newLake();
    const killed = machine(address);
    await killed.json('import', files.raw);
    const words = [resolve(import.meta.dirname, '../../../bin/spymaster.js'), 'run', files.experiment];
    const start = ({ environment }: Machine) =>
      spawn(process.execPath, [...words, '--lake-root', address], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    const child = start(killed);
    proxy.fault = ({ method, path }) => {
      if (method !== 'PUT' || !/manifests\/research\/vp_harness\/results/.test(path)) return 'none';
      child.kill('SIGKILL');
      return 'lost';
    };
    await once(child, 'exit');
    proxy.fault = () => 'none';
    equal(child.signalCode, 'SIGKILL');
    const other = machine(address);
    deepEqual((await other.json<Comparison>('compare')).runs, []);
    // Two of them are processes of one machine, with one cache.
    const machines = [killed, other, other];
    const codes = await Promise.all(machines.map(async (each) => (await once(start(each), 'exit'))[0] as number));
    deepEqual(codes, [0, 0, 0]);
    for (const each of [...machines, machine(address)]) deepEqual(await inBucket(each), expected);
  });
}
