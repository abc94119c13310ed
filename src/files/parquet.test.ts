import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { queryRows } from '../../test/helpers/query_rows.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { type Bin, createGridFrame, type GridFrame, gridColumns } from '../engine/index.ts';
import { gridUpdate } from '../wire/index.ts';
import { allBinColumns, BinsParquetWriter } from './bins_parquet.ts';
import { GridParquetWriter } from './grid_parquet.ts';
import { ParquetThread } from './parquet_thread.ts';
import { sha256File } from './sha256_file.ts';

const folder = temporaryFolder('parquet');

const columns = gridColumns.map(([name]) => name);

/** Fills a frame with values that tell bin, column and row apart; rows for which `isZero` are all zero. */
function fill(frame: GridFrame, bin: number, isZero: (row: number) => boolean): void {
  for (const [c, [name, type]] of gridColumns.entries()) {
    if (name === 'k') continue;
    const values = frame.columns[name];
    for (let row = 0; row < frame.rows; row++) {
      const value = isZero(row) ? 0 : ((bin * 31 + c * 7 + row) % 100) + 1;
      if (type === 'int64') values[row] = BigInt(value) * 2n ** 40n;
      else values[row] = type === 'float64' ? value / 3 : value;
    }
  }
}

test('a dense grid comes back value by value, in row groups that a range of bins can pick', async () => {
  const path = join(folder, 'grid.parquet');
  const frame = createGridFrame(50);
  const bins = 2000;
  await using thread = new ParquetThread();
  const writer = await GridParquetWriter.create(thread, path, { frameRows: 101, columns, omitZeroRows: false });
  const sums = new Map<string, number>(columns.map((name) => [name, 0]));
  for (let bin = 0; bin < bins; bin++) {
    fill(frame, bin, (row) => row === bin % 101);
    for (const name of columns) {
      let sum = sums.get(name)!;
      for (const value of frame.columns[name]) sum += Number(value);
      sums.set(name, sum);
    }
    await writer.append(bin, frame);
  }
  deepEqual(await writer.finish(), { fileBytes: statSync(path).size, sha256: await sha256File(path) });
  equal(writer.rows, bins * 101);

  const [totals] = await queryRows(
    `SELECT count(*), count(DISTINCT bin_seq), ${columns.map((name) => `sum(${name})::DOUBLE`).join(', ')} FROM '${path}'`,
  );
  equal(totals![0], BigInt(bins * 101));
  equal(totals![1], BigInt(bins));
  for (const [i, name] of columns.entries()) {
    const expected = sums.get(name)!;
    ok(
      Math.abs((totals![i + 2] as number) - expected) <= 1e-9 * Math.abs(expected),
      `${name}: ${totals![i + 2]}, ${expected}`,
    );
  }
  const last = await queryRows(
    `SELECT k, flow_score, last_event_id FROM '${path}' WHERE bin_seq = ${bins - 1} ORDER BY k`,
  );
  deepEqual(
    last,
    Array.from(frame.columns.k, (k, row) => [k, frame.columns.flow_score[row], frame.columns.last_event_id[row]]),
  );
  const described = await queryRows(`DESCRIBE SELECT * FROM '${path}'`);
  const sql = { int8: 'TINYINT', int32: 'INTEGER', int64: 'BIGINT', float64: 'DOUBLE' };
  deepEqual(
    described.map(([name, type]) => [name, type]),
    [['bin_seq', 'BIGINT'], ...gridColumns.map(([name, type]) => [name, sql[type]])],
  );
  const groups = await queryRows(
    `SELECT row_group_num_rows, stats_min::BIGINT, stats_max::BIGINT, compression
     FROM parquet_metadata('${path}') WHERE path_in_schema = 'bin_seq' ORDER BY row_group_id`,
  );
  equal(groups.length, 3);
  for (const [i, [rows, min, max, compression]] of groups.entries()) {
    ok(Number(rows) <= 98_304 && compression === 'ZSTD');
    if (i > 0) ok((min as bigint) >= (groups[i - 1]![2] as bigint));
    ok((max as bigint) > (min as bigint));
  }
});

test('rows of zeros are left out when asked, and only those', async () => {
  const path = join(folder, 'grid_clean.parquet');
  const frame = createGridFrame(3);
  const clean = columns.filter((name) => name !== 'flow_score' && name !== 'flow_state_code');
  await using thread = new ParquetThread();
  const writer = await GridParquetWriter.create(thread, path, { frameRows: 7, columns: clean, omitZeroRows: true });
  const expected: [bigint, number][] = [];
  for (let bin = 0; bin < 2500; bin++) {
    const isZero = (row: number) => bin % 3 === 0 || (bin % 3 === 1 && row % 2 === 0);
    fill(frame, bin, isZero);
    // A single value that is not zero, whichever column it is in, keeps its row.
    if (bin % 3 === 0) frame.columns[clean[1 + (bin % (clean.length - 1))]!]![2] = bin % 2 === 0 ? -1 : (1 as never);
    if (bin % 3 === 0 && clean[1 + (bin % (clean.length - 1))] === 'last_event_id') frame.columns.last_event_id[2] = 1n;
    for (let row = 0; row < 7; row++) {
      if (!isZero(row) || (bin % 3 === 0 && row === 2)) expected.push([BigInt(bin), row - 3]);
    }
    await writer.append(bin, frame);
  }
  await writer.finish();
  equal(writer.rows, expected.length);
  const rows = await queryRows(`SELECT bin_seq, k FROM '${path}' ORDER BY bin_seq, k`);
  deepEqual(rows, expected);
  const names = (await queryRows(`DESCRIBE SELECT * FROM '${path}'`)).map(([name]) => name);
  deepEqual(names, ['bin_seq', ...clean]);
});

const bin: Bin = {
  seq: 0,
  startNs: 1_000_000_000,
  endNs: 1_100_000_000,
  eventCount: 3,
  eventId: 7,
  hasBid: true,
  hasAsk: true,
  midPrice: 21000.125,
  spotPriceInt: 21_000_250_000_000,
  bestBidPriceInt: 21_000_000_000_000,
  bestAskPriceInt: 21_000_250_000_000,
  bookValid: true,
  signal: {
    ...{ score: -0.25, ready: false, sampleCount: 12, base: 0.1, d1: 1, d2: 2, d3: 3, z1: 4, z2: 5, z3: 6 },
    ...{ bullIntensity: 0.2, bearIntensity: 0.3, mixedIntensity: 0.5, dominantState5Code: -2 },
  },
  firing: -1,
  firingThreshold: 0.2,
};
const sessionStartNs = 1_770_336_000_000_000_000n;

test('bins hold every field of grid_update, 64-bit values exactly', async () => {
  const path = join(folder, 'bins.parquet');
  await using thread = new ParquetThread();
  const writer = new BinsParquetWriter(thread, path, allBinColumns);
  const bins = 5000;
  for (let seq = 0; seq < bins; seq++) {
    const endNs = bin.endNs + seq * 100_000_000;
    await writer.append(gridUpdate({ ...bin, seq, endNs, bookValid: seq % 2 === 0 }, sessionStartNs, 'derivative'));
  }
  await writer.finish();
  equal(writer.rows, bins);
  const rows = await queryRows(`SELECT * FROM '${path}' WHERE bin_seq IN (0, 4999) ORDER BY bin_seq`);
  const update = gridUpdate(
    { ...bin, seq: 4999, endNs: bin.endNs + 499_900_000_000, bookValid: false },
    sessionStartNs,
    'derivative',
  );
  const wide = ['ts_ns', 'bin_seq', 'bin_start_ns', 'bin_end_ns', 'bin_event_count', 'event_id', 'spot_ref_price_int'];
  const bigints = new Set([...wide, 'best_bid_price_int', 'best_ask_price_int', 'state_model_sample_count']);
  deepEqual(
    rows[1],
    allBinColumns.map((name) => (bigints.has(name) ? BigInt(update[name] as string) : update[name])),
  );
  const types = await queryRows(`DESCRIBE SELECT * FROM '${path}'`);
  deepEqual(
    types
      .filter(([, type]) => type === 'BIGINT')
      .map(([name]) => name)
      .sort(),
    [...bigints].sort(),
  );
});

test('prices of a missing side are NULL, whatever batch they are in, and prices at or below 0 are prices', async () => {
  const path = join(folder, 'sides.parquet');
  await using thread = new ParquetThread();
  const writer = new BinsParquetWriter(thread, path, allBinColumns);
  // The second of three batches is the only one with a missing side.
  for (let seq = 0; seq < 3 * 2048; seq++) {
    const [hasBid, hasAsk] = [seq !== 3000, seq !== 3000 && seq !== 4000];
    const prices = {
      midPrice: 0,
      spotPriceInt: 0,
      bestBidPriceInt: hasBid ? -125_000_000 : 0,
      bestAskPriceInt: hasAsk ? 125_000_000 : 0,
    };
    await writer.append(gridUpdate({ ...bin, ...prices, seq, hasBid, hasAsk }, sessionStartNs, 'derivative'));
  }
  await writer.finish();
  const columns = 'has_bid, has_ask, mid_price, spot_ref_price_int, best_bid_price_int, best_ask_price_int';
  deepEqual(await queryRows(`SELECT ${columns} FROM '${path}' WHERE bin_seq IN (2999, 3000, 4000) ORDER BY bin_seq`), [
    [true, true, 0, 0n, -125_000_000n, 125_000_000n],
    [false, false, null, null, null, null],
    [true, false, null, null, -125_000_000n, null],
  ]);
  const counts = 'count(mid_price), count(spot_ref_price_int), count(best_bid_price_int), count(best_ask_price_int)';
  deepEqual(await queryRows(`SELECT count(*), ${counts} FROM '${path}'`), [[6144n, 6142n, 6142n, 6143n, 6142n]]);
});

test('files without a row are whole, too', async () => {
  await using thread = new ParquetThread();
  const grid = join(folder, 'empty-grid.parquet');
  const bins = join(folder, 'empty-bins.parquet');
  const gridWriter = await GridParquetWriter.create(thread, grid, { frameRows: 101, columns, omitZeroRows: false });
  const binsWriter = new BinsParquetWriter(thread, bins, allBinColumns);
  await gridWriter.finish();
  await binsWriter.finish();
  deepEqual(await queryRows(`SELECT count(*), count(flow_score) FROM '${grid}'`), [[0n, 0n]]);
  deepEqual(await queryRows(`SELECT count(*), count(state_model_name) FROM '${bins}'`), [[0n, 0n]]);
});

test('a file that cannot be written fails its writer, not the thread', async () => {
  await using thread = new ParquetThread();
  const frame = createGridFrame(50);
  const options = { frameRows: 101, columns, omitZeroRows: false };
  const writer = await GridParquetWriter.create(thread, join(folder, 'absent', 'grid.parquet'), options);
  await rejects(
    async () => {
      for (let bin = 0; bin < 2000; bin++) await writer.append(bin, frame);
      await writer.finish();
    },
    { code: 'LAKE_NOT_WRITABLE', message: /grid\.parquet/ },
  );
  const other = await GridParquetWriter.create(thread, join(folder, 'other.parquet'), options);
  await other.append(0, frame);
  ok((await other.finish()).fileBytes > 0);
});
