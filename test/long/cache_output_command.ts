import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../helpers/run_command.ts';
import { createServingLake } from '../helpers/serving_lake.ts';

const serving = createServingLake(90);
after(() => serving.remove());
const { lake, spec } = serving;
const root = ['--lake-root', lake.root] as const;

async function rows(folder: string): Promise<Record<string, unknown>[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const sql = `SELECT b.bin_seq, b.mid_price, b.state_model_score, count(*) n, sum(g.pressure_variant) p, sum(g.flow_score) f
    FROM '${folder}/bins.parquet' b JOIN '${folder}/grid.parquet' g USING (bin_seq) GROUP BY ALL ORDER BY b.bin_seq`;
  const found = (await connection.runAndReadAll(sql)).getRowObjects();
  connection.closeSync();
  return found;
}

test('a window holds exactly the bins that the whole output has there', async () => {
  const [whole, part] = [join(lake.root, 'whole'), join(lake.root, 'part')];
  equal((await runCommand('cache-output', '--serving', 'demo', '--out', whole, ...root)).code, 0);
  const start = Temporal.PlainTime.from(spec.runtime_snapshot.stream_start_time);
  const from = start.add({ minutes: 1 }).toString({ smallestUnit: 'minute' });
  const stored = await runCommand('cache-output', '--serving', 'demo', '--from', from, '--out', part, ...root);
  match(stored.out, /Stored 300 bins and 6,300 grid rows of srv_demo_00000001_00000001/);
  const all = await rows(whole);
  equal(all.length, 900);
  deepEqual(await rows(part), all.slice(600));
  deepEqual(readdirSync(part).sort(), ['bins.parquet', 'grid.parquet', 'manifest.json']);
  const again = await runCommand('cache-output', '--serving', 'demo', '--from', from, '--out', part, ...root);
  match(again.out, /300 bins .* already/);
  const other = await runCommand('cache-output', '--serving', 'demo', '--out', part, ...root);
  match(other.err, /FILE_EXISTS/);
  const manifest = JSON.parse(readFileSync(join(part, 'manifest.json'), 'utf8')) as Record<string, unknown>;
  deepEqual([manifest.bins, manifest.grid_rows, manifest.name], [300, 6300, spec.serving_id]);
});

test('a refused output leaves nothing behind', async () => {
  const out = join(lake.root, 'outputs', 'none');
  mkdirSync(join(lake.root, 'outputs'));
  const words = ['cache-output', '--serving', 'demo', '--out', out, ...root];
  match((await runCommand(...words, '--from', '15:00')).err, /no bin ends in the window/);
  match((await runCommand(...words, '--from', '10:00', '--to', '09:00')).err, /an end after the start/);
  match((await runCommand('cache-output', '--out', out, ...root)).err, /either --serving or --pipeline/);
  match((await runCommand('cache-output', '--serving', 'nobody', '--out', out, ...root)).err, /SERVING_UNKNOWN/);
  deepEqual(readdirSync(join(lake.root, 'outputs')), []);
});
