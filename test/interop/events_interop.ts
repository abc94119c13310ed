import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { planSession, writeSyntheticSession } from '../../src/cli/session_file.ts';
import { defaultOrderEventParams, orderEventKinds } from '../../src/orders/index.ts';
import { findEvents } from '../../src/replay/index.ts';
import { behaviourNames } from '../../src/synth/index.ts';
import { sharedPath } from '../helpers/shared.ts';

/*
 * Holds every order event against the raw records by a program that shares nothing with ours: `npm run test:interop -- events`. The argument
 * is a python3 with databento_dbn, which reads the records, and DuckDB, which reads the events.
 */
const python = process.argv[2] ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'spymaster-events-'));

/** The real sessions beside the checkout, where they are, and a synthetic one with planted traders, all uncompressed. */
async function sessions(): Promise<string[]> {
  const real = ['esh4-glbx-mdp3-20231225.mbo.dbn.zst', 'esm4-glbx-mdp3-20240508-2s.mbo.dbn.zst']
    .map((name) => sharedPath('data', name))
    .filter((path) => existsSync(path));
  if (real.length < 2) console.log('SKIPPED real sessions that are not beside the checkout');
  const plain = real.map((path, i) => {
    const to = join(folder, `real-${i}.dbn`);
    writeFileSync(to, zstdDecompressSync(readFileSync(path)));
    return to;
  });
  const synthetic = join(folder, 'synthetic.dbn');
  const request = { seed: 5, profile: 'calm', symbol: 'MNQH6', date: '2026-02-06', start: '09:25' } as const;
  const plan = planSession({ ...request, minutes: 6, rate: 200, behaviours: behaviourNames });
  await writeSyntheticSession(synthetic, plan);
  return [...plain, synthetic];
}

try {
  const pairs: string[] = [];
  for (const path of await sessions()) {
    const out = `${path}.parquet`;
    await findEvents({ path, out, tick: 0.25, kinds: orderEventKinds, params: defaultOrderEventParams });
    pairs.push(path, out);
  }
  const script = join(import.meta.dirname, 'events_interop.py');
  const ran = spawnSync(python, [script, ...pairs], { encoding: 'utf8' });
  process.stdout.write(ran.stdout);
  if (ran.status !== 0) throw new Error(`${python} disagrees: ${ran.stderr || ran.error?.message}`);
} finally {
  rmSync(folder, { recursive: true });
}
