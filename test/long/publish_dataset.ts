import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import {
  type BundleFormat,
  defaultRuntimeConfig,
  parsePipelineSpec,
  resolvePipeline,
  sessionTimeNs,
} from '../../src/config/index.ts';
import { quotedFile, sha256File, tradedColumns } from '../../src/files/index.ts';
import { Lake } from '../../src/lake/index.ts';
import { compareArrowStream } from '../../src/publish/arrow_stream.ts';
import { compareTable } from '../../src/publish/bundle_check.ts';
import { BundleDatabase } from '../../src/publish/bundle_database.ts';
import { type BundleRequest, planBundle } from '../../src/publish/bundle_plan.ts';
import { publishDataset } from '../../src/publish/publish_dataset.ts';
import { generateDataset } from '../../src/replay/index.ts';
import { SyntheticSession } from '../../src/synth/index.ts';
import { queryRows } from '../helpers/query_rows.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('publish');

const lake = new Lake(join(folder, 'lake'));
let datasetId = '';
let dataset = '';

before(async () => {
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  const startNs = sessionTimeNs('future_mbo', '2026-02-06', '09:58:30');
  const session = new SyntheticSession({
    ...{ seed: 5, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
    ...{ startNs, durationS: 155, openS: 300, recordsPerS: 60 },
  });
  const path = join(raw, 'glbx-mdp3-20260206.mbo.dbn');
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) appendFileSync(path, chunk);
  const spec = parsePipelineSpec(
    {
      name: 'hours',
      pipeline_code_version: 1,
      capture: {
        product_type: 'future_mbo',
        symbol: 'MNQH6',
        dt: '2026-02-06',
        start_time: '09:59',
        end_time: '10:01',
      },
      pipeline: { cell_width_ms: 1000 },
    },
    'hours.yaml',
  );
  const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 3 };
  const pipeline = { ...resolvePipeline(spec, instrument, 'hours.yaml'), path: '' };
  const made = await generateDataset({ lake, pipeline, codeVersion: '0.0.0-test' });
  datasetId = made.manifest.dataset_id;
  dataset = made.folder;
});

const plain: Omit<BundleRequest, 'datasetId'> = {
  ...{ format: 'parquet', columns: null, fromNs: null, toNs: null, partition: 'none' },
};
let bundles = 0;
function publish(changes: Partial<BundleRequest> = {}, out = join(folder, `bundle${bundles++}`)) {
  const request = { ...plain, datasetId, ...changes };
  return publishDataset({ lake, request, folder: out, codeVersion: '0.0.0-test' });
}

const source = (table: string) => `read_parquet('${dataset}/${table}.parquet')`;

/** The rows of a table that a bundle of it has: volume at price stays in the dataset. */
function publishedRows(table: string): string {
  return table === 'features'
    ? `SELECT * EXCLUDE (${tradedColumns.join(', ')}) FROM ${source(table)}`
    : `FROM ${source(table)}`;
}

/** Values of a table of a bundle, by the ecosystem's own readers; doubles of a CSV as ECMAScript reads them. */
async function read(path: string, format: BundleFormat): Promise<unknown[][]> {
  if (format === 'parquet') return queryRows(`FROM read_parquet('${path}')`);
  if (format === 'arrow') {
    const table = tableFromIPC(readFileSync(path));
    const columns = table.schema.fields.map(({ name }) => [...table.getChild(name)!]);
    return Array.from({ length: table.numRows }, (_, row) => columns.map((column) => column[row] as unknown));
  }
  const [names, ...types] = await queryRows(`DESCRIBE ${publishedRows(basename(path, '.csv'))}`);
  const kinds = [names, ...types].map((column) => column![1]);
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const value = (text: string, kind: unknown): unknown => {
    if (text === '') return null;
    if (kind === 'BIGINT') return BigInt(text);
    return kind === 'BOOLEAN' ? text === 'true' : Number(text);
  };
  return lines.map((line) => line.split(',').map((text, i) => value(text, kinds[i])));
}

test('every value of a bundle is that of the dataset, in every format', async () => {
  for (const format of ['parquet', 'arrow', 'csv'] as const) {
    const { folder: out, manifest, isNew } = await publish({ format }, join(folder, format));
    equal(isNew, true);
    const suffix = format === 'arrow' ? 'arrows' : format;
    const names = [
      'README.md',
      `bins.${suffix}`,
      'checksums.json',
      `features.${suffix}`,
      `grid_clean.${suffix}`,
      'manifest.json',
      'schema.json',
    ];
    deepEqual(readdirSync(out).sort(), names);
    for (const table of ['bins', 'features', 'grid_clean']) {
      const rows = await read(join(out, `${table}.${suffix}`), format);
      ok(rows.length > 100, `${table} has rows`);
      deepEqual(rows, await queryRows(publishedRows(table)));
      equal(manifest.tables.find(({ name }) => name === table)!.rows, rows.length);
    }
    for (const name of names) equal(statSync(join(out, name)).mode & 0o777, 0o444, name);
  }
});

/** The dataset with other bins, the rows of `query`, as a dataset of another id and manifest version. */
async function withBins(id: string, version: 1 | 2, query: string): Promise<void> {
  const copy = lake.datasets(id);
  cpSync(dataset, copy, { recursive: true });
  await queryRows(`COPY (${query}) TO '${copy}/bins.parquet' (FORMAT parquet)`);
  const path = join(copy, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...manifest, dataset_id: id, manifest_version: version }));
  const names = ['bins.parquet', 'grid_clean.parquet', 'manifest.json'];
  const sums = await Promise.all(names.map(async (name) => [name, await sha256File(join(copy, name))] as const));
  writeFileSync(join(copy, 'checksums.json'), JSON.stringify(Object.fromEntries(sums)));
}

test('a bundle has null where a side was empty, in every format, from old datasets too', async () => {
  const isGone = 'bin_seq IN (3, 4, 70)';
  const bins = (missing: string) => `SELECT * REPLACE (if(${isGone}, ${missing}, mid_price) AS mid_price,
    if(${isGone}, ${missing}, spot_ref_price_int) AS spot_ref_price_int,
    if(${isGone}, ${missing}, best_bid_price_int) AS best_bid_price_int,
    has_bid AND NOT ${isGone} AS has_bid, book_valid AND NOT ${isGone} AS book_valid) FROM ${source('bins')}`;
  await withBins('sides', 2, bins('NULL'));
  await withBins('old_sides', 1, `SELECT * EXCLUDE (has_bid, has_ask) FROM (${bins('0')})`);
  const expected = await queryRows(bins('NULL'));
  equal(expected.filter((row) => row.includes(null)).length, 3);
  for (const format of ['parquet', 'arrow', 'csv'] as const) {
    for (const id of ['sides', 'old_sides']) {
      const { folder: out } = await publish({ datasetId: id, format });
      const rows = await read(join(out, `bins.${format === 'arrow' ? 'arrows' : format}`), format);
      deepEqual(rows, expected, `${id} as ${format}`);
    }
  }
  const { folder: out } = await publish({ datasetId: 'sides', columns: ['mid_price', 'has_bid'] });
  const schema = JSON.parse(readFileSync(join(out, 'schema.json'), 'utf8')) as {
    tables: { columns: { name: string; nullable: boolean; meaning: string }[] }[];
  };
  const nullable = schema.tables[0]!.columns.filter((column) => column.nullable);
  deepEqual(
    nullable.map(({ name }) => name),
    ['mid_price'],
  );
  match(nullable[0]!.meaning, /null unless has_bid and has_ask/);
  match(readFileSync(join(out, 'README.md'), 'utf8'), /a price whose side of the book was empty is null/);
});

test('an old dataset whose zeros may be prices is not published', async () => {
  const [[ask]] = (await queryRows(`SELECT max(best_ask_price_int) FROM ${source('bins')}`)) as [[bigint]];
  const shifted = `SELECT * EXCLUDE (has_bid, has_ask) REPLACE (mid_price - ${ask} / 1e9 AS mid_price,
    best_bid_price_int - ${ask} AS best_bid_price_int, best_ask_price_int - ${ask} AS best_ask_price_int)
    FROM ${source('bins')}`;
  await withBins('old_shifted', 1, shifted);
  await rejects(publish({ datasetId: 'old_shifted' }), { code: 'DATASET_INVALID', message: /old_shifted.*--rebuild/ });
});

test('a bundle explains itself', async () => {
  const out = join(folder, 'csv');
  const schema = JSON.parse(readFileSync(join(out, 'schema.json'), 'utf8')) as {
    tables: { name: string; columns: { name: string; unit: string; meaning: string; duckdb_type: string }[] }[];
  };
  for (const { name, columns } of schema.tables) {
    const described = await queryRows(`DESCRIBE ${publishedRows(name)}`);
    deepEqual(
      columns.map((column) => [column.name, column.duckdb_type]),
      described.map(([column, type]) => [column, type]),
    );
    for (const column of columns) ok(column.unit !== '' && column.meaning.length > 10, column.name);
  }
  equal(schema.tables.at(-1)!.columns.find(({ name }) => name === 'v_add')!.unit, 'contracts/s');
  const readme = readFileSync(join(out, 'README.md'), 'utf8');
  match(readme, /from 2026-02-06 09:59:00 New York time to 2026-02-06 10:01:00 New York time: a bin every 1000 ms/);
  match(readme, /source file: glbx-mdp3-20260206\.mbo\.dbn, [\d,]+ bytes, sha256 [0-9a-f]{64}/);
  match(readme, /nothing was wrong with the feed/);
  match(readme, /The raw data of the vendor is not included/);
  match(readme, /spot_ref_price_int \+ k \* 250000000/);
  // What it tells a reader to run is run.
  const [, sql] = /duckdb -c "(.*)"/.exec(readme)!;
  equal((await queryRows(sql!.replace('grid_clean.csv', join(out, 'grid_clean.csv')))).length, 120);
});

test('columns, a window of time and a file per New York hour', async () => {
  const [fromNs, toNs] = [
    sessionTimeNs('future_mbo', '2026-02-06', '09:59:50'),
    sessionTimeNs('future_mbo', '2026-02-06', '10:00:05'),
  ];
  const { folder: out } = await publish({ columns: ['composite', 'mid_price'], fromNs, toNs, partition: 'hour' });
  const sql = (table: string) => `read_parquet('${out}/${table}/*/*/data.parquet', hive_partitioning = true)`;
  const bins = await queryRows(
    `SELECT bin_seq, ts_ns, bin_start_ns, bin_end_ns, mid_price, hour FROM ${sql('bins')} ORDER BY bin_seq`,
  );
  const within = `bin_start_ns >= ${fromNs} AND bin_end_ns <= ${toNs}`;
  const expected = await queryRows(
    `SELECT bin_seq, ts_ns, bin_start_ns, bin_end_ns, mid_price, if(bin_start_ns < ${sessionTimeNs('future_mbo', '2026-02-06', '10:00')}, 9, 10)
     FROM ${source('bins')} WHERE ${within} ORDER BY bin_seq`,
  );
  equal(bins.length, 15);
  deepEqual(
    bins.map((row) => row.map(Number)),
    expected.map((row) => row.map(Number)),
  );
  deepEqual(readdirSync(join(out, 'grid_clean', 'date=2026-02-06')), ['hour=09', 'hour=10']);
  const grid = await queryRows(`SELECT bin_seq, k, composite FROM ${sql('grid_clean')} ORDER BY ALL`);
  const seqs = `(SELECT bin_seq FROM ${source('bins')} WHERE ${within})`;
  deepEqual(
    grid,
    await queryRows(`SELECT bin_seq, k, composite FROM ${source('grid_clean')} WHERE bin_seq IN ${seqs} ORDER BY ALL`),
  );
  const times = await publish({ format: 'arrow', columns: ['event_id'] });
  deepEqual(
    readdirSync(times.folder).filter((name) => name.endsWith('.arrows')),
    ['bins.arrows'],
  );
});

test('hours are those of New York, whatever its clocks do', () => {
  const available = { bins: [{ name: 'bin_seq', type: 'BIGINT' }], features: [], grid_clean: [] } as const;
  const paths = (from: string, hours: number) => {
    const first = Temporal.Instant.from(from).epochNanoseconds / 3_600_000_000_000n;
    const bins = Array.from({ length: hours }, (_, i) => ({
      hour: first + BigInt(i),
      firstBin: BigInt(i),
      endBin: BigInt(i + 1),
    }));
    const request = { ...plain, datasetId: 'd', partition: 'hour' } as const;
    return planBundle(request, available, bins)[0]!.files.map(({ path, firstBin, endBin }) => [
      path.slice(5, -13),
      firstBin,
      endBin,
    ]);
  };
  for (const [day, utc] of [
    ['2025-11-02', '2025-11-02T04:00Z'],
    ['2026-11-01', '2026-11-01T04:00Z'],
  ] as const) {
    deepEqual(paths(utc, 4), [
      [`date=${day}/hour=00`, 0n, 1n],
      [`date=${day}/hour=01`, 1n, 3n],
      [`date=${day}/hour=02`, 3n, 4n],
    ]);
  }
  for (const day of ['2025-03-09', '2026-03-08']) {
    deepEqual(
      paths(`${day}T06:00Z`, 2).map(([path]) => path),
      [`date=${day}/hour=01`, `date=${day}/hour=03`],
    );
  }
  // A session of futures starts on the evening before.
  deepEqual(
    paths('2026-02-06T00:00Z', 6)
      .map(([path]) => path)
      .slice(4),
    ['date=2026-02-05/hour=23', 'date=2026-02-06/hour=00'],
  );
});

test('the same bundle is there already; anything else in its place is left alone', async () => {
  const { folder: out, manifest, bytes } = await publish({ columns: ['k', 'mid_price'] });
  deepEqual(await publish({ columns: ['mid_price', 'k'] }, out), { folder: out, manifest, bytes: bytes, isNew: false });
  await rejects(publish({}, out), { code: 'FILE_EXISTS', message: /is not this bundle; give another --out/ });
  const bins = join(out, 'bins.parquet');
  chmodSync(bins, 0o644);
  appendFileSync(bins, 'x');
  await rejects(publish({ columns: ['k', 'mid_price'] }, out), {
    code: 'CHECKSUM_MISMATCH',
    message: /bins\.parquet changed/,
  });
  rmSync(bins);
  await rejects(publish({ columns: ['k', 'mid_price'] }, out), { message: /bins\.parquet is missing/ });
  const taken = join(folder, 'taken');
  writeFileSync(taken, 'mine');
  await rejects(publish({}, taken), { code: 'FILE_EXISTS' });
  equal(readFileSync(taken, 'utf8'), 'mine');
  const empty = join(folder, `it's [empty]*`);
  mkdirSync(empty);
  equal((await publish({ format: 'csv', columns: ['mid_price'] }, empty)).isNew, true);
});

test('impossible bundles are refused and leave nothing', async () => {
  const out = join(folder, 'none', 'bundle');
  await rejects(publish({ columns: ['mid_prize'] }, out), {
    code: 'USAGE',
    message: /the nearest that the dataset has is "mid_price"/,
  });
  await rejects(publish({ fromNs: sessionTimeNs('future_mbo', '2026-02-06', '10:01') }, out), {
    code: 'DATE_OUTSIDE_FILE',
  });
  await rejects(publish({ datasetId: 'absent' }, out), { code: 'DATASET_UNKNOWN' });
  deepEqual(readdirSync(join(folder, 'none')), []);
  const other = new Lake(join(folder, 'damaged'));
  cpSync(dataset, other.datasets(datasetId), { recursive: true });
  appendFileSync(join(other.datasets(datasetId), 'grid_clean.parquet'), 'x');
  const request = { ...plain, datasetId };
  const options = { lake: other, request, folder: out, codeVersion: 'x' };
  await rejects(publishDataset(options), { code: 'CHECKSUM_MISMATCH', message: /grid_clean\.parquet changed since/ });
  const aborted = { ...options, lake, signal: AbortSignal.abort() };
  await rejects(publishDataset(aborted), { name: 'AbortError' });
  deepEqual(readdirSync(join(folder, 'none')), []);
});

test('reading back finds a value, a sign, a row or an order that differs', async () => {
  await using database = await BundleDatabase.open(join(folder, 'spill'), undefined);
  const columns = [
    { name: 'bin_seq', type: 'BIGINT' },
    { name: 'k', type: 'INTEGER' },
    { name: 'x', type: 'DOUBLE' },
  ] as const;
  const table = { name: 'grid_clean', columns, keys: ['bin_seq', 'k'], files: [] } as const;
  const rows = '(SELECT (i // 10)::BIGINT AS bin_seq, (i % 10)::INTEGER AS k, (i % 7) / 3 AS x FROM range(100) r(i))';
  const compare = (copy: string) => compareTable(database, table, rows, copy, () => {});
  await compare(rows);
  for (const [copy, said] of [
    [`(SELECT bin_seq, k, if(bin_seq = 4 AND k = 2, x + 1e-15, x) AS x FROM ${rows})`, /of x is/],
    [`(SELECT bin_seq, k, if(x = 0, '-0.0'::DOUBLE, x) AS x FROM ${rows})`, /number of negative signs of x/],
    [`(SELECT bin_seq, k, if(k = 7, NULL, x) AS x FROM ${rows})`, /number of values of x/],
    [`(FROM ${rows} LIMIT 99)`, /the number of rows is 99 instead of 100/],
    [`(SELECT bin_seq, k, coalesce(lead(x) OVER (ORDER BY bin_seq, k), 0) AS x FROM ${rows})`, /hash of x/],
    [`(FROM ${rows} ORDER BY k, bin_seq)`, /rows are out of order/],
  ] as const) {
    await rejects(compare(copy), { code: 'CHECKSUM_MISMATCH', message: said });
  }
  const { folder: out } = await publish({ format: 'arrow', columns: ['mid_price', 'book_valid'] });
  const path = join(folder, 'cut.arrows');
  const whole = readFileSync(join(out, 'bins.arrows'));
  const described = await database.describe(
    `SELECT bin_seq, ts_ns, bin_start_ns, bin_end_ns, mid_price, book_valid FROM ${source('bins')}`,
  );
  const from = `(FROM read_parquet(${quotedFile(join(dataset, 'bins.parquet'))}))`;
  for (const bytes of [whole.subarray(0, 700), whole.subarray(0, -9), flipped(whole, whole.length - 100)]) {
    writeFileSync(path, bytes);
    await rejects(
      compareArrowStream(database, described, from, path, () => {}),
      { code: 'CHECKSUM_MISMATCH' },
    );
  }
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

test('killed while reading back it leaves no bundle, and the next run clears up', async () => {
  const script = join(folder, 'publish.ts');
  const room = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  writeFileSync(
    script,
    `import { Lake } from ${room('../../src/lake/index.ts')};
     import { publishDataset } from ${room('../../src/publish/index.ts')};
     const [root, datasetId, folder] = process.argv.slice(2);
     const request = { datasetId, format: 'csv', columns: ['mid_price'], fromNs: null, toNs: null, partition: 'none' };
     const onProgress = (phase) => { if (phase === 'reading back') process.kill(process.pid, 'SIGKILL'); };
     await publishDataset({ lake: new Lake(root), request, folder, codeVersion: 'x', onProgress });`,
  );
  const out = join(folder, 'killed', 'bundle');
  const child = spawn(process.execPath, [script, lake.root, datasetId, out], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  equal(await new Promise((end) => child.once('close', (_code, signal) => end(signal))), 'SIGKILL');
  equal(existsSync(out), false);
  ok(readdirSync(join(folder, 'killed')).every((name) => name.startsWith('.spymaster-tmp-')));
  const request = { ...plain, datasetId, columns: ['mid_price'] };
  await publishDataset({ lake, request, folder: out, codeVersion: 'x' });
  deepEqual(readdirSync(join(folder, 'killed')), ['bundle']);
});
