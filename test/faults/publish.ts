import { equal, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Lake, ServingRegistry } from '../../src/lake/index.ts';
import type { Budget } from './budget.ts';
import { runAndKill } from './kill.ts';

const index = JSON.stringify(new URL('../../src/lake/index.ts', import.meta.url).href);
const config = JSON.stringify(new URL('../../src/config/index.ts', import.meta.url).href);

/** Publishes versions and moves an alias to each, as fast as it can, until it is killed. */
const publisher = `
  import { Lake, ServingRegistry } from ${index};
  import { defaultRuntimeConfig } from ${config};
  const [root, name] = process.argv.slice(2);
  const source = { experiment_name: 'faults', config_hash: name, promoted_at_utc: 'now', serving_spec_name: 's', signal_name: 'derivative' };
  const runtime_snapshot = { ...defaultRuntimeConfig, stream_dt: '2026-02-06', stream_start_time: '09:25' };
  console.log('ready');
  using registry = new ServingRegistry(new Lake(root));
  for (let i = 0; ; i++) {
    const id = 'srv_' + name + '_' + i;
    const spec = { serving_id: id, description: '', runtime_snapshot, source: { ...source, run_id: id } };
    registry.publish(spec, { now: () => new Date().toISOString(), alias: 'live' });
  }`;

/** Kills two publishing processes at `rounds` random moments: nothing is lost, nothing points nowhere. */
export async function publishFaults(folder: string, { random, more }: Budget): Promise<string> {
  const lake = new Lake(join(folder, 'published'));
  const script = join(folder, 'publisher.ts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(script, publisher);
  let versions = 0;
  let rounds = 0;
  // On a loaded machine the first publishers may be killed before they begin.
  for (; more(rounds, versions); rounds++) {
    const round = rounds;
    const killAfterMs = 5 + random() * 400;
    const ended = await Promise.all(
      ['a', 'b'].map((name) => runAndKill([script, lake.root, `${name}${round}`], {}, killAfterMs, 'output')),
    );
    for (const { isKilled, output } of ended) ok(isKilled, output);
    if (!existsSync(lake.servingRegistry)) continue;
    const database = new DatabaseSync(lake.servingRegistry);
    equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
    database.close();
    using registry = new ServingRegistry(lake);
    const now = registry.versions();
    ok(now.length >= versions, 'a version was lost');
    versions = now.length;
    if (round % 10 === 9) for (const { servingId } of now) equal(registry.resolve(servingId).servingId, servingId);
    const history = registry.history('live');
    equal(history.length, versions);
    for (const [i, event] of history.entries()) {
      equal(event.fromServingId, i === 0 ? null : history[i - 1]!.toServingId);
    }
    if (versions > 0) equal(registry.resolve('live').servingId, history.at(-1)!.toServingId);
  }
  return `publish: ${2 * rounds} kills, ${versions} versions, every one whole and in the history`;
}
