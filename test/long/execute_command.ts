import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { quotedFile } from '../../src/files/index.ts';
import { type ExecutedJson, readExecution } from '../../src/sweep/index.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { runCommand } from '../helpers/run_command.ts';
import { createTwoDaysLake, type TwoDaysLake } from '../helpers/two_days_lake.ts';

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
