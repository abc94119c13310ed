import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { labPlan } from '../../test/helpers/fleet_lake.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { Lake } from '../lake/index.ts';
import { emitArrayJob } from './emit.ts';
import { readPlan, storePlan } from './fleet_plan.ts';

const folder = temporaryFolder('fleet-plan');

test('a plan keeps the cut of the first that stored it, and one whose content was changed is refused', async () => {
  const lake = new Lake(join(folder, 'lake'));
  const plan = await labPlan(lake, ['skilled'], 4);
  const second = await storePlan(lake, plan.content, { sizes: [1], trial_ms: [9] });
  deepEqual([second.hash, second.cut], [plan.hash, plan.cut]);
  equal(await readPlan(lake, '0'.repeat(32)), null);
  const path = join(lake.plans(plan.hash), 'plan.json');
  const text = readFileSync(path, 'utf8');
  for (const changed of [text.replace('"fixture"', '"fixtures"'), text.slice(0, 100), '{}', '']) {
    writeFileSync(path, changed);
    await rejects(readPlan(lake, plan.hash), { code: 'CHECKSUM_MISMATCH' });
  }
  match(text, /"trial_ms"/);
});

/** What a command line does that ends in `npx …`: the words that npx gets. */
function wordsOfNpx(script: string, env: Record<string, string>): string[] {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'npx'), '#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done\n', { mode: 0o755 });
  const output = execFileSync('/bin/bash', ['--norc', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, PATH: `${bin}:/bin:/usr/bin` },
  });
  return String(output).trimEnd().split('\n');
}

const job = { file: "my spec's.yaml", lakeRoot: 's3://bucket/lake', experiment: 'Edge_Demo\nrm -rf', shards: 64 };
const command = ['spymaster', 'run', job.file, '--lake-root', job.lakeRoot, '--shard', '64/64', '--keep-going'];

test('the batch script of Slurm is a script, its array has every shard, and its command is quoted', () => {
  const script = emitArrayJob('slurm', job);
  ok(script.startsWith('#!/bin/bash\n'));
  match(script, /^#SBATCH --array=1-64$/m);
  match(script, /^#SBATCH --job-name=spymaster-edge-demo-rm-rf$/m);
  // Options count only above the first command.
  const first = script.split('\n').findIndex((line) => !line.startsWith('#'));
  ok(script.lastIndexOf('#SBATCH') < script.split('\n').slice(0, first).join('\n').length);
  deepEqual(wordsOfNpx(script, { SLURM_ARRAY_TASK_ID: '64' }), command);
});

test('the Job of Kubernetes has the form of one, an index for every shard, and its command is quoted', () => {
  const manifest = parse(emitArrayJob('k8s', job));
  deepEqual([manifest.apiVersion, manifest.kind], ['batch/v1', 'Job']);
  match(manifest.metadata.name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  const { spec } = manifest;
  deepEqual([spec.completionMode, spec.completions, spec.parallelism], ['Indexed', 64, 64]);
  equal(spec.template.spec.restartPolicy, 'Never');
  const [container] = spec.template.spec.containers;
  deepEqual(container.command.slice(0, 2), ['/bin/sh', '-c']);
  deepEqual(wordsOfNpx(container.command[2], { JOB_COMPLETION_INDEX: '63' }), command);
  const volumes = spec.template.spec.volumes.map(({ name }: { name: string }) => name);
  ok(container.volumeMounts.every(({ name }: { name: string }) => volumes.includes(name)));
});

test('the image recipe of docs/fleet.md names what there is, and installs the versions of package.json', () => {
  const page = readFileSync('docs/fleet.md', 'utf8');
  const recipe = /```dockerfile\n([^`]+)```/.exec(page)?.[1]?.trimEnd().split('\n') ?? [];
  ok(recipe.length > 5);
  for (const line of recipe) match(line, /^(FROM|WORKDIR|COPY|RUN) \S/);
  const copied = recipe.filter((line) => line.startsWith('COPY')).flatMap((line) => line.split(' ').slice(1, -1));
  for (const path of copied) ok(existsSync(path), path);
  const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const [, name, version] of page.matchAll(/(bullmq|ioredis)@([\d.]+)/g)) equal(version, peerDependencies[name!]);
});

test('the holdout is opened on one machine alone: shards and submit refuse it in a sentence', async () => {
  for (const words of [
    ['run', 'x.yaml', '--shard', '1/2'],
    ['submit', 'x.yaml', '--queue', 'redis://127.0.0.1:1'],
  ]) {
    const { code, err } = await runCommand(...words, '--open-holdout');
    equal(code, 2);
    match(err, /--open-holdout/);
    equal(
      err
        .trimEnd()
        .split('\n')
        .filter((line) => /^error|^Error/.test(line)).length,
      1,
      err,
    );
  }
});
