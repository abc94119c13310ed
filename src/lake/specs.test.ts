import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultRuntimeConfig } from '../config/index.ts';
import { readInstrument, readReplayConfig } from './config_files.ts';
import { Lake } from './lake.ts';
import { SpecFiles } from './specs.ts';

const configs = resolve(import.meta.dirname, '../../configs');
const folder = temporaryFolder('specs');

test('the example configurations are sound and fit together', async () => {
  const instrument = await readInstrument(join(configs, 'instrument.yaml'));
  deepEqual(instrument, defaultRuntimeConfig);
  deepEqual((await readReplayConfig(join(configs, 'replay.json'))).runtime, instrument);
  const specs = new SpecFiles(new Lake(join(folder, 'empty')), instrument);
  for (const [kind, load] of [
    ['pipelines', (path: string) => specs.template(path, 'symbol')],
    ['serving', (path: string) => specs.servingTemplate(path, 'symbol')],
    ['experiments', (path: string) => specs.anyExperiment(path)],
  ] as const) {
    const names = readdirSync(join(configs, kind));
    equal(names.length > 0, true);
    for (const name of names) {
      const loaded = await load(join(configs, kind, name));
      equal(`${loaded.spec.name}.yaml`, name);
    }
  }
});

test('a name is looked up beside the file that names it, then in the lake', async () => {
  const lake = new Lake(join(folder, 'lake'));
  const kinds = { pipelines: 'mnq_demo', serving: 'mnq_demo', experiments: 'sweep_derivative' };
  for (const kind of Object.keys(kinds)) {
    cpSync(join(configs, kind), lake.specs(kind as keyof typeof kinds), { recursive: true });
  }
  const specs = new SpecFiles(lake, defaultRuntimeConfig);
  const experiment = await specs.experiment(join(lake.specs('experiments'), 'sweep_derivative.yaml'));
  equal(experiment.serving.path, join(lake.specs('serving'), 'mnq_demo.yaml'));
  match(experiment.serving.pipeline.datasetId, /^mnqh6_20260206_0929_0939__mnq_demo__[0-9a-f]{8}$/);

  const elsewhere = join(folder, 'elsewhere', 'experiments');
  mkdirSync(elsewhere, { recursive: true });
  cpSync(experiment.path, join(elsewhere, 'e.yaml'));
  equal((await specs.experiment(join(elsewhere, 'e.yaml'))).serving.path, experiment.serving.path);
  cpSync(lake.specs('serving'), join(folder, 'elsewhere', 'serving'), { recursive: true });
  const near = await specs.experiment(join(elsewhere, 'e.yaml'));
  equal(near.serving.path, join(folder, 'elsewhere', 'serving', 'mnq_demo.yaml'));
  equal(near.serving.pipeline.path, join(lake.specs('pipelines'), 'mnq_demo.yaml'));
});

test('a name that no file has is refused with those that there are', async () => {
  const lake = new Lake(join(folder, 'named'));
  for (const kind of ['pipelines', 'serving', 'experiments'] as const) {
    cpSync(join(configs, kind), lake.specs(kind), { recursive: true });
  }
  const specs = new SpecFiles(lake, defaultRuntimeConfig);
  const path = join(lake.specs('experiments'), 'sweep_derivative.yaml');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('serving: mnq_demo', 'serving: mnq_dmeo'));
  await rejects(specs.experiment(path), {
    code: 'SPEC_UNKNOWN',
    message: /Cannot find "mnq_dmeo", which .*sweep_derivative\.yaml:4:10 names: .* the nearest is "mnq_demo"/,
  });
  writeFileSync(path, text.replace('serving: mnq_demo', 'serving: ../x'));
  await rejects(specs.experiment(path), { code: 'CONFIG_INVALID', message: /serving is "\.\.\/x"; allowed: a name/ });
  writeFileSync(path, text);
  const serving = join(lake.specs('serving'), 'mnq_demo.yaml');
  writeFileSync(serving, readFileSync(serving, 'utf8').replace('name: mnq_demo', 'name: other'));
  await rejects(specs.experiment(path), {
    code: 'CONFIG_INVALID',
    message: /mnq_demo\.yaml:2:7: expected the name "mnq_demo"/,
  });
  await rejects(specs.pipeline(join(folder, 'absent.yaml')), { code: 'FILE_NOT_FOUND' });
});
