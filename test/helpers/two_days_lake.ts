import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { Lake, SpecFiles } from '../../src/lake/index.ts';
import { runExperiment } from '../../src/sweep/index.ts';
import { SyntheticSession } from '../../src/synth/index.ts';

export const twoDays = ['2026-02-05', '2026-02-06'] as const;
export const twoDaysExperiment = 'two_days';

/** A temporary lake with the files of two synthetic days and an experiment of two runs over both. */
export interface TwoDaysLake {
  readonly lake: Lake;
  readonly runIds: readonly string[];
  remove(): void;
}

export async function createTwoDaysLake(): Promise<TwoDaysLake> {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-two-days-'));
  const lake = new Lake(root);
  const experiment = await writeTwoDays(lake);
  const { plans } = await runExperiment({
    ...{ lake, experiment, defaultWorkers: 2, memoryBytes: 4e9, keepGoing: false, force: false, codeVersion: 'test' },
    now: () => new Date(),
    notice: () => {},
  });
  const runIds = plans.flatMap(({ cells }) => Array.from(cells, ({ runId }) => runId));
  return { lake, runIds, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Writes the files of the two days into a lake, and the specs; gives the experiment. */
export async function writeTwoDays(lake: Lake) {
  writeTwoDayFiles(lake);
  return await specifyTwoDays(lake);
}

export function writeTwoDayFiles(lake: Lake): void {
  const folder = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(folder, { recursive: true });
  for (const [seed, text] of twoDays.entries()) {
    const date = Number(text.replaceAll('-', ''));
    const session = new SyntheticSession({
      ...{ seed, profile: 'busy', symbol: 'MNQH6', date, nextDate: date + 1 },
      ...{ startNs: BigInt(Date.parse(`${text}T14:25Z`)) * 1_000_000n, durationS: 80, openS: 300, recordsPerS: 150 },
    });
    for (let chunk = session.next(); chunk !== null; chunk = session.next()) {
      appendFileSync(join(folder, `glbx-mdp3-${date}.mbo.dbn`), chunk);
    }
  }
}

/** Writes the specs; gives the experiment. `execution` stands in its `eval`, as YAML that begins with a comma. */
export async function specifyTwoDays(lake: Lake, execution = '') {
  const write = (kind: 'pipelines' | 'serving' | 'experiments', text: string) => {
    mkdirSync(lake.specs(kind), { recursive: true });
    writeFileSync(join(lake.specs(kind), `${twoDaysExperiment}.yaml`), `name: ${twoDaysExperiment}\n${text}`);
  };
  write(
    'pipelines',
    'pipeline_code_version: 1\ncapture: {product_type: future_mbo, symbol: MNQH6, start_time: "09:25", end_time: "09:26"}\n',
  );
  write(
    'serving',
    `pipeline: ${twoDaysExperiment}\nsignal: {name: derivative, params: {zscore_window_bins: 60, zscore_min_periods: 30}}\n`,
  );
  write(
    'experiments',
    `serving: ${twoDaysExperiment}
sessions: {dates: [${twoDays.join(', ')}], contract: fixed}
eval: {tp_ticks: 4, sl_ticks: 4, max_hold_bins: 60, warmup_bins: 50, cooldown_bins: 5, min_signals: 2${execution}}
sweep: {per_signal: {derivative: {d2_weight: [0, 0.5]}}}
`,
  );
  const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 26 };
  return await new SpecFiles(lake, instrument).anyExperiment(
    join(lake.specs('experiments'), `${twoDaysExperiment}.yaml`),
  );
}
