import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../test/helpers/run_command.ts';
import { servingSpec } from '../../test/helpers/serving_lake.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { Lake, ServingRegistry } from '../lake/index.ts';
import { DemoSessions } from './demo_lake.ts';
import type { SessionRequest } from './session_file.ts';

const folder = temporaryFolder('demo');
const request: SessionRequest = {
  seed: 1,
  profile: 'calm',
  symbol: 'MNQH6',
  date: '2026-02-06',
  start: '09:25',
  minutes: 0.5,
  rate: 50,
};

test('a session of the demo is made once and again when it is lost; one from elsewhere is never written over', async () => {
  const lake = new Lake(join(folder, 'once'));
  const first = await (await DemoSessions.open(lake)).file(request, {});
  const bytes = readFileSync(first.path);
  deepEqual(await (await DemoSessions.open(lake)).file(request, {}), { path: first.path, isNew: false });
  rmSync(join(lake.root, 'cache'), { recursive: true });
  deepEqual(await (await DemoSessions.open(lake)).file(request, {}), { path: first.path, isNew: false });
  rmSync(first.path);
  deepEqual(await (await DemoSessions.open(lake)).file(request, {}), { path: first.path, isNew: true });
  deepEqual(readFileSync(first.path), bytes);
  const other = await (await DemoSessions.open(new Lake(join(folder, 'other')))).file({ ...request, seed: 2 }, {});
  writeFileSync(first.path, readFileSync(other.path));
  await rejects((await DemoSessions.open(lake)).file(request, {}), { code: 'FILE_EXISTS' });
  deepEqual(readFileSync(first.path), readFileSync(other.path));
});

test('an alias "demo" that was made elsewhere is not moved', async () => {
  const lake = new Lake(join(folder, 'alias'));
  using registry = new ServingRegistry(lake);
  const { servingId } = registry.publish(servingSpec('srv_mine_00000001_00000001'), {
    now: () => '2026-02-06T12:00:00Z',
    alias: 'demo',
  });
  const { code, err } = await runCommand('demo', '--lake-root', lake.root);
  equal(code, 1);
  match(
    err,
    /^Error \[FILE_EXISTS\]: Cannot run the demo in .*its alias "demo" points at .*name another lake with --lake-root/,
  );
  equal(registry.resolve('demo').servingId, servingId);
});

test('what says which part of a file is replayed needs a file', async () => {
  const { code, err } = await runCommand('demo', '--date', '2026-02-06');
  equal(code, 2);
  match(err, /--date says what of a file to replay: give --file/);
});
