import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateFaults } from './generate.ts';
import { seeded } from './kill.ts';
import { publishFaults } from './publish.ts';
import { promoteFaults, runFaults } from './run.ts';

/*
 * Kills commands at random moments and checks the lake after each: `npm run test:faults [rounds] [seed]`. Not part of
 * `npm test`, because it takes minutes.
 */
const rounds = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? Date.now() % 1e6);
console.log(`${rounds} rounds, seed ${seed}`);
const folder = mkdtempSync(join(tmpdir(), 'spymaster-faults-'));
try {
  for (const [name, run] of Object.entries({
    publish: publishFaults,
    generate: generateFaults,
    run: runFaults,
    promote: promoteFaults,
  })) {
    const own = join(folder, name);
    mkdirSync(own);
    console.log(await run(own, rounds, seeded(seed)));
  }
} finally {
  rmSync(folder, { recursive: true });
}
