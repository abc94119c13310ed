import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { runCommand } from '../../test/helpers/run_command.ts';
import { readShared, sharedPath } from '../../test/helpers/shared.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultRuntimeConfig } from '../config/index.ts';
import { decodeMetadata, encodeMetadata } from '../dbn/index.ts';
import { gridColumns } from '../engine/index.ts';

const golden = sharedPath('golden', 'synthetic-mnq');
const folder = temporaryFolder('replay');

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const close = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance * (1 + Math.abs(b));

test('replay writes the bins and grids of the golden, and tells what it did', async () => {
  const out = join(folder, 'out');
  const meta = JSON.parse(readFileSync(join(golden, 'meta.json'), 'utf8')) as {
    source: string;
    sampled: number[];
    columns: string[];
    rows: number;
    bins: number;
  };
  const words = ['replay', sharedPath('data', meta.source), '--config', join(golden, 'config.json'), '--out', out];
  const { code, out: printed } = await runCommand(...words, '--json');
  equal(code, 0, printed);
  const summary = JSON.parse(printed) as Record<string, number>;
  equal(summary.bins, meta.bins);
  equal(summary.grid_rows, meta.bins * meta.rows);
  ok(summary.events_per_s! > 0 && summary.times_real_time! > 0);
  deepEqual(readdirSync(out).sort(), ['bins.parquet', 'grid.parquet']);

  const expected = readShared('golden', 'synthetic-mnq', 'bins.ndjson.zst').toString().trim().split('\n');
  const bins = await query(`SELECT * FROM '${out}/bins.parquet' ORDER BY bin_seq`);
  equal(bins.length, expected.length);
  for (const [i, line] of expected.entries()) {
    const golden = JSON.parse(line) as Record<string, unknown>;
    for (const [name, value] of Object.entries(golden)) {
      if (name === 'type') continue;
      const actual = bins[i]![name];
      if (typeof actual === 'bigint') equal(actual, BigInt(value as string), `bin ${i} ${name}`);
      else if (typeof actual === 'number')
        ok(close(actual, value as number, 1e-9), `bin ${i} ${name}: ${actual}, ${value}`);
      else equal(actual, value, `bin ${i} ${name}`);
    }
  }

  const bytes = readShared('golden', 'synthetic-mnq', 'grid.f64.zst');
  const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const last = meta.sampled.length - 1;
  const rows = await query(`SELECT * FROM '${out}/grid.parquet' WHERE bin_seq = ${meta.sampled[last]} ORDER BY k`);
  deepEqual(Object.keys(rows[0]!), ['bin_seq', ...gridColumns.map(([name]) => name)]);
  for (const [c, name] of meta.columns.entries()) {
    for (const [r, row] of rows.entries()) {
      const value = values[(last * meta.columns.length + c) * meta.rows + r]!;
      ok(
        close(Number(row[name]), value, name === 'flow_score' ? 1e-6 : 1e-9),
        `${name} in row ${r}: ${row[name]}, ${value}`,
      );
    }
  }

  const coarse = join(folder, 'coarse.json');
  const config = JSON.parse(readFileSync(join(golden, 'config.json'), 'utf8')) as { runtime: object };
  writeFileSync(coarse, JSON.stringify({ ...config, runtime: { ...config.runtime, cell_width_ms: 2000 } }));
  const { code: again, out: text } = await runCommand('replay', words[1]!, '--config', coarse, '--out', out);
  equal(again, 0);
  match(text, /^Replayed 55,184 events into 30 bins in .*: .* events\/s, .* × real time\.\n/);
  match(text, /bins\.parquet \(.*\) and grid\.parquet \(2,430 rows/);
});

test('bad input is one sentence, exit code 1, and nothing is left', async () => {
  const source = sharedPath('data', 'synthetic-mnqh6-20260206.mbo.dbn.zst');
  const out = join(folder, 'nothing', 'here');
  const base = {
    runtime: { ...defaultRuntimeConfig },
    stream_dt: '2026-02-06',
    stream_start_time: '09:25',
    end_time: '09:26',
  };
  const config = (change: object) => {
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify({ ...base, ...change }, null, 1));
    return path;
  };
  const runtime = (change: object) => ({ runtime: { ...base.runtime, ...change } });
  const cut = join(folder, 'cut.dbn.zst');
  writeFileSync(cut, readFileSync(source).subarray(0, 400_000));
  const csv = join(folder, 'text.dbn');
  writeFileSync(csv, 'ts_event,price\n');
  const trades = join(folder, 'trades.dbn');
  writeFileSync(
    trades,
    encodeMetadata({ ...decodeMetadata(readShared('data', 'synthetic-mnqh6-20260206.mbo.dbn.zst')), schema: 'trades' }),
  );
  const cases: [string, object, string, RegExp][] = [
    [csv, {}, 'DBN_NOT_DBN', /expected "DBN"/],
    [join(folder, 'absent.dbn'), {}, 'FILE_NOT_FOUND', /absent\.dbn/],
    [trades, {}, 'SCHEMA_MISMATCH', /the schema mbo .* holds trades/],
    [cut, {}, 'DBN_TRUNCATED', /cut\.dbn\.zst.* byte \d+/],
    [source, runtime({ symbol: 'MNQM6' }), 'SYMBOL_UNKNOWN', /maps MNQH6/],
    [source, { stream_dt: '2026-02-09' }, 'DATE_OUTSIDE_FILE', /2026-02-06/],
    [source, { stream_start_time: '18:50', end_time: '18:55' }, 'DATE_OUTSIDE_FILE', /has no event at or after/],
    [
      source,
      { end_time: '09:20' },
      'CONFIG_INVALID',
      /config\.json:\d+:\d+: .* starts at 09:25 New York time \(.*\), which is not before its end at 09:20/,
    ],
    [
      source,
      runtime({ tau_jerk: -1 }),
      'CONFIG_INVALID',
      /config\.json:\d+:\d+: runtime\.tau_jerk is -1; allowed: a number from 0/,
    ],
    [
      source,
      runtime({ tau_jrek: 1 }),
      'CONFIG_INVALID',
      /unknown key "runtime\.tau_jrek"; the nearest known key is "tau_jerk"/,
    ],
    [source, { stream_dt: undefined }, 'CONFIG_INVALID', /missing key "stream_dt"/],
  ];
  for (const [file, change, expected, message] of cases) {
    const { code, out: printed } = await runCommand('replay', file, '--config', config(change), '--out', out, '--json');
    const { error } = JSON.parse(printed) as { error: { code: string; message: string } };
    deepEqual([code, error.code], [1, expected], error.message);
    match(error.message, message);
    equal(existsSync(out), false, `${expected} left ${out}`);
  }
  writeFileSync(join(folder, 'file'), '');
  for (const unwritable of [join(folder, 'file'), join(folder, 'file', 'x'), '/proc/spymaster']) {
    const { code, err } = await runCommand('replay', source, '--config', config({}), '--out', unwritable);
    equal(code, 1);
    match(err, /^Error \[LAKE_NOT_WRITABLE\]: Cannot write .*: .* \((ENOTDIR|ENOENT)\); give another [^.]*\.\n$/);
  }
});
