import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Budget, budgetOf } from './budget.ts';
import { commands, makeTemplate } from './commands.ts';
import { downloadFaults } from './download.ts';
import { canMount, fullDiskFaults } from './full_disk.ts';
import { generateFaults } from './generate.ts';
import { hollowFaults, missingForHollow } from './hollow.ts';
import { ioErrorFaults } from './io_errors.ts';
import { killFaults } from './kills.ts';
import { publishFaults } from './publish.ts';
import { removalFaults } from './removals.ts';
import { prepareSweep, promoteFaults, runFaults } from './run.ts';
import { AllTrials } from './trial.ts';

const usage = `npm run test:faults -- [scenario…] [--seconds N | --rounds N] [--seed N]

Kills commands that write, lets their writes fail, fills their disk, sets their clock, removes what they build, and checks
after each that everything that has its final name is whole. Not part of \`npm test\`: without --seconds it takes an hour.

  --seconds N   about that long in all, shared by the scenarios; each meets one fault at least, which takes a minute in all
  --rounds N    rounds of each scenario (50)
  --seed N      repeat a run, whose seed is printed`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1e6);

type Scenario = (folder: string, budget: Budget) => Promise<string>;

async function main(): Promise<void> {
  const startMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-faults-'));
  try {
    const scenarios = scenariosIn(folder);
    const unknown = positionals.filter((name) => !(name in scenarios));
    if (unknown.length > 0)
      throw new Error(`There is no scenario ${unknown.join(', ')}: ${Object.keys(scenarios).join(', ')}`);
    const chosen = Object.entries(scenarios).filter(([name]) => positionals.length === 0 || positionals.includes(name));
    console.log(`seed ${seed}, ${chosen.length} scenarios`);
    const endMs = startMs + Number(values.seconds) * 1000;
    for (const [i, [name, run]] of chosen.entries()) {
      const size =
        values.seconds === undefined
          ? { rounds: Number(values.rounds) }
          : { ms: (endMs - performance.now()) / (chosen.length - i) };
      const own = join(folder, name.replace(/\W/g, '_'));
      mkdirSync(own);
      const fromMs = performance.now();
      console.log(
        `${await run(own, budgetOf(seed + i, size))} (${((performance.now() - fromMs) / 1000).toFixed(0)} s)`,
      );
    }
    console.log(`test:faults took ${((performance.now() - startMs) / 1000).toFixed(0)} s, seed ${seed}`);
  } catch (error) {
    console.error(`test:faults failed; repeat it with --seed ${seed}`);
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every scenario; those for which this machine lacks something say so and are left out. */
function scenariosIn(folder: string): Record<string, Scenario> {
  const skipped = (what: string) => console.log(`SKIPPED ${what}`);
  for (const what of missingForHollow()) skipped(what);
  const template = join(folder, 'template');
  mkdirSync(template);
  // What scenarios share is made by the first of them.
  let made: Promise<AllTrials> | null = null;
  const trials = () => {
    made ??= makeTemplate(template).then((ready) => new AllTrials(ready, commands, join(folder, 'reference')));
    return made;
  };
  let ran: ReturnType<typeof prepareSweep> | null = null;
  const sweep = () => {
    ran ??= prepareSweep(join(folder, 'sweep'));
    return ran;
  };
  const disk = canMount(join(folder, 'mount'));
  if (!disk) skipped('a full disk: mounting a tmpfs is not permitted');
  return {
    hollow: hollowFaults,
    kills: async (own, budget) => await killFaults(await trials(), own, budget),
    'io-errors': async (own, budget) => await ioErrorFaults(await trials(), own, budget),
    ...(disk && {
      'full-disk': async (own: string, budget: Budget) => await fullDiskFaults(await trials(), own, budget),
    }),
    removals: async (own, budget) => await removalFaults(await trials(), own, budget),
    download: downloadFaults,
    publish: publishFaults,
    generate: generateFaults,
    run: async (_, budget) => await runFaults(await sweep(), budget),
    promote: async (_, budget) => await promoteFaults(await sweep(), budget),
  };
}

if (values.help) console.log(usage);
else await main();
