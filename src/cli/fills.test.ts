import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { emptyDefinition } from '../../test/helpers/definition.ts';
import { mboMetadata } from '../../test/helpers/mbo_metadata.ts';
import { type CaseEvent, recordsOf } from '../../test/helpers/queue_cases.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { batchOf } from '../../test/oracle/mbo.ts';
import { encodeMetadata, type Metadata } from '../dbn/index.ts';
import { DuckDatabase, quotedFile } from '../files/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-fills-'));
after(() => rmSync(folder, { recursive: true }));

const startNs = 1_770_388_200_000_000_000n;
const head = 'id,ts_ns,side,kind,price,size,max_wait_ms';

function writeSession(name: string, events: readonly CaseEvent[], metadata: Partial<Metadata> = {}): string {
  const records = recordsOf(events).map((record) => ({
    ...{ ...record, tsEvent: startNs + record.tsEvent, tsRecv: startNs + record.tsRecv + 5n },
  }));
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([encodeMetadata(mboMetadata('ESH6', 1, metadata)), batchOf(records).bytes]));
  return path;
}

function writeOrders(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const market: CaseEvent = [1, 'A 1 B 99 50', 'A 2 A 101 50'];
const trade: CaseEvent = [20, 'T 9 A 99 50', 'F 1 B 99 50', 'C 1 B 99 50', 'A 3 B 98 9'];
const session = writeSession('session.dbn', [
  market,
  [15, 'A 4 B 99 3'],
  trade,
  [30, 'T 10 A 99 2', 'F 4 B 99 2', 'M 4 B 99 1'],
]);
const at = (ns: number): string => String(startNs + BigInt(ns));

test('fills writes a row for each partial fill, and says what is assumed', async () => {
  const orders = writeOrders(
    'orders.csv',
    head,
    `join,${at(10)},B,limit,99,5,`,
    `"take, twice",${at(10)},A,market,,1,0`,
    `late,${at(31)},B,limit,99.000000000,1,2.5`,
  );
  const out = join(folder, 'fills.parquet');
  const { code, out: printed, err } = await runCommand('fills', session, '--orders', orders, '--out', out, '--json');
  equal(code, 0, printed + err);
  const summary = JSON.parse(printed) as Record<string, unknown>;
  deepEqual(
    [summary.orders, summary.fills, summary.filled_quantity, summary.executions, summary.front_share, summary.symbol],
    [3, 2, 3, 2, 1, 'ESH6'],
  );
  deepEqual(summary.fills_by_reason, { take: 1, queue: 1, hidden: 0, through: 0, met: 0 });
  const outcomes = Object.entries(summary.orders_by_outcome as Record<string, number>).filter(([, count]) => count > 0);
  deepEqual(outcomes, [
    ['after_end', 1],
    ['resting', 1],
    ['filled', 1],
  ]);
  match(String(summary.assumed), /no impact.*latency is constant.*hidden and implied liquidity is unknown/);
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  const rows = await connection.runAndReadAll(`FROM ${quotedFile(out)}`);
  deepEqual(rows.getRowObjects(), [
    {
      ...{ id: 'take, twice', ts_ns: startNs + 10n, price: 99, size: 1n, reason: 'take', ahead_at_arrival: 0n },
      ...{ too_large: false, front_share: 1, not_fifo: false },
    },
    {
      ...{ id: 'join', ts_ns: startNs + 30n, price: 99, size: 2n, reason: 'queue', ahead_at_arrival: 50n },
      ...{ too_large: false, front_share: 1, not_fifo: false },
    },
  ]);
  const again = await runCommand('fills', session, '--orders', orders, '--out', out);
  equal(again.code, 1);
  match(again.err, /FILE_EXISTS/);
  const text = await runCommand('fills', session, '--orders', orders, '--out', out, '--force', '--clock', 'recv');
  match(text.out, /^Wrote 2 fills of 3 orders in session\.dbn to .*100\.00 % of 2 executions.*no impact/s);
});

test('a line that cannot be read names line, column, expectation and remedy', async () => {
  const good = `1,${at(10)},B,limit,99,5,`;
  const cases: [lines: string[], error: RegExp][] = [
    [[], /the file is empty. Begin it with the line id,ts_ns/],
    [[head], /has a head but no orders/],
    [['id,ts_ns', '1,2'], /line 1: the column side, kind, price, size, max_wait_ms is missing/],
    [[`${head},colour`, `${good},red`], /line 1: the column "colour" is unknown/],
    [[head, good, '2,3'], /line 3: expected 7 values as in the head, got 2/],
    [[head, `"1,${at(10)}`], /line 2, value 1: expected a value, or one in double quotes/],
    [[head, good, good], /line 3, column id: expected an id of its own, for line 2 has the same, got "1"/],
    [
      [head, good.replace(at(10), '1.7e18')],
      /line 2, column ts_ns: expected the time .* got "1.7e18". Write whole nanos/,
    ],
    [[head, good.replace(at(10), '1770388200')], /line 2, column ts_ns: expected a time of the file/],
    [[head, good.replace('B', 'buy')], /line 2, column side: expected B or A, got "buy". B buys, A sells/],
    [[head, good.replace('limit', 'stop')], /line 2, column kind: expected market or limit, got "stop"/],
    [[head, good.replace('99', '')], /line 2, column price: expected a number with at most 9 decimals.* got nothing/],
    [[head, good.replace('99', '1.0000000001')], /column price: expected a number with at most 9 decimals/],
    [[head, good.replace('limit', 'market')], /column price: expected nothing, .* got "99". Leave it empty/],
    [[head, good.replace(',5,', ',0,')], /column size: expected a whole number from 1/],
    [[head, `${good}-1`], /column max_wait_ms: expected milliseconds from 0 on, got "-1"/],
  ];
  for (const [lines, error] of cases) {
    const out = join(folder, 'none.parquet');
    const orders = writeOrders('bad.csv', ...lines);
    const { code, err } = await runCommand('fills', session, '--orders', orders, '--out', out);
    equal(code, 1, err);
    match(err, error);
    match(err, /^Error \[ORDERS_INVALID\]/);
    ok(!existsSync(out));
  }
});

test('a market that is not first in, first out is refused without --not-fifo, which marks its fills', async () => {
  const orders = writeOrders('two.csv', head, `1,${at(10)},B,market,,1,`);
  const outOfTurn = writeSession('turn.dbn', [market, [5, 'A 4 B 99 3'], [20, 'F 4 B 99 3', 'C 4 B 99 3']]);
  const definition = emptyDefinition(1, 'K');
  const defined = writeSession('defined.dbn', [market, trade]);
  writeFileSync(defined, definition, { flag: 'a' });
  for (const [path, why] of [
    [outOfTurn, /NOT_FIFO.*0\.00 % of its executions are at the front of their queue/],
    [defined, /NOT_FIFO.*match_algorithm K, not F/],
  ] as const) {
    const out = join(folder, 'turn.parquet');
    const refused = await runCommand('fills', path, '--orders', orders, '--out', out);
    equal(refused.code, 1);
    match(refused.err, why);
    ok(!existsSync(out));
    const taken = await runCommand('fills', path, '--orders', orders, '--out', out, '--not-fifo', '--json');
    equal(taken.code, 0, taken.err);
    const { front_share: share, not_fifo: isMarked } = JSON.parse(taken.out) as {
      front_share: number;
      not_fifo: boolean;
    };
    equal(isMarked, true);
    using database = await DuckDatabase.open({ threads: 1 });
    const rows = await (await database.connect()).runAndReadAll(`SELECT front_share, not_fifo FROM ${quotedFile(out)}`);
    deepEqual(rows.getRows(), [[share, true]]);
    rmSync(out);
  }
});

test('the symbol is asked for where the file maps several, and other schemas are refused', async () => {
  const orders = writeOrders('one.csv', head, `1,${at(10)},B,market,,1,`);
  const mapped = (symbol: string, id: string) => ({
    rawSymbol: symbol,
    intervals: [{ startDate: 20260206, endDate: 20260207, symbol: id }],
  });
  const two = writeSession('two.dbn', [market, trade], { mappings: [mapped('ESH6', '1'), mapped('NQH6', '2')] });
  const out = join(folder, 'two.parquet');
  const asked = await runCommand('fills', two, '--orders', orders, '--out', out);
  match(asked.err, /SYMBOL_UNKNOWN.*maps ESH6, NQH6. Choose one with --symbol/);
  equal((await runCommand('fills', two, '--orders', orders, '--out', out, '--symbol', 'ESH6')).code, 0);
  const empty = writeSession('empty.dbn', []);
  match(
    (await runCommand('fills', empty, '--orders', orders, '--out', out, '--force')).err,
    /FILE_EMPTY.*no order records of ESH6/,
  );
  const unmapped = { mappings: [], symbols: [] };
  equal(
    (
      await runCommand(
        'fills',
        writeSession('plain.dbn', [market, trade], unmapped),
        '--orders',
        orders,
        '--out',
        out,
        '--force',
      )
    ).code,
    0,
  );
  const publishers = writeSession('publishers.dbn', [market, trade]);
  const other = batchOf(recordsOf([[30, 'A 8 B 99 1']])).bytes;
  other[2] = 2;
  writeFileSync(publishers, other, { flag: 'a' });
  const merged = await runCommand('fills', publishers, '--orders', orders, '--out', out, '--force');
  match(merged.err, /PUBLISHER_UNKNOWN.*choose one with --publisher-id/);
  const one = await runCommand('fills', publishers, '--orders', orders, '--out', out, '--force', '--publisher-id', '1');
  equal(one.code, 0, one.err);
  const trades = writeSession('trades.dbn', [], { schema: 'trades' });
  for (const chosen of [[], ['--symbol', 'MNQH6']])
    match(
      (await runCommand('fills', trades, '--orders', orders, '--out', out, '--force', ...chosen)).err,
      /SCHEMA_MISMATCH/,
    );
  match((await runCommand('fills', session, '--orders', orders, '--out', 'x.csv')).err, /ends in \.parquet/);
});
