import { deepEqual, equal, match, notDeepEqual, rejects, throws } from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultRuntimeConfig, formatYaml, type Plain } from '../config/index.ts';
import { sha256File } from '../files/index.ts';
import { instrumentPath, readInstrument, readReplayConfig } from './config_files.ts';
import { Lake } from './lake.ts';
import { chooseRawFile, fileIdentity, findRawFile } from './raw.ts';

const folder = temporaryFolder('lake');

test('everything has its place in the lake', () => {
  const lake = new Lake(join(folder, 'lake'));
  const inLake = (path: string) => lake.relative(path);
  equal(
    inLake(lake.rawFolder('future_mbo', 'MNQH6')),
    'raw/source=databento/product_type=future_mbo/symbol=MNQ/table=market_by_order_dbn',
  );
  equal(inLake(lake.rawFolder('equity_mbo', 'QQQ')).includes('symbol=QQQ/'), true);
  equal(inLake(lake.bookCache), 'cache/vp_book');
  equal(inLake(lake.datasets('x')), 'research/vp_immutable/x');
  equal(inLake(lake.specs('experiments')), 'research/vp_harness/configs/experiments');
  equal(inLake(lake.servingVersions), 'research/vp_harness/configs/serving_versions');
  equal(inLake(lake.results), 'research/vp_harness/results');
  equal(inLake(lake.servingRegistry), 'research/vp_harness/serving_registry.sqlite');
});

test('no path leaves the lake', () => {
  const root = join(folder, 'closed');
  mkdirSync(join(root, 'inside'), { recursive: true });
  symlinkSync(folder, join(root, 'out'));
  symlinkSync(join(root, 'inside'), join(root, 'around'));
  symlinkSync(root, join(folder, 'alias-of-root'));
  const lake = new Lake(root);
  for (const segments of [['..'], ['a', '..', '..', 'b'], ['/etc/passwd'], ['out', 'x'], ['out'], ['a\0b']]) {
    throws(() => lake.path(...segments), { code: 'LAKE_NOT_WRITABLE' }, segments.join('/'));
  }
  for (const id of ['..', '.', '', 'a/b', '../a']) throws(() => lake.datasets(id), { code: 'LAKE_NOT_WRITABLE' });
  equal(lake.path('around', 'x'), join(root, 'around', 'x'));
  equal(lake.path('..a'), join(root, '..a'));
  equal(new Lake(join(folder, 'alias-of-root')).path('inside'), join(folder, 'alias-of-root', 'inside'));
});

test('a replay file is found by its date: plain, then zstd, then DBZ', () => {
  const choose = (...names: string[]) => chooseRawFile(names, 'MNQH6', '2026-02-06');
  equal(choose('glbx-mdp3-20260206.mbo.dbn.zst', 'glbx-mdp3-20260205.mbo.dbn.zst'), 'glbx-mdp3-20260206.mbo.dbn.zst');
  equal(choose('a-2026-02-06.dbn', 'a-20260206.dbn.zst'), 'a-2026-02-06.dbn');
  equal(choose('a-20260206.dbn', 'MNQH6-20260206.dbn.zst'), 'a-20260206.dbn');
  equal(choose('MNQM6-20260206.dbn', 'MNQH6-20260206.dbn'), 'MNQH6-20260206.dbn');
  deepEqual(choose('b-20260206.dbn', 'a-20260206.dbn'), ['a-20260206.dbn', 'b-20260206.dbn']);
  equal(choose('a-20260206.dbz', 'a-20260205.dbn'), 'a-20260206.dbz');
  equal(choose('MNQH6-20260206.dbz', 'a-20260206.dbn.zst'), 'a-20260206.dbn.zst');
  equal(choose('120260206.dbn', '202602060.dbn', '20260206.csv', '.x-20260206.dbn'), null);
});

test('the error of a missing replay file lists the existing ones', async () => {
  const lake = new Lake(join(folder, 'raw-lake'));
  const find = (date: string) => findRawFile(lake, 'future_mbo', 'MNQH6', date);
  await rejects(find('2026-02-06'), { code: 'FILE_NOT_FOUND', message: /that folder does not exist/ });
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  await rejects(find('2026-02-06'), { code: 'FILE_NOT_FOUND', message: /it holds nothing/ });
  writeFileSync(join(raw, 'glbx-mdp3-20260206.mbo.dbn.zst'), '');
  equal(await find('2026-02-06'), join(raw, 'glbx-mdp3-20260206.mbo.dbn.zst'));
  await rejects(find('2026-02-07'), {
    code: 'FILE_NOT_FOUND',
    message: /20260207 or 2026-02-07 in its name in .*, but it holds glbx-mdp3-20260206\.mbo\.dbn\.zst/,
  });
});

test('the identity of a file changes with its content, size, time and name', async () => {
  const path = join(folder, 'identity.dbn');
  writeFileSync(path, 'x'.repeat(200_000));
  utimesSync(path, 1, 1);
  const identity = await fileIdentity(path);
  deepEqual(await fileIdentity(path), identity);
  equal(identity.sizeBytes, 200_000);
  writeFileSync(path, `${'x'.repeat(199_999)}y`);
  utimesSync(path, 1, 1);
  notDeepEqual(await fileIdentity(path), identity);
  utimesSync(path, 1, 2);
  notDeepEqual(await fileIdentity(path), identity);
  await rejects(fileIdentity(join(folder, 'absent')), { code: 'FILE_NOT_FOUND' });
});

test('configuration files are read with their line numbers, or refused in a sentence', async () => {
  const path = join(folder, 'instrument.yaml');
  writeFileSync(path, formatYaml(defaultRuntimeConfig as unknown as Plain));
  deepEqual(await readInstrument(path), defaultRuntimeConfig);
  equal(instrumentPath({ VP_INSTRUMENT_CONFIG_PATH: path }), path);
  match(instrumentPath({}), /instrument\.yaml$/);
  await rejects(readInstrument(join(folder, 'absent.yaml')), {
    code: 'FILE_NOT_FOUND',
    message: /VP_INSTRUMENT_CONFIG_PATH/,
  });
  const config = join(folder, 'c.json');
  writeFileSync(config, JSON.stringify({ runtime: defaultRuntimeConfig, stream_dt: '2026-02-06' }, null, 2));
  await rejects(readReplayConfig(config), {
    code: 'CONFIG_INVALID',
    message: /c\.json:1:1: missing key "stream_start_time"/,
  });
  writeFileSync(config, new Uint8Array([0xff, 0xfe, 0x61, 0x00]));
  await rejects(readReplayConfig(config), { code: 'CONFIG_PARSE', message: /expected UTF-8, got UTF-16/ });
  await rejects(readReplayConfig(folder), { code: 'FILE_UNREADABLE' });
});

test('a file is hashed whole', async () => {
  const path = join(folder, 'abc');
  writeFileSync(path, 'abc');
  equal(await sha256File(path), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
