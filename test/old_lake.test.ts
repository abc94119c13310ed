import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Lake, ServingRegistry } from '../src/lake/index.ts';
import { startServer } from '../src/server/index.ts';
import { createGridFrameDecoder } from '../src/wire/index.ts';
import { queryRows } from './helpers/query_rows.ts';
import { type CommandResult, runCommand } from './helpers/run_command.ts';
import { sharedPath } from './helpers/shared.ts';
import { StreamClient } from './helpers/stream_client.ts';

// What version 0.1.0 stored stays readable: datasets, results, registry and specs, with the numbers of then.

const folder = mkdtempSync(join(tmpdir(), 'spymaster-old-'));
const lakeRoot = join(folder, 'lake');
const specs = join(folder, 'specs');
const rawFile = join(new Lake(lakeRoot).rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn.zst');
const datasetId = 'mnqh6_20260206_0929_0931__small__71ea0585';
const servingId = 'srv_small_4ce29575_01e4fc22';
const { VP_INSTRUMENT_CONFIG_PATH: lockBefore } = process.env;

before(() => {
  cpSync(sharedPath('lake-0.1'), folder, { recursive: true });
  process.env.VP_INSTRUMENT_CONFIG_PATH = join(specs, 'instrument.yaml');
});
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
  rmSync(folder, { recursive: true });
});

async function succeeds(...words: string[]): Promise<CommandResult> {
  const result = await runCommand(...words, '--lake-root', lakeRoot);
  equal(result.code, 0, result.out + result.err);
  return result;
}

async function json(...words: string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await succeeds(...words, '--json')).out) as Record<string, unknown>;
}

test('its dataset is listed and verified, and its spec still names it', async () => {
  const { datasets } = await json('list-datasets');
  deepEqual(
    (datasets as { dataset_id: string }[]).map((dataset) => dataset.dataset_id),
    [datasetId],
  );
  const verified = await json('generate', join(specs, 'pipelines/small.yaml'), '--verify');
  deepEqual([verified.dataset_id, verified.is_new], [datasetId, false]);
});

test('doctor finds nothing wrong with it', async () => {
  const { findings } = (await json('doctor')) as { findings: { check: string; state: string }[] };
  const ofLake = ['layout', 'permissions', 'leftovers', 'serving registry', 'datasets', 'raw files', 'results'];
  deepEqual(
    findings.filter(({ check, state }) => ofLake.includes(check) && state === 'ok').map(({ check }) => check),
    ofLake,
  );
});

/** Expected fields and elements, in a value that may have more fields. */
function includes(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected !== 'object' || expected === null) {
    equal(actual, expected, path);
    return;
  }
  ok(typeof actual === 'object' && actual !== null, `${path} is ${actual}`);
  if (Array.isArray(expected)) equal((actual as unknown[]).length, expected.length, path);
  for (const [key, value] of Object.entries(expected)) {
    includes((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
  }
}

test('its runs and sweeps have the numbers that they had, but for p-values of the older method', async () => {
  const expected = JSON.parse(readFileSync(join(folder, 'compare.json'), 'utf8')) as unknown;
  includes(await json('compare', '--experiment', 'small', '--sort', 'tp_rate'), expected, 'compare');
  match(
    (await succeeds('compare', '--experiment', 'small')).out,
    /small: 4 runs of an older method, without p-values; run it again/,
  );
});

test('its raw file replays to the bins and grids of its dataset', async () => {
  const dataset = join(lakeRoot, 'research/vp_immutable', datasetId);
  const manifest = JSON.parse(readFileSync(join(dataset, 'manifest.json'), 'utf8')) as { resolved_config: object };
  const config = join(folder, 'replay.json');
  const times = { stream_dt: '2026-02-06', stream_start_time: '09:29', end_time: '09:31' };
  writeFileSync(config, JSON.stringify({ runtime: manifest.resolved_config, ...times }));
  const out = join(folder, 'replayed');
  const { code, err } = await runCommand('replay', rawFile, '--config', config, '--out', out);
  equal(code, 0, err);
  for (const [stored, replayed, rows] of [
    ['bins', 'bins', 240n],
    ['grid_clean', 'grid', 1200n],
  ] as const) {
    const [left, right] = [join(dataset, `${stored}.parquet`), join(out, `${replayed}.parquet`)];
    const names = (await queryRows(`SELECT column_name FROM (DESCRIBE FROM '${left}')`)).join();
    const both = `SELECT ${names} FROM '${left}' INTERSECT ALL SELECT ${names} FROM '${right}'`;
    deepEqual(await queryRows(`SELECT count(*) FROM (${both})`), [[rows]], stored);
  }
});

test('its alias streams the version that was published, from the raw file', async () => {
  const registry = new ServingRegistry(new Lake(lakeRoot));
  equal(registry.resolve('small').servingId, servingId);
  registry.close();
  const server = await startServer({ lake: new Lake(lakeRoot), host: '127.0.0.1', port: 0, webRoot: folder });
  try {
    const client = new StreamClient(`${server.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=small`);
    await client.opened();
    client.control('speed', { speed: 'max' });
    await client.until(() => client.bins.length >= 20);
    await client.close();
    const decode = createGridFrameDecoder(5);
    const grid = join(lakeRoot, 'research/vp_immutable', datasetId, 'grid_clean.parquet');
    const names = ['pressure_variant', 'vacuum_variant', 'composite_d2', 'last_event_id'] as const;
    const stored = await queryRows(`SELECT ${names} FROM '${grid}' WHERE bin_seq < 20 ORDER BY bin_seq, k`);
    const streamed = client.bins.slice(0, 20).flatMap(({ frame }) => {
      const { columns } = decode(new Uint8Array(frame));
      return Array.from({ length: 5 }, (_, row) => names.map((name) => columns[name][row]));
    });
    deepEqual(streamed, stored);
  } finally {
    await server.close();
  }
});
