import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { present } from '../../src/errors.ts';
import { quotedFile } from '../../src/files/index.ts';
import type { Lake } from '../../src/lake/index.ts';
import { edgeLake, judgeEdge } from '../helpers/edge_lake.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { runCommand } from '../helpers/run_command.ts';

const lakes: Lake[] = [];
after(() => {
  for (const { root } of lakes) rmSync(root, { recursive: true });
});
const lakeOf = (...edge: Parameters<typeof edgeLake>) => {
  const lake = edgeLake(...edge);
  lakes.push(lake);
  return lake;
};
const market = ', execution: {entry: market, entry_latency_us: 1000, exit_latency_us: 1000}';

test('a planted edge at the mid that is smaller than the spread does not hold after it', async () => {
  const { best, executed } = await judgeEdge(lakeOf({ perMinute: 10, probability: 1, ticks: 1 }, 15), 'small', market);
  ok((best?.result.execution?.midGross.low ?? 0) > 0, 'the edge is there at the mid');
  ok((best?.result.net?.mean ?? 0) < 0, 'and less than what the spread costs');
  match(executed ?? '', /^In the real book \(market, 1 ms\): holds at the mid, not after the spread\./);
});

test('a planted edge that is larger than the spread holds after it, and its runs are kept', async () => {
  const lake = lakeOf({ perMinute: 10, probability: 0.95, ticks: 10 }, 7);
  const mid = await judgeEdge(lake, 'at_mid', '');
  const { best, executed, trials } = await judgeEdge(lake, 'large', market);
  match(executed ?? '', /: holds after the spread\. .* Assumed: no impact/);
  ok((best?.result.net?.low ?? 0) > 0);
  equal(mid.executed, null);
  // The mid beside it is what the same experiment without execution has.
  for (const { result } of trials) {
    const same = mid.trials.find(({ result: { trial } }) => trial.threshold === result.trial.threshold)?.result;
    const beside = result.execution?.midNet;
    ok(Math.abs((same?.meanNet ?? 0) - (beside?.mean ?? Number.NaN)) < 1e-9);
    ok(Math.abs((same?.net?.low ?? 0) - (beside?.low ?? Number.NaN)) < 1e-9);
  }
  const runIds = trials.map(({ runId }) => runId);
  const again = await judgeEdge(lake, 'large', market);
  deepEqual(
    again.trials.map(({ runId }) => runId),
    runIds,
  );
  // Another experiment whose firings are among these reads no feed: each reading of one keeps a file.
  const before = passFiles(lake);
  equal(before.length, 2 * 3);
  const fewer = await judgeEdge(lake, 'fewer', `, split: {folds: 2}${market}`);
  equal(fewer.trials[0]?.result.signals, trials[0]?.result.signals);
  deepEqual(passFiles(lake), before);
  const [runId] = runIds as [string];
  const { code, out, err } = await runCommand('compare', '--experiment', 'large', '--lake-root', lake.root);
  equal(code, 0, err);
  match(out, /missed/);
  match(out, /holds after the spread/);
  await holdsTrades(lake, runId, present(trials.find((one) => one.result.trial.threshold === 0.4)).result.signals);
  // Its own terms again, by the command: the same fills.
  const chosen = ['--threshold', '0.4', '--latency-us', '1000', '--no-curve', '--json', '--lake-root', lake.root];
  const alone = JSON.parse((await runCommand('execute', '--run-id', runId, ...chosen)).out);
  const swept = trials.find((one) => one.result.trial.threshold === 0.4)?.result;
  equal(alone.results[0].trades, swept?.signals);
  ok(Math.abs(alone.results[0].mean_net_pnl_ticks - (swept?.meanNet ?? Number.NaN)) < 1e-9);
  ok(Math.abs(alone.results[0].mean_net_pnl_ticks_low - (swept?.net?.low ?? Number.NaN)) < 1e-9);
});

/** Every file of kept passes is a reading of the feed, of which each keeps two: with *met* and without. */
const passFiles = ({ root }: Lake) =>
  readdirSync(join(root, 'research', 'vp_harness', 'passes'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.pass.zst'),
  );

test('one pass of the feed a session follows all signals of an experiment, with the results that each has alone', async () => {
  const lake = lakeOf({ perMinute: 10, probability: 0.95, ticks: 10 }, 3);
  const levels = { levels: 'tp_ticks: [20, 40], sl_ticks: 40', force: true };
  const signals = (...names: string[]) => `${market}}\nsignals: [${names.join(', ')}]\nsweep: {per_signal: {}`;
  const told = ({ trials }: Awaited<ReturnType<typeof judgeEdge>>, name: string) =>
    trials
      .map(({ result: { trial, signals: count, meanNet, execution } }) => {
        const { trialHash, threshold, signalName } = trial;
        return { trialHash, threshold, signalName, count, meanNet, execution, units: trial.executions() };
      })
      .filter(({ signalName }) => signalName === name);
  const both = await judgeEdge(lake, 'both', signals('pva', 'spg'), levels);
  equal(passFiles(lake).length, 2 * 3);
  ok(told(both, 'spg').some(({ count }) => count > 0));
  // One alone is followed from the kept passes, and then without them.
  const spg = await judgeEdge(lake, 'spg', signals('spg'), levels);
  equal(passFiles(lake).length, 2 * 3);
  rmSync(join(lake.root, 'research', 'vp_harness', 'passes'), { recursive: true });
  const alone = await judgeEdge(lake, 'alone', signals('spg'), levels);
  equal(passFiles(lake).length, 2 * 3);
  deepEqual(told(spg, 'spg'), told(both, 'spg'));
  deepEqual(told(alone, 'spg'), told(both, 'spg'));
});

/** `trades` of an executed run has its firings in the real book: kept ones, and the same when they are followed anew. */
async function holdsTrades(lake: Lake, runId: string, filled: number): Promise<void> {
  const trades = async (...words: string[]) => {
    const told = await runCommand('trades', runId, '--threshold', '0.4', ...words, '--lake-root', lake.root);
    equal(told.code, 0, told.err);
    return told.out;
  };
  const kept = await trades('--json');
  const { trades: rows, n_signals: signals } = JSON.parse(kept) as {
    trades: { net_pnl_ticks: number | null; outcome: string; entry_ns: string | null; entry_price: number | null }[];
    n_signals: number;
  };
  equal(signals, filled);
  equal(rows.filter(({ entry_price: price }) => price !== null).length, filled);
  ok(rows.every(({ entry_ns: ns, outcome }) => (ns === null) === (outcome === 'missed' || outcome === 'refused')));
  rmSync(join(lake.root, 'research', 'vp_harness', 'passes'), { recursive: true });
  equal(await trades('--json'), kept);
  const [parquet, csv] = ['parquet', 'csv'].map((ending) => join(lake.root, `trades.${ending}`)) as [string, string];
  match(
    await trades('--out', parquet),
    new RegExp(`^Wrote ${rows.length} firings, ${filled} of them filled in the real`),
  );
  await trades('--out', csv);
  const sums = (path: string) =>
    queryRows(`select count(*), count(net_pnl_ticks), sum(net_pnl_ticks)::double, bool_or(not_fifo), min(front_share)::double, max(exit_ns)
      from ${quotedFile(path)}`);
  const [inParquet] = await sums(parquet);
  deepEqual(inParquet?.slice(0, 2), [BigInt(rows.length), BigInt(filled)]);
  deepEqual(inParquet?.slice(3, 5), [false, 1]);
  deepEqual(await sums(csv), [inParquet]);
}
