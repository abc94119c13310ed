import { parseArgs } from 'node:util';
import { runSchedule } from './schedule.ts';

const usage = `npm run test:simulation -- [--seconds N | --schedules N] [--seed N] [--trace]

Runs the protocols by which the lake is written on a simulated disk: several processes on several machines, call by call in
an order that the seed gives, with kills, power cuts, failing calls, full disks, wrong clocks, long rests and cleaners of
temporary files. Whatever has its final name must be whole after every step.

  --seconds N     about that long (20)
  --schedules N   that many schedules instead
  --seed N        of the first schedule; the next has N + 1
  --trace         prints every step`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    schedules: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function main(): void {
  const first = Number(values.seed ?? Date.now() % 1e9);
  const startMs = performance.now();
  const elapsedS = () => (performance.now() - startMs) / 1000;
  const isDue = (count: number) =>
    values.schedules === undefined ? elapsedS() < Number(values.seconds) : count < Number(values.schedules);
  const totals: Record<string, number> = {};
  let count = 0;
  let steps = 0;
  for (; isDue(count); count++) {
    const seed = first + count;
    try {
      const report = runSchedule(seed, values.trace ? { onTrace: console.log } : {});
      steps += report.steps;
      for (const [ending, number] of Object.entries(report.endings)) totals[ending] = (totals[ending] ?? 0) + number;
    } catch (error) {
      console.error(
        `Schedule ${seed} failed after ${count} others; see it with\n` +
          `npm run test:simulation -- --seed ${seed} --schedules 1 --trace`,
      );
      throw error;
    }
  }
  const perMinute = Math.round((count / elapsedS()) * 60);
  const said = Object.entries(totals).map(([ending, number]) => `${number} ${ending}`);
  console.log(
    `${count} schedules from seed ${first} in ${elapsedS().toFixed(1)} s, ${perMinute} a minute, ${steps} steps; ` +
      `commands: ${said.join(', ')}`,
  );
}

if (values.help) console.log(usage);
else main();
