import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { before, test } from 'node:test';
import { queryRows } from '../../test/helpers/query_rows.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultRuntimeConfig, sha256Hex } from '../config/index.ts';
import { gridColumns } from '../engine/index.ts';
import { sha256File } from '../files/index.ts';
import { generateDataset, openSession, writeReplayFiles } from '../replay/index.ts';
import { SyntheticSession } from '../synth/index.ts';
import { conditionPath } from './condition.ts';
import { listDatasets, readManifest, verifyDataset } from './datasets.ts';
import { Lake } from './lake.ts';
import { findRawFile } from './raw.ts';
import { SpecFiles } from './specs.ts';

const folder = temporaryFolder('datasets');

const source = join(folder, 'glbx-mdp3-20260206.mbo.dbn');
const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 20 };
const codeVersion = '0.0.0-test';

before(() => {
  const session = new SyntheticSession({
    ...{ seed: 3, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
    ...{ startNs: 1770387900_000_000_000n, durationS: 75, openS: 300, recordsPerS: 300 },
  });
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) appendFileSync(source, chunk);
});

let lakes = 0;
/** A lake with the session and a pipeline over its second minute. */
function newLake() {
  const lake = new Lake(join(folder, `lake${lakes++}`));
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  writeFileSync(join(raw, 'glbx-mdp3-20260206.mbo.dbn'), readFileSync(source));
  mkdirSync(lake.specs('pipelines'), { recursive: true });
  const spec = join(lake.specs('pipelines'), 'demo.yaml');
  writeFileSync(
    spec,
    `name: demo
pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "09:26"}
pipeline: {cell_width_ms: 200}
`,
  );
  return { lake, spec };
}

async function optionsOf({ lake, spec }: ReturnType<typeof newLake>) {
  const pipeline = await new SpecFiles(lake, instrument).pipeline(spec);
  const { product_type, symbol, dt } = pipeline.spec.capture;
  const sourcePath = await findRawFile(lake, product_type, symbol, dt);
  return { options: { lake, pipeline, codeVersion }, sourcePath };
}

test('a dataset holds what a replay gives, without the model and without rows of zeros', async () => {
  const { options, sourcePath } = await optionsOf(newLake());
  const { folder: dataset, manifest, isNew } = await generateDataset(options);
  equal(isNew, true);
  const files = ['bins.parquet', 'checksums.json', 'features.parquet', 'grid_clean.parquet', 'manifest.json'];
  deepEqual(readdirSync(dataset).sort(), files);
  equal(manifest.bins, 300);
  equal(manifest.source.sha256, await sha256File(source));
  equal(manifest.resolved_config.cell_width_ms, 200);
  equal(manifest.counters.unknown_cancel, 0);
  deepEqual([manifest.coverage?.long_gaps, manifest.coverage?.off_grid_prices], [0, 0]);
  deepEqual(await readManifest(options.lake, manifest.dataset_id), manifest);

  const { runtime, capture } = options.pipeline;
  await using session = await openSession({ path: sourcePath, runtime, date: '2026-02-06', capture });
  const replay = await writeReplayFiles(session, join(folder, 'replay'), {});
  const columns = gridColumns.map(([name]) => name).filter((name) => !name.startsWith('flow_'));
  const described = (await queryRows(`DESCRIBE SELECT * FROM '${dataset}/grid_clean.parquet'`)).map(([name]) => name);
  deepEqual(described, ['bin_seq', ...columns]);
  const isZero = columns.filter((name) => name !== 'k').map((name) => `${name} = 0`);
  const selected = `SELECT bin_seq, ${columns.join(', ')} FROM '${replay.gridPath}' WHERE NOT (${isZero.join(' AND ')})`;
  const clean = `SELECT * FROM '${dataset}/grid_clean.parquet'`;
  deepEqual(await queryRows(`(${selected} EXCEPT ALL ${clean}) UNION ALL (${clean} EXCEPT ALL ${selected})`), []);
  deepEqual(await queryRows(`SELECT count(*) FROM (${clean})`), [[BigInt(manifest.rows)]]);
  const names = (await queryRows(`DESCRIBE SELECT * FROM '${dataset}/bins.parquet'`)).map(([name]) => name);
  const bins = `SELECT ${names.join(', ')} FROM '${replay.binsPath}'`;
  deepEqual(await queryRows(`${bins} EXCEPT ALL SELECT * FROM '${dataset}/bins.parquet'`), []);
  equal(names.length, 13);
  deepEqual(names.slice(-2), ['has_bid', 'has_ask']);
});

test('the condition that the vendor gave a day goes into the manifest, whatever else its file tells', async () => {
  const { options, sourcePath } = await optionsOf(newLake());
  equal((await generateDataset(options)).manifest.condition, null);
  for (const [kept, expected] of [
    ['[{"date":"2026-02-05","condition":"available"},{"date":"2026-02-06","condition":"degraded"}]', 'degraded'],
    ['[{"date":"2026-02-05","condition":"degraded","last_modified_date":"2026-02-07"}]', null],
  ] as const) {
    rmSync(options.lake.datasets(options.pipeline.datasetId), { recursive: true });
    writeFileSync(conditionPath(sourcePath), kept);
    equal((await generateDataset(options)).manifest.condition, expected);
  }
  rmSync(options.lake.datasets(options.pipeline.datasetId), { recursive: true });
  for (const damaged of ['{', '{"condition":"degraded"}']) {
    writeFileSync(conditionPath(sourcePath), damaged);
    await rejects(generateDataset(options), { code: 'FILE_UNREADABLE', message: /condition\.json: .*delete the file/ });
  }
});

test('the same pipeline is made once, and gives the same bytes anywhere', async () => {
  const { options, sourcePath } = await optionsOf(newLake());
  const first = await generateDataset(options);
  rmSync(sourcePath);
  const again = await generateDataset(options);
  equal(again.raw.state, 'missing');
  deepEqual(again, { ...first, isNew: false, raw: again.raw });
  deepEqual(await listDatasets(options.lake), [first.manifest.dataset_id]);
  const { options: elsewhere } = await optionsOf(newLake());
  const [one, two] = await Promise.all([generateDataset(elsewhere), generateDataset(elsewhere)]);
  deepEqual([one.isNew, two.isNew].sort(), [false, true]);
  for (const name of readdirSync(first.folder)) {
    deepEqual(readFileSync(join(one.folder, name)), readFileSync(join(first.folder, name)), name);
  }
  deepEqual(readdirSync(elsewhere.lake.datasets()), [first.manifest.dataset_id]);
});

test('a dataset that changed or lost a file is refused', async () => {
  const { options } = await optionsOf(newLake());
  const { folder: dataset, manifest } = await generateDataset(options);
  const id = manifest.dataset_id;
  deepEqual(await verifyDataset(options.lake, id), manifest);
  await rejects(verifyDataset(options.lake, 'absent'), { code: 'DATASET_UNKNOWN' });
  for (const name of ['bins.parquet', 'grid_clean.parquet', 'features.parquet', 'manifest.json']) {
    const path = join(dataset, name);
    const whole = readFileSync(path);
    const bytes = Uint8Array.from(whole);
    // A digit, so that the manifest is JSON still.
    bytes[bytes.indexOf(0x30, bytes.length >> 1)]! ^= 1;
    writeFileSync(path, bytes);
    await rejects(verifyDataset(options.lake, id), { code: 'CHECKSUM_MISMATCH', message: new RegExp(name) });
    rmSync(path);
    await rejects(verifyDataset(options.lake, id), { code: 'DATASET_INVALID', message: new RegExp(name) });
    writeFileSync(path, whole);
  }
  writeFileSync(join(dataset, 'manifest.json'), '{}');
  await rejects(generateDataset(options), { code: 'CHECKSUM_MISMATCH' });
  rmSync(join(dataset, 'checksums.json'));
  await rejects(generateDataset(options), { code: 'DATASET_INVALID' });
});

test('a failed or ended generation leaves nothing', async () => {
  const { options, sourcePath } = await optionsOf(newLake());
  writeFileSync(sourcePath, readFileSync(source).subarray(0, 300_001));
  await rejects(generateDataset(options), { code: 'DBN_TRUNCATED' });
  deepEqual(readdirSync(options.lake.datasets()), []);
  writeFileSync(sourcePath, readFileSync(source));
  const ending = new AbortController();
  const onProgress = () => ending.abort();
  await rejects(generateDataset({ ...options, onProgress, signal: ending.signal }), { name: 'AbortError' });
  deepEqual(readdirSync(options.lake.datasets()), []);
  ok((await generateDataset(options)).isNew);
});

/** Generates in another process, which runs `onProgress` at each step; gives how it ended and what it printed. */
async function generateElsewhere(made: ReturnType<typeof newLake>, onProgress: string, limit = '') {
  const script = join(folder, 'generate.ts');
  const room = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  writeFileSync(
    script,
    `import { Lake, SpecFiles } from ${room('./index.ts')};
     import { generateDataset } from ${room('../replay/index.ts')};
     const [root, spec, instrument] = process.argv.slice(2);
     const lake = new Lake(root);
     const pipeline = await new SpecFiles(lake, JSON.parse(instrument)).pipeline(spec);
     let steps = 0;
     const onProgress = () => { ${onProgress} };
     try {
       await generateDataset({ lake, pipeline, codeVersion: 'x', onProgress });
     } catch (error) {
       console.log(error.code + ' ' + error.message);
     }`,
  );
  const words = [process.execPath, script, made.lake.root, made.spec, JSON.stringify(instrument)];
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const signal = await new Promise((end) => child.once('close', (_code, name) => end(name)));
  return { signal, out };
}

test('a disk without room is told, and nothing is left', async () => {
  const made = newLake();
  const { signal, out } = await generateElsewhere(made, '', 'ulimit -f 100; ');
  equal(signal, null);
  match(
    out,
    /^LAKE_NOT_WRITABLE Cannot write .*\.parquet: the file would be larger than .* allows \(EFBIG\); raise the limit/,
  );
  ok(!out.includes('.spymaster-tmp-'));
  deepEqual(readdirSync(made.lake.datasets()), []);
});

test('a killed generation leaves no dataset, and the next one clears up', async () => {
  const made = newLake();
  const { options } = await optionsOf(made);
  const { signal } = await generateElsewhere(made, "if (steps++ === 3) process.kill(process.pid, 'SIGKILL');");
  equal(signal, 'SIGKILL');
  const left = readdirSync(made.lake.datasets());
  ok(left.length > 0 && left.every((name) => name.startsWith('.spymaster-tmp-')));
  deepEqual(await listDatasets(made.lake), []);
  const { manifest } = await generateDataset(options);
  deepEqual(readdirSync(made.lake.datasets()), [manifest.dataset_id]);
  deepEqual(await verifyDataset(made.lake, manifest.dataset_id), manifest);
  equal(existsSync(resolve(made.lake.datasets(), left[0]!)), false);
});

test('a dataset whose temporary folder or files vanish while it is made is not published', async () => {
  const made = newLake();
  const { options } = await optionsOf(made);
  const parent = made.lake.datasets();
  const temporary = () => {
    const name = readdirSync(parent).find((each) => /^\.spymaster-tmp-.*__/.test(each) && !each.endsWith('.lock'));
    ok(name !== undefined);
    return join(parent, name);
  };
  // Another thread makes the file.
  const bins = () => {
    const path = join(temporary(), 'bins.parquet');
    while (!existsSync(path));
    return path;
  };
  for (const meddle of [
    () => rmSync(temporary(), { recursive: true }),
    () => rmSync(bins()),
    () => {
      const path = dirname(bins());
      rmSync(path, { recursive: true });
      mkdirSync(path);
    },
  ]) {
    let steps = 0;
    const onProgress = () => {
      if (steps++ === 3) meddle();
    };
    await rejects(generateDataset({ ...options, onProgress }), {
      code: 'LAKE_NOT_WRITABLE',
      message: /^Cannot write .*: .* was (removed|replaced) while it was being written, so nothing was published; /,
    });
    ok(steps > 3);
    deepEqual(readdirSync(parent), []);
  }
  equal((await generateDataset(options)).isNew, true);
});

test('a hollow dataset is no dataset that is there already', async () => {
  const made = newLake();
  const { options } = await optionsOf(made);
  const { folder, manifest } = await generateDataset(options);
  const bins = join(folder, 'bins.parquet');
  const bytes = readFileSync(bins);
  equal(manifest.file_bytes?.['bins.parquet'], bytes.length);
  for (const [content, why] of [
    [null, 'the file is missing'],
    [bytes.subarray(1), `the file has ${bytes.length - 1} bytes, not ${bytes.length}`],
  ] as const) {
    rmSync(bins, { force: true });
    if (content !== null) writeFileSync(bins, content);
    await rejects(generateDataset(options), { code: 'DATASET_INVALID', message: new RegExp(why) });
  }
  writeFileSync(bins, bytes);
  equal((await generateDataset(options)).isNew, false);
});

test('a dataset of before there were features stays valid, and --rebuild makes one that has them', async () => {
  const made = newLake();
  const { options } = await optionsOf(made);
  const { folder, manifest } = await generateDataset(options);
  const features = readFileSync(join(folder, 'features.parquet'));
  equal(manifest.file_bytes?.['features.parquet'], features.length);
  rmSync(join(folder, 'features.parquet'));
  await rejects(generateDataset(options), {
    code: 'DATASET_INVALID',
    message: /features\.parquet: the file is missing/,
  });
  const { 'features.parquet': _, ...fileBytes } = manifest.file_bytes ?? {};
  const older = `${JSON.stringify({ ...manifest, manifest_version: 2, file_bytes: fileBytes }, null, 2)}\n`;
  writeFileSync(join(folder, 'manifest.json'), older);
  const sums = JSON.parse(readFileSync(join(folder, 'checksums.json'), 'utf8')) as Record<string, string>;
  const { 'features.parquet': __, ...kept } = sums;
  writeFileSync(join(folder, 'checksums.json'), JSON.stringify({ ...kept, 'manifest.json': sha256Hex(older) }));
  equal((await generateDataset(options)).isNew, false);
  deepEqual((await verifyDataset(options.lake, manifest.dataset_id)).manifest_version, 2);
  const rebuilt = await generateDataset({ ...options, rebuild: true });
  deepEqual([rebuilt.isNew, rebuilt.manifest.manifest_version], [true, 3]);
  deepEqual(readFileSync(join(rebuilt.folder, 'features.parquet')), features);
});

test('of two that make one dataset the second waits for the first', async () => {
  const { options } = await optionsOf(newLake());
  let waited = 0;
  const both = await Promise.all([1, 2].map(() => generateDataset({ ...options, onWait: () => waited++ })));
  deepEqual(both.map(({ isNew }) => isNew).sort(), [false, true]);
  equal(waited, 1);
});
