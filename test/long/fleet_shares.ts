import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FleetPlan } from '../../src/fleet/fleet_plan.ts';
import { type RunShardOptions, runShard } from '../../src/fleet/run_shard.ts';
import { ShareRunner } from '../../src/fleet/share_runner.ts';
import { cancelSweep, Lake, PlanFiles, ResultsStore, readRunningSweeps } from '../../src/lake/index.ts';
import { type evaluateCells, runSweep, unitId } from '../../src/sweep/index.ts';
import { resultsHash } from '../helpers/fleet.ts';
import { evaluateHere, labPlan, sharePartFiles } from '../helpers/fleet_lake.ts';
import { skilledMarket, sweepNumbers, sweepOptions } from '../helpers/skilled_market.ts';
import { storedRows } from '../helpers/stored_rows.ts';

const { folder, newLake } = skilledMarket();

const runnerOptions = { codeVersion: '1.2.3', threads: 2, now: () => new Date(), evaluate: evaluateHere } as const;
const shardOptions = (lake: Lake, plan: FleetPlan, number: number, count: number): RunShardOptions => ({
  ...runnerOptions,
  ...{ lake, plan, shard: { number, count }, memoryBytes: 1e9, signal: new AbortController().signal },
});

/** Judges what a lake has of the sweep; gives how many units had to be run for it. */
const judge = async (lake: Lake) => (await runSweep(sweepOptions(lake))).ran;

test('shards give what one process gives, their parts are equal to the byte, and nothing is run twice', async () => {
  const [whole, cut, plain] = [await newLake(), await newLake(), await newLake()];
  const plan = await labPlan(cut);
  equal(plan.shareCount, 3);
  const reports = [];
  for (const number of [3, 1, 2]) {
    reports.push(await runShard(shardOptions(cut, plan, number, 3)));
    const names = readdirSync(cut.results);
    const isOpen = reports.reduce((sum, report) => sum + report.shares, 0) < 3;
    // The shard that ends the dataset merges its parts.
    if (isOpen) ok(names.every((name) => /^part-s-[0-9a-f]{32}-1\.2\.3-[0-9a-f]{8}-end$/.test(name)));
    else deepEqual([...sharePartFiles(cut).keys()], ['skilled/units.parquet', 'skilled/tried.parquet']);
    // Pages show the plan among the sweeps that run, until nothing of it is left.
    const [sweep] = await readRunningSweeps(cut, Date.now());
    if ((await readRunningSweeps(cut, Date.now() + 1e6)).length > 0) throw new Error('a quiet plan runs');
    const ran: number = reports.reduce((sum, report) => sum + report.ran, 0);
    if (ran === 12 || ran === 0) equal(sweep, undefined);
    else deepEqual([sweep?.done, sweep?.total, sweep?.state], [ran, 12, 'running']);
  }
  equal(
    reports.reduce((sum, { ran }) => sum + ran, 0),
    12,
  );
  equal((await runShard(shardOptions(whole, await labPlan(whole), 1, 1))).ran, 12);
  deepEqual(sharePartFiles(whole), sharePartFiles(cut));
  const again = await runShard(shardOptions(cut, plan, 1, 1));
  deepEqual([again.ran, again.finishedBefore], [0, 3]);
  deepEqual([await judge(cut), await judge(plain)], [0, 12]);
  deepEqual(await sweepNumbers(cut), await sweepNumbers(plain));
  // A share whose units all have results is done without a row of its own.
  const other = await runShard(shardOptions(plain, await labPlan(plain), 1, 1));
  deepEqual([other.ran, other.skipped], [0, 12]);
  equal((await runShard(shardOptions(plain, plan, 1, 1))).finishedBefore, 3);
  // Merged parts still tell which shares are done.
  using store = await ResultsStore.open(cut);
  await store.compact();
  equal((await runShard(shardOptions(cut, plan, 1, 1))).finishedBefore, 3);
  deepEqual(await sweepNumbers(cut), await sweepNumbers(plain));
});

test('a share of a dataset that was changed since it was made stops, and stores nothing', async () => {
  const lake = await newLake();
  const plan = await labPlan(lake);
  const [share] = [...plan.shares()];
  appendFileSync(join(lake.datasets('skilled'), 'bins.parquet'), 'x');
  using runner = await ShareRunner.create({ ...runnerOptions, lake });
  await rejects(runner.run(plan, share!, new AbortController().signal), {
    code: 'CHECKSUM_MISMATCH',
    message: /bins\.parquet changed/,
  });
  ok(!existsSync(lake.results));
});

test('two parts of one name with other bytes are an error with both hashes', async () => {
  const [lake, other] = [await newLake(), new Lake(join(folder, 'other'))];
  const plan = await labPlan(lake);
  cpSync(lake.root, other.root, { recursive: true });
  const [share] = [...plan.shares()];
  const signal = new AbortController().signal;
  using sound = await ShareRunner.create({ ...runnerOptions, lake });
  await sound.run(plan, share!, signal);
  // A machine that computes other numbers.
  const evaluate: typeof evaluateCells = async (options) => {
    const { units, failures } = await evaluateHere(options);
    return { units: units.map((row) => ({ ...row, nLong: row.nLong + 1 })), failures };
  };
  using runner = await ShareRunner.create({ ...runnerOptions, lake: other, evaluate });
  await runner.run(plan, share!, signal);
  const name = readdirSync(other.results)[0]!;
  const hash = (at: Lake) => {
    return JSON.parse(readFileSync(join(at.results, name, 'part.json'), 'utf8')).files['units.parquet'];
  };
  const [there, made] = [hash(lake), hash(other)];
  for (const kind of ['results', 'ledger'] as const) rmSync(join(other[kind], name), { recursive: true });
  using late = await ShareRunner.create({
    ...{ ...runnerOptions, lake: other },
    evaluate: (options) => {
      // Another worker stores the part while this one computes.
      cpSync(join(lake.results, name), join(other.results, name), { recursive: true });
      return evaluate(options);
    },
  });
  const message = new RegExp(`${there} there, ${made} here`);
  await rejects(late.run(plan, share!, signal), { code: 'CHECKSUM_MISMATCH', message });
});

test('a share that was not ended twice runs cell by cell, and a cell that was not ended three times is left out', async () => {
  const lake = await newLake();
  const plan = await labPlan(lake);
  const files = new PlanFiles(lake, plan.hash);
  const [share] = [...plan.shares()];
  const signal = new AbortController().signal;
  const sizes: number[] = [];
  let poison = -1;
  const evaluate: typeof evaluateCells = async (options) => {
    sizes.push(options.cells.length);
    if (options.cells.length > 1) poison = options.cells[2]!;
    // What a killed process leaves is its start, which nothing ends: here the test leaves one more.
    if (options.cells.length === 1 && options.cells[0] === poison) {
      const { session, plan: sweep } = options.loaded;
      await files.startRunning(unitId(session, sweep.cells.at(poison).trialHash));
      await files.startRunning(share!.id);
      throw new Error('killed');
    }
    if (options.cells.includes(poison)) {
      await files.startRunning(share!.id);
      throw new Error('killed');
    }
    return evaluateHere(options);
  };
  using runner = await ShareRunner.create({ ...runnerOptions, lake, evaluate });
  for (let death = 0; death < 5; death++) await rejects(runner.run(plan, share!, signal), /killed/);
  deepEqual(sizes.slice(0, 6), [4, 4, 1, 1, 1, 1]);
  const report = await runner.run(plan, share!, signal);
  equal(report.failed, 1);
  const [failure] = await files.failures();
  equal(failure?.code, 'POISONED');
  equal(failure?.run_id, planCell(plan, poison));
  deepEqual((await runShard(shardOptions(lake, plan, 1, 1))).failed, 0);
  // Forgotten, it runs like any other.
  equal(await files.retryFailures(), 1);
  using sound = await ShareRunner.create({ ...runnerOptions, lake });
  equal((await sound.run(plan, share!, signal)).ran, 1);
  const whole = await newLake();
  await runShard(shardOptions(whole, await labPlan(whole), 1, 1));
  using cut = await ResultsStore.open(lake);
  using uncut = await ResultsStore.open(whole);
  deepEqual(await storedRows(cut, 'units'), await storedRows(uncut, 'units'));
});

const planCell = (plan: FleetPlan, cell: number) => plan.sweeps[0]!.cells.at(cell).runId;

test('a plan that runs is cancelled as a sweep is, and goes on when it is asked to', async () => {
  const lake = await newLake();
  const plan = await labPlan(lake);
  const [share] = [...plan.shares()];
  using runner = await ShareRunner.create({ ...runnerOptions, lake });
  await runner.run(plan, share!, new AbortController().signal);
  equal(await cancelSweep(lake, plan.content.sweep_id, Date.now()), 'cancelling');
  equal((await readRunningSweeps(lake, Date.now()))[0]?.state, 'cancelling');
  await rejects(runShard(shardOptions(lake, plan, 1, 1)), { code: 'SWEEP_FAILED', message: /it was cancelled/ });
  await new PlanFiles(lake, plan.hash).goOn();
  equal((await runShard(shardOptions(lake, plan, 1, 1))).ran, 8);
});

test('two workers that end a dataset at once, or one that dies in between, lose nothing and double nothing', async () => {
  const lake = await newLake();
  const plan = await labPlan(lake);
  const shares = [...plan.shares()];
  const signal = new AbortController().signal;
  const stores = [await ResultsStore.open(lake), await ResultsStore.open(lake), await ResultsStore.open(lake)];
  const [store] = stores;
  const ended = { dataset: 'skilled', shareIds: new Set(shares.map(({ id }) => id)) };
  // Their parts as they are before the last one merges them.
  const parts = join(folder, 'parts');
  for (const share of shares) {
    using runner = await ShareRunner.create({ ...runnerOptions, lake });
    if (share === shares.at(-1)) cpSync(lake.results, parts, { recursive: true });
    await runner.run(plan, share, signal);
  }
  const expected = [await resultsHash(lake), sharePartFiles(lake)] as const;
  equal(readdirSync(lake.results).length, 1);
  // What a compaction leaves that is killed before it removes what it took over.
  cpSync(parts, lake.results, { recursive: true });
  equal(await resultsHash(lake), expected[0]);
  deepEqual(await store!.compactDataset(ended), { before: 1, after: 1 });
  deepEqual(sharePartFiles(lake), expected[1]);
  // What one leaves that is killed before its part appears, with all of them going at it.
  rmSync(lake.results, { recursive: true });
  for (const share of shares.slice(0, 2)) {
    using runner = await ShareRunner.create({ ...runnerOptions, lake });
    await runner.run(plan, share, signal);
  }
  const last = await Promise.all(
    stores.map(async () => {
      using runner = await ShareRunner.create({ ...runnerOptions, lake });
      return await runner.run(plan, shares[2]!, signal);
    }),
  );
  equal(last.length, 3);
  await Promise.all([...stores.map((each) => each.compactDataset(ended)), ...stores.map((each) => each.compact())]);
  deepEqual([await resultsHash(lake), sharePartFiles(lake)], expected);
  equal(readdirSync(lake.results).length, 1);
  for (const each of stores) each.close();
});
