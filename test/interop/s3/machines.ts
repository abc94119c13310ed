import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openLake } from '../../../src/lake/index.ts';
import { type CommandResult, runCommand } from '../../helpers/run_command.ts';
import { temporaryFolder } from '../../helpers/temporary_folder.ts';

const configs = resolve(import.meta.dirname, '../../../configs');

/** Files that all machines have: a raw file and the specs. */
export interface SharedFiles {
  readonly raw: string;
  readonly pipeline: string;
  readonly experiment: string;
}

/** Makes a short session and the specs of a small sweep over it. */
export async function makeSharedFiles(): Promise<SharedFiles> {
  const folder = temporaryFolder('s3-files');
  for (const kind of ['pipelines', 'serving', 'experiments'])
    cpSync(join(configs, kind), join(folder, kind), { recursive: true });
  const pipeline = join(folder, 'pipelines', 'mnq_demo.yaml');
  edit(pipeline, [/start_time: .*/, 'start_time: "09:25"'], [/end_time: .*/, 'end_time: "09:26"']);
  const experiment = join(folder, 'experiments', 'sweep_derivative.yaml');
  edit(
    experiment,
    [/tp_ticks: .*/, 'tp_ticks: 4'],
    [/warmup_bins: .*/, 'warmup_bins: 60'],
    [/max_hold_bins: .*/, 'max_hold_bins: 60'],
    [/min_signals: .*/, 'min_signals: 1'],
    [/zscore_window_bins: .*/, 'zscore_window_bins: [60, 120]'],
  );
  const raw = join(folder, 'glbx-mdp3-20260206.MNQH6.mbo.dbn.zst');
  const instrument = join(folder, 'instrument.yaml');
  cpSync(join(configs, 'instrument.yaml'), instrument);
  edit(
    instrument,
    [/grid_radius_ticks: .*/, 'grid_radius_ticks: 26'],
    [/n_absolute_ticks: .*/, 'n_absolute_ticks: 1024'],
  );
  process.env.VP_INSTRUMENT_CONFIG_PATH = instrument;
  const made = await runCommand('synth', '--out', raw, '--minutes', '1.2', '--rate', '200');
  if (made.code !== 0) throw new Error(made.err);
  mkdirSync(join(folder, 'lake'));
  return { raw, pipeline, experiment };
}

function edit(path: string, ...changes: readonly (readonly [RegExp, string])[]): void {
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of changes) text = text.replace(from, to);
  writeFileSync(path, text);
}

/** A machine: a cache of its own, and an endpoint through which it sees the bucket. */
export class Machine {
  readonly cache = temporaryFolder('s3-machine');
  readonly address: string;
  readonly environment: Readonly<Record<string, string>>;

  constructor(address: string, endpoint: string, cacheGb = '1') {
    this.address = address;
    this.environment = {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: 'test-key-id',
      AWS_SECRET_ACCESS_KEY: 'test-secret-key',
      SPYMASTER_CACHE: this.cache,
      SPYMASTER_CACHE_GB: cacheGb,
      SPYMASTER_REGISTRY: '',
    };
  }

  /** Runs a command on the lake, in this process. */
  async run(...words: string[]): Promise<CommandResult> {
    this.use();
    return runCommand(...words, '--lake-root', this.address);
  }

  /** The same, of which the JSON is wanted. Throws when it fails. */
  async json<T>(...words: string[]): Promise<T> {
    const { code, out, err } = await this.run(...words, '--json');
    if (code !== 0) throw new Error(`${words.join(' ')}: ${out}${err}`);
    return JSON.parse(out) as T;
  }

  async lake() {
    this.use();
    return openLake(this.address);
  }

  use(): void {
    Object.assign(process.env, this.environment);
  }
}
