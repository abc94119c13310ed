import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { quotedFile } from '../../src/files/index.ts';
import { Lake } from '../../src/lake/index.ts';
import { type ExecutedJson, readExecution, runExperiment } from '../../src/sweep/index.ts';
import { emptyDefinition } from '../helpers/definition.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { runCommand } from '../helpers/run_command.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';
import { createTwoDaysLake, specifyTwoDays, type TwoDaysLake, writeTwoDayFiles } from '../helpers/two_days_lake.ts';

let days: TwoDaysLake;
before(async () => {
  days = await createTwoDaysLake();
});
after(() => days.remove());

const execute = (...words: string[]) => runCommand('execute', ...words, '--lake-root', days.lake.root);

test('a run is executed over its sessions: what JSON sums up is what the orders have, and both are kept', async () => {
  const [runId] = days.runIds as [string];
  const path = join(days.lake.root, 'orders.parquet');
  const asked = ['--run-id', runId, '--entry', 'join', '--latency-us', '500,5000', '--fee-ticks', '0.1'];
  const { code, out, err } = await execute(...asked, '--out', path, '--json');
  equal(code, 0, err);
  const json = JSON.parse(out) as ExecutedJson & { readonly path: string };
  deepEqual({ ...(await readExecution(days.lake, runId)), path }, json);
  equal(json.front_share, 1);
  match(json.assumed.join(), /no impact.*latency is constant/);
  deepEqual(
    json.results.map(({ entry, entry_latency_us }) => [entry, entry_latency_us]),
    [
      ['join', 500],
      ['join', 5000],
    ],
  );
  equal(json.curve.length, 20);
  for (const result of json.results) {
    equal(result.orders, json.mid.signals);
    const rows = await queryRows(`
      select sum(fill_size * fill_price * if(side = 'A', 1, -1)) / 0.25, sum(fill_size * if(side = 'B', 1, -1))
      from ${quotedFile(path)} where latency_us = ${result.entry_latency_us} and reason is not null
      group by session, trade`);
    equal(rows.length, result.trades);
    ok(
      rows.every(([, held]) => Number(held) === 0),
      'every position was left',
    );
    const net = rows.reduce((sum, [gross]) => sum + Number(gross), 0) - 0.2 * result.contracts;
    ok(Math.abs(net - result.total_net_pnl_ticks) < 1e-6, `${net} and ${result.total_net_pnl_ticks}`);
    ok(Math.abs(net / result.contracts - (result.mean_net_pnl_ticks as number)) < 1e-9);
    equal(
      result.sessions.reduce((sum, { trades }) => sum + trades, 0),
      result.trades,
    );
  }
});

test('the curve at the latency of the run is its result, and without met joins fill less', async () => {
  const [runId] = days.runIds as [string];
  const { out } = await execute('--run-id', runId, '--latency-us', '1000', '--json');
  const { results, curve } = JSON.parse(out) as ExecutedJson;
  const point = curve.find((one) => one.entry === 'market' && one.entry_latency_us === 1000 && one.met);
  equal(point?.mean_net_pnl_ticks, results[0]?.mean_net_pnl_ticks);
  const trades = (met: boolean) =>
    curve.filter((one) => one.entry === 'join' && one.met === met).reduce((sum, one) => sum + one.trades, 0);
  ok(trades(false) <= trades(true));
});

test('options that cannot be are refused', async () => {
  const [runId] = days.runIds as [string];
  match((await execute('--run-id', runId, '--latency-us', '5,5')).err, /Expected different microseconds/);
  match((await execute('--run-id', runId, '--out', 'orders.csv')).err, /give a name that ends in \.parquet/);
  match((await execute('--run-id', 'ffff')).err, /ffff/);
});

test('a market that is not first in, first out is refused, and marked where it is taken as if it were', async () => {
  const lake = new Lake(temporaryFolder('not-fifo'));
  writeTwoDayFiles(lake);
  const folder = lake.rawFolder('future_mbo', 'MNQH6');
  for (const name of readdirSync(folder)) {
    // The file says before its records that the product is allocated pro rata.
    const bytes = readFileSync(join(folder, name));
    const head = 8 + bytes.readUInt32LE(4);
    const definition = emptyDefinition(bytes.readUInt32LE(head + 4), 'K');
    writeFileSync(join(folder, name), Buffer.concat([bytes.subarray(0, head), definition, bytes.subarray(head)]));
  }
  const judge = async (execution: string) =>
    await runExperiment({
      ...{ lake, defaultWorkers: 1, memoryBytes: 4e9, keepGoing: false, force: false, codeVersion: 'test' },
      experiment: await specifyTwoDays(lake, execution),
      now: () => new Date(),
      notice: () => {},
    });
  const { plans } = await judge('');
  const asked = ['execute', '--run-id', plans[0]?.cells.at(0).runId ?? '', '--no-curve', '--lake-root', lake.root];
  const refused = await runCommand(...asked);
  equal(refused.code, 1);
  match(refused.err, /NOT_FIFO.*match_algorithm K, not F/);
  match((await runCommand(...asked, '--not-fifo')).out, /at the front +100\.00 % .*; NOT FIRST IN, FIRST OUT/);
  equal((await readExecution(lake, plans[0]?.cells.at(0).runId ?? ''))?.not_fifo, true);
  await rejects(judge(', execution: {entry: market}'), { code: 'NOT_FIFO' });
  await judge(', execution: {entry: market, not_fifo: true}');
  const { out } = await runCommand('compare', '--experiment', 'two_days', '--lake-root', lake.root);
  match(out, /Not first in, first out, and taken as if it were: 100\.00 % of the executions at the front/);
});
