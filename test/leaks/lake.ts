import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPrefix } from '../../src/files/index.ts';
import { Lake, ServingRegistry } from '../../src/lake/index.ts';
import { done, env, makeTemplate } from '../faults/commands.ts';

/** A lake with everything that a server answers from, and work that takes long. */
export interface LeaksLake {
  readonly lake: Lake;
  readonly runId: string;
  /** The recording of the long session, and a configuration to replay it with. */
  readonly longFile: string;
  readonly replayConfig: string;
  /** A pipeline spec whose dataset takes many seconds to make. */
  readonly longPipeline: string;
  /** An experiment spec whose cells take half a minute. */
  readonly longExperiment: string;
}

/** Alias of a session of two minutes, which is streamed from memory soon. */
export const shortServing = 'live';
/** Id of a session of a quarter of an hour: its end is seconds of replay away from its start. */
export const longServing = 'srv_long_00000001_00000001';

const longDate = '2026-02-05';

/** Makes the lake with the commands themselves: sessions, a dataset, results of two sweeps, two published versions. */
export async function makeLake(folder: string): Promise<LeaksLake> {
  const { runId } = await makeTemplate(folder);
  const lake = new Lake(join(folder, 'lake'));
  const longFile = join(lake.rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260205.mbo.dbn.zst');
  const first = join(folder, 'specs/experiments/first.yaml');
  await Promise.all([
    done(['synth', '--out', longFile, '--date', longDate, '--minutes', '15', '--rate', '2500']),
    done(['promote', first, '--run-id', runId, '--alias', shortServing, '--yes', '--lake-root', lake.root]),
  ]);
  using registry = new ServingRegistry(lake);
  const { spec } = registry.resolve(shortServing);
  const runtime = { ...spec.runtime_snapshot, stream_dt: longDate, stream_start_time: '09:26', end_time: '09:39' };
  registry.publish(
    { ...spec, serving_id: longServing, runtime_snapshot: runtime },
    { now: () => new Date().toISOString() },
  );

  const replayConfig = join(folder, 'replay_long.json');
  const shortReplay = JSON.parse(readFileSync(join(folder, 'replay.json'), 'utf8')) as object;
  writeFileSync(replayConfig, JSON.stringify({ ...shortReplay, stream_dt: longDate }));
  const longPipeline = join(folder, 'specs/pipelines/long.yaml');
  const capture = `{product_type: future_mbo, symbol: MNQH6, dt: "${longDate}", start_time: "09:26", end_time: "09:39"}`;
  writeFileSync(longPipeline, `name: long\npipeline_code_version: 1\ncapture: ${capture}\n`);
  const longExperiment = join(folder, 'specs/experiments/long.yaml');
  const serving = 'name: flow\npipeline: first\nsignal: {name: erd, params: {}}\n';
  writeFileSync(join(folder, 'specs/serving/flow.yaml'), serving);
  // Each neutral threshold is a scoring of its own, for which a worker replays the recording.
  const thresholds = Array.from({ length: 100 }, (_, at) => (at + 1) / 200).join(', ');
  writeFileSync(
    longExperiment,
    'name: long\nserving: flow\n' +
      'eval: {tp_ticks: [2, 4], sl_ticks: [2], max_hold_bins: 50, warmup_bins: 50, cooldown_bins: 20, split: {folds: 2}}\n' +
      `sweep: {scoring: {threshold_neutral: [${thresholds}]}, per_signal: {erd: {variant: [a, b]}}}\n`,
  );
  return { lake, runId, longFile, replayConfig, longPipeline, longExperiment };
}

/** Environment of every command. */
export const commandEnv = env;

/** Temporary names anywhere below a folder, lock files included. */
export function temporariesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.filter((path) => path.split('/').at(-1)!.startsWith(temporaryPrefix));
}
