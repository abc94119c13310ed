import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { Lake, SpecFiles } from '../../src/lake/index.ts';
import { runExperiment } from '../../src/sweep/index.ts';
import { type EdgeOptions, SyntheticSession } from '../../src/synth/index.ts';

const dates = ['2026-02-04', '2026-02-05', '2026-02-06'] as const;

/** A new lake with three short days of a market in which this edge is planted. */
export function edgeLake(edge: EdgeOptions, minutes: number): Lake {
  const lake = new Lake(mkdtempSync(join(tmpdir(), 'spymaster-edge-')));
  const folder = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(folder, { recursive: true });
  for (const [seed, text] of dates.entries()) {
    const date = Number(text.replaceAll('-', ''));
    const session = new SyntheticSession({
      ...{ seed: 70 + seed, profile: 'edge', symbol: 'MNQH6', date, nextDate: date + 1, edge },
      ...{ startNs: BigInt(Date.parse(`${text}T14:24:30Z`)) * 1_000_000n, durationS: 60 * minutes + 35 },
      ...{ openS: 300, recordsPerS: 100 },
    });
    for (let chunk = session.next(); chunk !== null; chunk = session.next()) {
      appendFileSync(join(folder, `glbx-mdp3-${date}.mbo.dbn`), chunk);
    }
  }
  const end = Temporal.PlainTime.from('09:25').add({ minutes }).toString({ smallestUnit: 'minute' });
  write(
    lake,
    'pipelines',
    `pipeline_code_version: 1\ncapture: {product_type: future_mbo, symbol: MNQH6, start_time: "09:25", end_time: "${end}"}\n`,
  );
  write(lake, 'serving', 'pipeline: planted\nsignal: {name: pva}\n');
  return lake;
}

function write(lake: Lake, kind: 'pipelines' | 'serving' | 'experiments', text: string, name = 'planted'): string {
  mkdirSync(lake.specs(kind), { recursive: true });
  const path = join(lake.specs(kind), `${name}.yaml`);
  writeFileSync(path, `name: ${name}\n${text}`);
  return path;
}

/** Asks the signal that finds the edge of the three days, on these terms; gives the statistics. */
export async function judgeEdge(
  lake: Lake,
  name: string,
  terms: string,
  { force = false, levels = 'tp_ticks: 40, sl_ticks: 40' } = {},
) {
  const path = write(
    lake,
    'experiments',
    `serving: planted
sessions: {dates: [${dates.join(', ')}], contract: fixed}
eval: {${levels}, max_hold_bins: 40, warmup_bins: 200, cooldown_bins: 30${terms}}
`,
    name,
  );
  const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 2048, grid_radius_ticks: 20 };
  const experiment = await new SpecFiles(lake, instrument).anyExperiment(path);
  const { statistics } = await runExperiment({
    ...{ lake, experiment, defaultWorkers: 1, memoryBytes: 4e9, keepGoing: false, force, codeVersion: 'test' },
    now: () => new Date(),
    signal: new AbortController().signal,
    notice: () => {},
  });
  if (statistics === null) throw new Error('the experiment was not judged');
  return statistics;
}
