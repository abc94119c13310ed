import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seeded } from '../helpers/seeded.ts';
import { commandEnds, serveEnds } from './ends.ts';
import { makeLake } from './lake.ts';
import { liveMemory } from './live.ts';
import { leakRounds } from './rounds.ts';

const usage = `npm run test:leaks -- [--rounds N] [--ends N] [--live-minutes N] [--seed N]

Starts \`spymaster serve\`, sends it clients that ask for everything and go in every manner, and compares what it holds after
each round with what it held after the warm-up. Then sends SIGTERM to it, with clients of every sort and work under way, and to
other commands: each has to end well within 5 s. Last, a gateway plays a long session to a server that records and streams it, of
which no process may hold more and more. Not part of \`npm test\`; takes less than a minute.

  --rounds N   rounds that are compared (4)
  --ends N     times that a server is ended (2)
  --live-minutes N  length of the live session (30); 1140 are 47 million records, 5 GB of disk in TMPDIR and some
               minutes of processor time
  --seed N     repeat a run, whose seed is printed`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    ends: { type: 'string', default: '2' },
    'live-minutes': { type: 'string', default: '30' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1e6);

async function main(): Promise<void> {
  const startMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-leaks-'));
  const random = seeded(seed);
  const part = async (run: Promise<string>) => {
    const fromMs = performance.now();
    console.log(`${await run} (${((performance.now() - fromMs) / 1000).toFixed(0)} s)`);
  };
  try {
    console.log(`seed ${seed}`);
    const lake = await makeLake(folder);
    await part(leakRounds(lake, random, Number(values.rounds)));
    await part(serveEnds(lake, random, Number(values.ends)));
    await part(commandEnds(lake, random));
    await part(liveMemory(folder, Number(values['live-minutes'])));
    console.log(`test:leaks took ${((performance.now() - startMs) / 1000).toFixed(0)} s, seed ${seed}`);
  } catch (error) {
    const { name, message, stack } = error as Error;
    console.error(`test:leaks failed: ${name === 'Error' ? message : stack}\nRepeat it with --seed ${seed}.`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (values.help) console.log(usage);
else await main();
