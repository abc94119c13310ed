import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { quiet } from './plan.ts';
import { lakeCommands, oldCommands, runSchedule, type ScheduleOptions } from './schedule.ts';
import { Violation } from './world.ts';

/** What is wrong in the first schedule, from this seed on, in which anything is; null when nothing is in `count`. */
function firstViolation(seed: number, count: number, options: ScheduleOptions): string | null {
  for (let at = seed; at < seed + count; at++) {
    try {
      runSchedule(at, options);
    } catch (error) {
      if (error instanceof Violation) return error.message;
      throw error;
    }
  }
  return null;
}

test('three hundred schedules leave nothing with a final name that is not whole, and no work of the living is lost', () => {
  const endings: Record<string, number> = {};
  for (let seed = 1; seed <= 300; seed++) {
    const report = runSchedule(seed);
    for (const [ending, count] of Object.entries(report.endings)) endings[ending] = (endings[ending] ?? 0) + count;
  }
  // The schedules are worth their while: commands succeed, fail, wait for each other and are killed.
  for (const ending of ['made', 'was there', 'failed', 'killed'])
    ok((endings[ending] ?? 0) >= 30, JSON.stringify(endings));
});

test('a schedule is the same whenever it is run', () => {
  const trace = (seed: number) => {
    const lines: string[] = [];
    runSchedule(seed, { onTrace: (line) => lines.push(line) });
    return lines;
  };
  for (const seed of [11, 12, 13]) deepEqual(trace(seed), trace(seed));
});

test('commands that nothing happens to succeed', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { endings } = runSchedule(seed, { commands: lakeCommands, plan: quiet });
    equal(endings.failed + endings.killed, 0);
  }
});

const hollow =
  /\/lake\/sets\/set\d (is there|has its final name), but (bins|grid|manifest\.json|checksums\.json) is missing$/;

test('the old protocol makes hollow datasets, which the simulation finds', () => {
  // Whatever is the cause: a cleaner of temporary files, or other machines and clocks.
  const calm = { kill: 0, powerCut: 0, error: 0, fullDisk: 0 };
  for (const plan of [calm, { ...calm, rest: 0, clockJump: 0 }, { ...calm, meddle: 0 }]) {
    match(firstViolation(1, 300, { commands: oldCommands, plan }) ?? '', hollow);
  }
});

test('the simulation finds bytes, names and locks that are not kept', () => {
  const cut = { powerCut: 0.01, meddle: 0, error: 0, fullDisk: 0 };
  match(firstViolation(1, 200, { plan: cut, idle: ['sync'] }) ?? '', /is not what was written|is torn|holds/);
  match(firstViolation(1, 200, { plan: cut, idle: ['syncFolder'] }) ?? '', /was there, but|was written, but/);
  match(
    firstViolation(1, 200, { plan: { ...cut, powerCut: 0 }, idle: ['tryLock'] }) ?? '',
    /removes .*, which p\d+ builds|failed though nothing happened: .* was removed while it was being written/,
  );
  equal(firstViolation(1, 200, { plan: cut }), null);
});
