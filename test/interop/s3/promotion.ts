import { deepEqual, equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openServingRegistry } from '../../../src/lake/index.ts';
import { temporaryFolder } from '../../helpers/temporary_folder.ts';
import type { FaultProxy } from './fault_proxy.ts';
import type { Machine, SharedFiles } from './machines.ts';

interface Promoted {
  readonly serving_id: string;
  readonly reused: boolean;
}

/** When a promoter dies. */
const moments = ['before its manifest', 'after its manifest', 'before the alias'] as const;

/** Tests of promotions into a bucket whose machine dies. */
export function testPromotion(
  proxy: FaultProxy,
  files: SharedFiles,
  machine: (address: string) => Machine,
  newLake: () => string,
): void {
  const binary = resolve(import.meta.dirname, '../../../bin/spymaster.js');

  test('a machine that dies while it promotes leaves a whole version or none, and promoting again gives its id', async () => {
    const address = newLake();
    const first = machine(address);
    await first.json('import', files.raw);
    await first.json('run', files.experiment);
    const { runs } = await first.json<{ runs: { run_id: string }[] }>('compare');
    const words = ['promote', files.experiment, '--run-id', String(runs[0]?.run_id), '--alias', 'best', '--yes'];
    const folder = temporaryFolder('s3-registries');
    const promote = (at: Machine, registry: string) => at.json<Promoted>(...words, '--registry', registry);
    const whole = await promote(first, join(folder, 'whole.sqlite'));
    for (const moment of moments) {
      await removeVersions(first);
      const registry = join(folder, `${moment}.sqlite`);
      const promoter = machine(address);
      const child = spawn(process.execPath, [binary, ...words, '--lake-root', address, '--registry', registry], {
        ...{ env: { ...process.env, ...promoter.environment }, stdio: 'ignore' },
      });
      const died = once(child, 'exit');
      proxy.fault = ({ method, path }) => {
        if (method === 'PUT' && /manifests\/.*versions/.test(path)) {
          if (moment === 'after its manifest') return 'mute';
          if (moment === 'before the alias') return 'none';
          child.kill('SIGKILL');
          return 'lost';
        }
        // What was published is brought back before the registry is told.
        if (method === 'GET' && /data\/.*versions/.test(path) && moment === 'before the alias') {
          child.kill('SIGKILL');
          return 'lost';
        }
        return 'none';
      };
      proxy.onMuted = () => child.kill('SIGKILL');
      await died;
      proxy.fault = () => 'none';
      equal(child.signalCode, 'SIGKILL', moment);

      const isThere = moment === 'after its manifest' || moment === 'before the alias';
      const other = machine(address);
      const listed = await other.json<{ servings: { servingId: string }[] }>('list-servings');
      deepEqual(
        listed.servings.map(({ servingId }) => servingId),
        isThere ? [whole.serving_id] : [],
        moment,
      );
      if (isThere)
        match((await other.run('serving', 'show', whole.serving_id)).out, new RegExp(`^${whole.serving_id}`));
      deepEqual(await versionsIn(promoter, registry), isThere ? [whole.serving_id] : [], moment);
      // Half of the times another machine is first.
      const isOther = moment === 'before its manifest' || moment === 'before the alias';
      if (isOther) equal((await promote(other, join(folder, `${moment}-other.sqlite`))).serving_id, whole.serving_id);
      const again = await promote(promoter, registry);
      deepEqual([again.serving_id, again.reused], [whole.serving_id, isThere || isOther], moment);
      deepEqual(await versionsIn(promoter, registry), [whole.serving_id], moment);
    }
  });

  /** The versions that a registry knows, each read and verified. */
  async function versionsIn(at: Machine, path: string): Promise<string[]> {
    const lake = await at.lake();
    process.env.SPYMASTER_REGISTRY = path;
    using registry = await openServingRegistry(lake);
    const ids = registry.versions().map(({ servingId }) => registry.resolve(servingId).servingId);
    for (const { alias } of registry.aliases()) registry.resolve(alias);
    process.env.SPYMASTER_REGISTRY = '';
    await lake.storage?.close();
    return ids;
  }

  async function removeVersions(at: Machine): Promise<void> {
    const lake = await at.lake();
    const folder = lake.relative(lake.servingVersions);
    for (const name of (await lake.storage?.names(folder)) ?? []) await lake.storage?.remove(`${folder}/${name}`);
    await lake.storage?.close();
  }
}
