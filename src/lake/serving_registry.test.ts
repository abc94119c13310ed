import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultRuntimeConfig, type PublishedServingSpec } from '../config/index.ts';
import { Lake } from './lake.ts';
import { ServingRegistry } from './serving_registry.ts';

const folder = temporaryFolder('registry');

const atUtc = '2026-02-07T10:00:00Z';
let lakes = 0;
const newLake = () => new Lake(join(folder, `lake${lakes++}`));

function specOf(id: string, change: Partial<PublishedServingSpec> = {}): PublishedServingSpec {
  return {
    serving_id: id,
    description: 'test',
    runtime_snapshot: { ...defaultRuntimeConfig, stream_dt: '2026-02-06', stream_start_time: '09:25' },
    source: {
      run_id: `run-${id}`,
      experiment_name: 'e',
      config_hash: 'c',
      promoted_at_utc: atUtc,
      serving_spec_name: 's',
      signal_name: 'derivative',
    },
    ...change,
  };
}

test('a published version is found by id and by alias, in every registry object', () => {
  const lake = newLake();
  using registry = new ServingRegistry(lake);
  const version = registry.publish(specOf('srv_a'), { now: () => atUtc, alias: 'live' });
  equal(version.path, 'research/vp_harness/configs/serving_versions/srv_a.yaml');
  deepEqual(version.aliases, ['live']);
  using other = new ServingRegistry(lake);
  deepEqual(other.resolve('live'), { servingId: 'srv_a', servingName: 'live', spec: specOf('srv_a') });
  deepEqual(other.resolve('srv_a').spec, specOf('srv_a'));
  const again = { ...specOf('srv_z'), source: { ...specOf('srv_a').source, promoted_at_utc: 'later' } };
  equal(other.findSame(again)?.servingId, 'srv_a');
  equal(other.findSame({ ...again, firing: { threshold: 0.3, cooldown_bins: 5 } }), null);
  equal(other.findSame({ ...again, source: { ...again.source, config_hash: 'd' } }), null);
  deepEqual([other.has('srv_a'), other.has('srv_z')], [true, false]);
});

test('publishing the same again changes nothing; other content under the same id is refused', () => {
  const lake = newLake();
  using registry = new ServingRegistry(lake);
  const first = registry.publish(specOf('srv_a'), { now: () => atUtc, alias: 'live' });
  const later = specOf('srv_a', { source: { ...specOf('srv_a').source, promoted_at_utc: '2027-01-01T00:00:00Z' } });
  deepEqual(registry.publish(later, { now: () => '2027-01-01T00:00:00Z', alias: 'live' }), first);
  equal(registry.history('live').length, 1);
  throws(() => registry.publish(specOf('srv_a', { description: 'other' }), { now: () => atUtc }), {
    code: 'FILE_EXISTS',
  });
  equal(registry.resolve('live').spec.description, 'test');
  equal(registry.versions().length, 1);
});

test('an alias does not hide a session of a run or version', () => {
  using registry = new ServingRegistry(newLake());
  registry.publish(specOf('srv_a'), { now: () => atUtc });
  for (const alias of ['live.20260206', '3f9c2a1b.20260206.t0.35']) {
    throws(() => registry.promote(alias, 'srv_a', () => atUtc), { code: 'CONFIG_INVALID', message: /eight digits/ });
  }
  deepEqual(registry.aliases(), []);
});

test('aliases move, history tells, rollback goes back', () => {
  using registry = new ServingRegistry(newLake());
  registry.publish(specOf('srv_a'), { now: () => 't1', alias: 'live' });
  registry.publish(specOf('srv_b'), { now: () => 't2', alias: 'live' });
  registry.publish(specOf('srv_c'), { now: () => 't3' });
  equal(registry.resolve('live').servingId, 'srv_b');
  throws(() => registry.rollback('live', 'srv_c', () => 't4'), {
    code: 'SERVING_UNKNOWN',
    message: /it had srv_a, srv_b/,
  });
  throws(() => registry.rollback('lvie', 'srv_a', () => 't4'), {
    code: 'SERVING_UNKNOWN',
    message: /nearest known name is "live"/,
  });
  registry.rollback('live', 'srv_a', () => 't5');
  deepEqual(
    registry
      .history('live')
      .map(({ atUtc, action, fromServingId, toServingId }) => [atUtc, action, fromServingId, toServingId]),
    [
      ['t1', 'promote', null, 'srv_a'],
      ['t2', 'promote', 'srv_a', 'srv_b'],
      ['t5', 'rollback', 'srv_b', 'srv_a'],
    ],
  );
  deepEqual(registry.aliases(), [{ alias: 'live', servingId: 'srv_a', updatedAtUtc: 't5' }]);
  deepEqual(
    registry.versions().map(({ servingId }) => servingId),
    ['srv_c', 'srv_b', 'srv_a'],
  );
  throws(() => registry.promote('live', 'srv_x', () => 't6'), { code: 'SERVING_UNKNOWN' });
  throws(() => registry.promote('srv_b', 'srv_a', () => 't6'), { code: 'FILE_EXISTS' });
  throws(() => registry.promote('../x', 'srv_a', () => 't6'), { code: 'CONFIG_INVALID' });
  equal(registry.history('live').length, 3);
});

test('a missing or changed spec file is refused when resolved', () => {
  const lake = newLake();
  using registry = new ServingRegistry(lake);
  throws(() => registry.resolve('live'), { code: 'SERVING_UNKNOWN', message: /nothing has been published yet/ });
  const path = join(lake.root, registry.publish(specOf('srv_a'), { now: () => atUtc, alias: 'live' }).path);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('tau_jerk: 10', 'tau_jerk: 11'));
  throws(() => registry.resolve('live'), { code: 'CHECKSUM_MISMATCH', message: /changed since it was published/ });
  throws(() => registry.publish(specOf('srv_a'), { now: () => atUtc }), { code: 'CHECKSUM_MISMATCH' });
  rmSync(path);
  throws(() => registry.resolve('live'), { code: 'FILE_NOT_FOUND', message: /missing or unreadable/ });
  writeFileSync(path, text);
  equal(registry.resolve('live').servingId, 'srv_a');
});

test('a file left by a publication that did not finish is replaced', () => {
  const lake = newLake();
  mkdirSync(lake.servingVersions, { recursive: true });
  writeFileSync(join(lake.servingVersions, 'srv_a.yaml'), 'half');
  using registry = new ServingRegistry(lake);
  registry.publish(specOf('srv_a'), { now: () => atUtc });
  deepEqual(registry.resolve('srv_a').spec, specOf('srv_a'));
});

test('a registry file that is none is refused and not touched', () => {
  const lake = newLake();
  mkdirSync(dirname(lake.servingRegistry), { recursive: true });
  writeFileSync(lake.servingRegistry, 'this is not a database, it is a text of more than one hundred bytes'.repeat(9));
  const before = readFileSync(lake.servingRegistry);
  throws(() => new ServingRegistry(lake), { code: 'REGISTRY_CORRUPT' });
  deepEqual(readFileSync(lake.servingRegistry), before);
});

test('processes that promote at once lose nothing and corrupt nothing', async () => {
  const lake = newLake();
  const script = join(folder, 'promote.ts');
  const index = JSON.stringify(new URL('./index.ts', import.meta.url).href);
  writeFileSync(
    script,
    `import { Lake, ServingRegistry } from ${index};
     const [root, name, specText] = process.argv.slice(2);
     const spec = JSON.parse(specText);
     for (let i = 0; i < 10; i++) {
       using registry = new ServingRegistry(new Lake(root));
       const own = { ...spec, serving_id: 'srv_' + name + i, source: { ...spec.source, run_id: name + i } };
       registry.publish(own, { now: () => new Date().toISOString(), alias: 'live' });
       registry.publish({ ...spec, source: { ...spec.source, promoted_at_utc: name + i } }, { now: () => 'now', alias: 'shared' });
     }`,
  );
  const run = promisify(execFile);
  const spec = JSON.stringify(specOf('srv_shared'));
  await Promise.all(['a', 'b', 'c'].map((name) => run(process.execPath, [script, lake.root, name, spec])));
  using registry = new ServingRegistry(lake);
  equal(registry.versions().length, 31);
  const history = registry.history('live');
  equal(history.length, 30);
  history.forEach((event, i) => {
    equal(event.fromServingId, i === 0 ? null : history[i - 1]!.toServingId);
  });
  equal(registry.resolve('live').servingId, history.at(-1)!.toServingId);
  equal(registry.history('shared').length, 1);
  for (const { servingId } of registry.versions()) equal(registry.resolve(servingId).servingId, servingId);
  deepEqual(
    readdirSync(lake.servingVersions).filter((name) => !name.endsWith('.yaml') || name.startsWith('.')),
    [],
  );
});

test('a lake that cannot be written says so', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  throws(() => new ServingRegistry(new Lake(file)), { code: 'LAKE_NOT_WRITABLE' });
  const lake = newLake();
  using holder = new ServingRegistry(lake);
  holder.publish(specOf('srv_a'), { now: () => atUtc });
  await rejects(
    async () => {
      const script = `
        import { DatabaseSync } from 'node:sqlite';
        const database = new DatabaseSync(process.argv[1]);
        database.exec('BEGIN IMMEDIATE');
        console.log('locked');
        setTimeout(() => {}, 30_000);`;
      const child = execFile(process.execPath, ['--input-type=module', '-e', script, lake.servingRegistry]);
      try {
        await new Promise((locked) => child.stdout?.once('data', locked));
        using blocked = new ServingRegistry(lake, 50);
        blocked.publish(specOf('srv_b'), { now: () => atUtc });
      } finally {
        child.kill('SIGKILL');
      }
    },
    { code: 'LAKE_NOT_WRITABLE', message: /another process keeps it locked/ },
  );
  ok(holder.versions().length === 1);
  match(holder.resolve('srv_a').servingId, /srv_a/);
});

test('a change keeps its reason; a registry without reasons has none until the first', () => {
  using registry = new ServingRegistry(newLake());
  const now = () => atUtc;
  const reasons = () => registry.knownHistory('live').map(({ reason }) => reason);
  registry.publish(specOf('srv_a'), { now, alias: 'live' });
  deepEqual(reasons(), [undefined]);
  registry.publish(specOf('srv_b'), { now, alias: 'live', reason: 'better' });
  registry.rollback('live', 'srv_a', now, 'worse in the afternoon');
  deepEqual(reasons(), [undefined, 'better', 'worse in the afternoon']);
  throws(() => registry.knownHistory('nobody'), { code: 'SERVING_UNKNOWN', message: /there are live/ });
});
