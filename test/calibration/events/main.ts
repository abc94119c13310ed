import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { formatCount } from '../../../src/format.ts';
import { type EventSessionTask, runEventSession } from './event_session.ts';
import { eventLines, eventTable, missedBounds } from './event_table.ts';
import { addTally, type EventTally, tallyEvents } from './match_events.ts';

const usage = `npm run calibrate:events -- [--seeds N] [--minutes N] [--profile calm|busy] [--rate N] [--workers N] [--markdown | --json]

Finds order events in sessions of the synthetic market with all planted traders, and compares them with what really happened:
per kind the share found (recall), the share of what was found that is true (precision), and the lookalikes taken for it. Intervals
are Wilson's of 95 %. The seeds are none that the detectors or the market were developed with. Exit code 1 when a bound is missed.

  --seeds N      sessions, the first so many of the fixed list (20)
  --minutes N    length of each, the first two of which only fill the windows of percentiles (30)
  --profile NAME the market (calm), at --rate records per second (250); in others only what is exact has bounds

Example:
  $ npm run calibrate:events -- --seeds 4 --minutes 6`;

/** Not used for anything else. */
const seeds = Array.from({ length: 40 }, (_, i) => 81_001 + i);

interface Done {
  readonly tally: EventTally;
  readonly records: number;
}

if (isMainThread) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
} else {
  parentPort!.on('message', (task: EventSessionTask) => {
    const session = runEventSession(task);
    parentPort!.postMessage({ tally: tallyEvents(session), records: session.records } satisfies Done);
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      minutes: { type: 'string', default: '30' },
      profile: { type: 'string', default: 'calm' },
      rate: { type: 'string', default: '250' },
      workers: { type: 'string', default: '2' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const number = (name: 'seeds' | 'minutes' | 'rate' | 'workers', low: number, high: number): number => {
    const value = Number(values[name]);
    if (!(value >= low && value <= high)) throw new Error(`--${name} is a number from ${low} to ${high}.`);
    return value;
  };
  const profile = values.profile === 'busy' ? 'busy' : 'calm';
  if (values.profile !== profile) throw new Error('--profile is calm or busy.');
  const sessions = number('seeds', 1, seeds.length);
  const minutes = number('minutes', 3, 600);
  const recordsPerS = number('rate', 1, 100_000);
  const tasks = seeds.slice(0, sessions).map((seed) => ({ seed, minutes, profile, recordsPerS }) as const);
  const tally: EventTally = {};
  let records = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL(import.meta.url));
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      worker.postMessage(task);
      const [done] = (await once(worker, 'message')) as [Done];
      addTally(tally, done.tally);
      records += done.records;
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: number('workers', 1, 64) }, work));
  const lines = eventLines(tally);
  const missed = missedBounds(lines, profile !== 'calm' || recordsPerS !== 250);
  if (values.json) console.log(JSON.stringify({ sessions, minutes, profile, records, kinds: lines, missed }, null, 2));
  else {
    console.log(eventTable(lines, values.markdown));
    console.log(`${sessions} sessions of ${minutes} minutes, profile ${profile}, ${formatCount(records)} records`);
    for (const sentence of missed) console.log(sentence);
  }
  process.exitCode = missed.length === 0 ? 0 : 1;
}
