import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { planCampaign } from '../../src/campaign/campaign_plan.ts';
import { type CampaignOptions, measureCampaign, runCampaign } from '../../src/campaign/run_campaign.ts';
import {
  campaignVariants,
  defaultRuntimeConfig,
  parseCampaignSpec,
  parseYaml,
  sessionTimeNs,
} from '../../src/config/index.ts';
import { examineLake } from '../../src/doctor/index.ts';
import { Lake, listDatasets, SpecFiles, verifyDataset } from '../../src/lake/index.ts';
import { fittingWorkers } from '../../src/replay/index.ts';
import { SyntheticSession } from '../../src/synth/index.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('campaign');

const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 256, grid_radius_ticks: 4 };
const dates = ['2026-02-05', '2026-02-06'] as const;
const sessions = new Map<string, Uint8Array>();

before(() => {
  for (const [i, date] of dates.entries()) {
    const day = Number(date.replaceAll('-', ''));
    const session = new SyntheticSession({
      ...{ seed: 3 + i, profile: 'busy', symbol: 'MNQH6', date: day, nextDate: day + 1 },
      ...{ startNs: sessionTimeNs('future_mbo', date, '09:25'), durationS: 65, openS: 300, recordsPerS: 40 },
    });
    const path = join(folder, date);
    for (let chunk = session.next(); chunk !== null; chunk = session.next()) appendFileSync(path, chunk);
    sessions.set(date, readFileSync(path));
  }
});

const yaml = `name: taus
pipeline_code_version: 1
base_capture: {product_type: future_mbo, symbol: MNQH6, dt: ["2026-02-05", "2026-02-06"], start_time: "09:25", end_time: "09:26"}
sweep_axes:
  cell_width_ms: [1000]
  projection.damping_lambda: [0, 0.5]
publish: {format: csv, columns: [mid_price]}
`;

let lakes = 0;
function newLake(): Lake {
  const lake = new Lake(join(folder, `lake${lakes++}`));
  for (const date of dates) writeRaw(lake, date, sessions.get(date)!);
  return lake;
}
function rawPath(lake: Lake, date: string): string {
  return join(lake.rawFolder('future_mbo', 'MNQH6'), `glbx-mdp3-${date.replaceAll('-', '')}.mbo.dbn`);
}
function writeRaw(lake: Lake, date: string, bytes: Uint8Array): void {
  mkdirSync(lake.rawFolder('future_mbo', 'MNQH6'), { recursive: true });
  writeFileSync(rawPath(lake, date), bytes);
}

async function planOf(lake: Lake, text = yaml) {
  const { value, origin } = parseYaml(text, 'taus.yaml');
  const spec = parseCampaignSpec(value, origin);
  return planCampaign(lake, spec, campaignVariants(spec, instrument, origin, 'derivative'));
}

function run(lake: Lake, plan: CampaignOptions['plan'], changes: Partial<CampaignOptions> = {}) {
  return runCampaign({
    lake,
    plan,
    ...{ maxWorkers: 2, memoryBytes: 4e9, expectedPeakBytes: 3e8, keepGoing: false, codeVersion: '0.0.0-test' },
    ...{ signal: new AbortController().signal, onProgress: () => {}, onPublish: () => {} },
    ...changes,
  });
}

interface Index {
  readonly variants: readonly { readonly dataset_id: string; readonly serving: string; readonly settings: object }[];
  readonly datasets: Readonly<
    Record<string, { state: string; published: string | null; error: { code: string } | null; manifest: object | null }>
  >;
}
const indexOf = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Index;

test('a campaign makes each dataset once, goes on after a failure, and is resumed', async () => {
  const lake = newLake();
  writeRaw(lake, dates[0], sessions.get(dates[0])!.subarray(0, 20_001));
  const plan = await planOf(lake);
  deepEqual([plan.variants.length, plan.datasets.length, plan.specs.length], [4, 2, 2 + 4]);
  const [bad, good] = plan.datasets.map(({ datasetId }) => datasetId) as [string, string];
  const shares: number[] = [];
  const first = await run(lake, plan, { keepGoing: true, onProgress: (datasets) => shares.push(datasets) });
  deepEqual(
    first.datasets.map(({ state }) => state),
    ['failed', 'made'],
  );
  equal(first.datasets[0]!.error!.code, 'DBN_TRUNCATED');
  equal(first.workers, 2);
  ok(first.peakBytes > 30e6 && first.peakBytes < 2e9);
  equal(shares.at(-1), 2);
  deepEqual(await listDatasets(lake), [good]);
  const index = indexOf(first.indexPath);
  deepEqual([index.datasets[bad]!.state, index.datasets[bad]!.error!.code], ['failed', 'DBN_TRUNCATED']);
  deepEqual(index.datasets[good]!.manifest, await verifyDataset(lake, good));
  ok(readdirSync(lake.published(good, 'taus')).includes('bins.csv'));

  writeRaw(lake, dates[0], sessions.get(dates[0])!);
  const second = await run(lake, await planOf(lake));
  deepEqual(
    second.datasets.map(({ state }) => state),
    ['made', 'there'],
  );
  const third = await run(lake, await planOf(lake));
  deepEqual([third.workers, third.datasets.map(({ state }) => state)], [0, ['there', 'there']]);
  const whole = indexOf(third.indexPath);
  deepEqual(
    Object.values(whole.datasets).map(({ state, published }) => [state, published !== null]),
    [
      ['complete', true],
      ['complete', true],
    ],
  );
  for (const { serving, dataset_id } of whole.variants) {
    const loaded = await new SpecFiles(lake, instrument).serving(join(lake.specs('serving'), `${serving}.yaml`));
    equal(loaded.pipeline.datasetId, dataset_id);
  }
  const findings = await examineLake(lake, { signal: new AbortController().signal, onLook: () => {} });
  deepEqual(
    findings.filter(({ state, check }) => state !== 'ok' && check !== 'free space'),
    [],
  );
});

test('without keep-going nothing is begun after a failure', async () => {
  const lake = newLake();
  writeRaw(lake, dates[0], sessions.get(dates[0])!.subarray(0, 20_001));
  const { datasets } = await run(lake, await planOf(lake), { maxWorkers: 1 });
  deepEqual(
    datasets.map(({ state }) => state),
    ['failed', 'pending'],
  );
});

test('a plan is refused before anything is made', async () => {
  const lake = newLake();
  const plan = await planOf(lake);
  const [spec] = plan.specs;
  mkdirSync(lake.specs('pipelines'), { recursive: true });
  writeFileSync(spec!.path, 'name: mine\n');
  await rejects(planOf(lake), { code: 'FILE_EXISTS', message: /is there and says something else/ });
  equal(readFileSync(spec!.path, 'utf8'), 'name: mine\n');
  rmSync(spec!.path);
  mkdirSync(lake.datasets(plan.datasets[1]!.datasetId), { recursive: true });
  await rejects(planOf(lake), { code: 'DATASET_INVALID' });
  rmSync(rawPath(lake, dates[1]));
  await rejects(planOf(lake), { code: 'FILE_NOT_FOUND', message: /2026-02-06/ });
});

test('a stretch is measured and leaves nothing', async () => {
  const lake = newLake();
  const { datasets } = await planOf(lake);
  const measured = await measureCampaign(lake, datasets[0]!, '0.0.0-test', new AbortController().signal);
  ok(measured.bins >= 1 && measured.bins <= 60);
  ok(measured.secondsPerBin > 0 && measured.bytesPerBin > 100 && measured.peakBytes > 30e6);
  deepEqual(readdirSync(lake.datasets()), []);
});

test('workers fit into the memory that there is, and one always runs', () => {
  deepEqual(
    [
      fittingWorkers(9, 8, 1e9, 3e8),
      fittingWorkers(2, 8, 1e9, 3e8),
      fittingWorkers(9, 2, 1e9, 3e8),
      fittingWorkers(9, 8, 1e8, 3e8),
    ],
    [3, 2, 2, 1],
  );
});

test('killed, a campaign leaves whole datasets alone and no process', async () => {
  const lake = newLake();
  const script = join(folder, 'campaign.ts');
  const specPath = join(folder, 'taus.yaml');
  writeFileSync(specPath, yaml);
  const room = (name: string) => JSON.stringify(new URL(`../../src/${name}/index.ts`, import.meta.url).href);
  writeFileSync(
    script,
    `import { campaignVariants, parseCampaignSpec } from ${room('config')};
     import { planCampaign, runCampaign } from ${room('campaign')};
     import { Lake, readYamlFile } from ${room('lake')};
     const [root, path, instrument] = process.argv.slice(2);
     const { value, origin } = await readYamlFile(path);
     const spec = parseCampaignSpec(value, origin);
     const lake = new Lake(root);
     const plan = await planCampaign(lake, spec, campaignVariants(spec, JSON.parse(instrument), origin, 'derivative'));
     const die = () => process.kill(process.pid, 'SIGKILL');
     await runCampaign({ lake, plan, maxWorkers: 1, memoryBytes: 1e9, expectedPeakBytes: 1, keepGoing: false, codeVersion: 'x',
       signal: new AbortController().signal, onProgress: die, onPublish: () => {} });`,
  );
  const child = spawn(process.execPath, [script, lake.root, specPath, JSON.stringify(instrument)], {
    stdio: 'inherit',
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  equal(signal, 'SIGKILL');
  // The worker notices that it is alone, ends what it does and clears up.
  const left = () => readdirSync(lake.datasets()).filter((name) => name.startsWith('.spymaster-tmp-'));
  for (let waited = 0; left().length > 0 && waited < 400; waited++) await setTimeout(50);
  deepEqual(left(), []);
  for (const datasetId of await listDatasets(lake)) await verifyDataset(lake, datasetId);
});
