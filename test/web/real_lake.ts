import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeConfig } from '../../src/config/index.ts';
import { Lake, ServingRegistry } from '../../src/lake/index.ts';
import { readGoldenConfig } from '../helpers/golden.ts';
import { servingSpec } from '../helpers/serving_lake.ts';
import { sharedPath } from '../helpers/shared.ts';

const file = 'esh4-glbx-mdp3-20231225.mbo.dbn.zst';

/** A temporary lake that serves the opening of a real CME session as the alias `real`. */
export function createRealLake(): { lake: Lake; runtime: RuntimeConfig; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-real-'));
  const lake = new Lake(root);
  const { runtime, stream_dt, stream_start_time } = readGoldenConfig('esh4-open');
  const folder = lake.rawFolder(runtime.product_type, runtime.symbol);
  mkdirSync(folder, { recursive: true });
  copyFileSync(sharedPath('data', file), join(folder, file));
  const registry = new ServingRegistry(lake);
  const spec = servingSpec('srv_real_00000001_00000001', { ...runtime, stream_dt, stream_start_time });
  registry.publish(spec, { now: () => '2026-02-07T00:00:00Z', alias: 'real' });
  registry.close();
  return { lake, runtime, remove: () => rmSync(root, { recursive: true, force: true }) };
}
