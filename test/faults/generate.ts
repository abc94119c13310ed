import { deepEqual, equal, ok } from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryPrefix } from '../../src/files/index.ts';
import { Lake, listDatasets, verifyDataset } from '../../src/lake/index.ts';
import type { Budget } from './budget.ts';
import { runAndKill } from './kill.ts';

const root = resolve(import.meta.dirname, '../..');
const binary = join(root, 'bin/spymaster.js');
const env = { VP_INSTRUMENT_CONFIG_PATH: join(root, 'configs/instrument.yaml') };

/** Kills `generate` at `rounds` random moments: never a dataset that is not whole, and the last run completes. */
export async function generateFaults(folder: string, { random, more }: Budget): Promise<string> {
  const lake = new Lake(join(folder, 'killed'));
  const spec = join(folder, 'pipelines', 'faults.yaml');
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  mkdirSync(join(folder, 'pipelines'));
  const file = join(raw, 'glbx-mdp3-20260206.mbo.dbn.zst');
  equal((await runAndKill([binary, 'synth', '--out', file, '--minutes', '2.5', '--rate', '400'], env)).code, 0);
  writeFileSync(
    spec,
    'name: faults\npipeline_code_version: 1\ncapture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", ' +
      'start_time: "09:25", end_time: "09:27"}\n',
  );
  const reference = new Lake(join(folder, 'undisturbed'));
  cpSync(join(lake.root, 'raw'), join(reference.root, 'raw'), { recursive: true });
  const generate = (root: string) => [binary, 'generate', spec, '--lake-root', root];
  const undisturbed = await runAndKill(generate(reference.root), env);
  equal(undisturbed.code, 0, undisturbed.output);
  const [id] = await listDatasets(reference);
  ok(id !== undefined);

  let killed = 0;
  for (let round = 0; more(round, killed); round++) {
    const { isKilled, code, output } = await runAndKill(generate(lake.root), env, random() * undisturbed.tookMs * 1.1);
    if (isKilled) killed++;
    else equal(code, 0, output);
    for (const found of await listDatasets(lake)) {
      await verifyDataset(lake, found);
      rmSync(lake.datasets(found), { recursive: true });
    }
  }
  const last = await runAndKill(generate(lake.root), env);
  equal(last.code, 0, last.output);
  deepEqual(await listDatasets(lake), [id]);
  for (const name of readdirSync(reference.datasets(id))) {
    deepEqual(readFileSync(join(lake.datasets(id), name)), readFileSync(join(reference.datasets(id), name)), name);
  }
  const left = readdirSync(lake.datasets()).filter((name) => name.startsWith(temporaryPrefix));
  return `generate: ${killed} kills, no half dataset, the same bytes in the end, ${left.length} leftovers to clear up`;
}
