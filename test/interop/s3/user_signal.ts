import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { Lake, openServingRegistry } from '../../../src/lake/index.ts';
import type { GridUpdate } from '../../../src/wire/index.ts';
import { type CommandResult, runCommand } from '../../helpers/run_command.ts';
import { connectTo, serve } from '../../helpers/stream_server.ts';
import { temporaryFolder } from '../../helpers/temporary_folder.ts';
import type { Machine, SharedFiles } from './machines.ts';

type Run = (...words: string[]) => Promise<CommandResult>;

/** Tests of a user's signal in a bucket: checked, swept and promoted by one machine, streamed and swept by others. */
export function testUserSignal(files: SharedFiles, machine: (address: string) => Machine, newLake: () => string): void {
  test('a signal of the user is swept, promoted and streamed from a bucket as from a folder, without its file', async () => {
    const specs = dirname(dirname(files.experiment));
    const signals = join(specs, 'signals');
    mkdirSync(signals);
    writeFileSync(join(specs, 'serving', 'mine.yaml'), 'name: mine\npipeline: mnq_demo\nsignal: {name: my_signal}\n');
    const experiment = join(specs, 'experiments', 'mine.yaml');
    writeFileSync(
      experiment,
      `name: mine
serving: mine
eval: {tp_ticks: 4, sl_ticks: 4, max_hold_bins: 60, warmup_bins: 60, cooldown_bins: 10, min_signals: 1}
sweep: {per_signal: {my_signal: {window_bins: [100]}}}
`,
    );
    const newSignal = () => runCommand('signal', 'new', 'my_signal', '--signals', signals);
    const address = newLake();
    const [first, root] = [machine(address), temporaryFolder('s3-signal')];
    equal((await newSignal()).code, 0);
    const here: Run = (...words) => runCommand(...words, '--lake-root', root);
    const there: Run = (...words) => first.run(...words);
    const registry = join(temporaryFolder('s3-signal-registry'), 'registry.sqlite');
    const inFolder = await promoted(here, files, experiment, signals);
    equal(await promoted(there, files, experiment, signals, '--registry', registry), inFolder);
    process.env.SPYMASTER_REGISTRY = '';
    // Other machines have no file of it: what was published is enough.
    const text = readFileSync(join(signals, 'my_signal.ts'), 'utf8');
    rmSync(signals, { recursive: true });
    const scores = await streamedScores(await machine(address).lake(), inFolder);
    ok(new Set(scores).size > 100);
    deepEqual(scores, await streamedScores(new Lake(root), inFolder));
    // A worker of a sweep takes the source from the bucket, too: the shard of another machine, in another process.
    mkdirSync(signals);
    writeFileSync(join(signals, 'my_signal.ts'), text);
    writeFileSync(experiment, readFileSync(experiment, 'utf8').replace('[100]', '[100, 120]'));
    const bin = resolve(import.meta.dirname, '../../../bin/spymaster.js');
    const child = spawn(process.execPath, [bin, 'run', experiment, '--shard', '1/1', '--lake-root', address], {
      ...{ env: { ...process.env, ...machine(address).environment }, stdio: ['ignore', 'ignore', 'pipe'] as const },
    });
    let said = '';
    child.stderr?.on('data', (bytes) => {
      said += String(bytes);
    });
    const [code] = await once(child, 'close');
    equal(code, 0, said);
    const judged = await first.json<{ cells: number; ran: number }>('run', experiment);
    deepEqual([judged.cells, judged.ran], [2, 0]);
    writeFileSync(join(signals, 'my_signal.ts'), `${text}// changed\n`);
    match((await machine(address).run('run', experiment, '--force')).err, /SIGNAL_UNCHECKED/);
    rmSync(signals, { recursive: true });
  });
}

/** Sweeps the signal over the session and promotes its run; gives the version's id. */
async function promoted(
  run: Run,
  files: SharedFiles,
  experiment: string,
  signals: string,
  ...registry: string[]
): Promise<string> {
  const json = async (...words: string[]) => {
    const { code, out, err } = await run(...words, '--json');
    equal(code, 0, `${words.join(' ')}: ${out}${err}`);
    return JSON.parse(out);
  };
  await json('import', files.raw);
  const { dataset_id: dataset } = await json('generate', files.pipeline);
  const checked = await json('signal', 'check', 'my_signal', '--signals', signals, '--dataset', dataset);
  equal(checked.passed, true);
  const { ran } = await json('run', experiment);
  equal(ran, 1);
  const { runs } = await json('compare', '--experiment', 'mine');
  return (await json('promote', experiment, '--run-id', runs[0].run_id, '--alias', 'mine', '--yes', ...registry))
    .serving_id;
}

/** Score of each bin that a version streams from a lake. */
async function streamedScores(lake: Lake, serving: string): Promise<unknown[]> {
  // As `serve` does: the versions of a bucket are brought when it starts.
  (await openServingRegistry(lake)).close();
  const server = await serve(lake);
  try {
    const client = connectTo(server, `serving=${serving}`);
    await client.opened();
    client.control('speed', { speed: 'max' });
    await client.closed;
    return client.bins.map(({ text }) => (JSON.parse(text) as GridUpdate).state_model_score);
  } finally {
    await server.close();
    await lake.storage?.close();
  }
}
