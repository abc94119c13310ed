import type { CallName, Steps } from '../../src/files/protocol/system_calls.ts';
import { temporaryPrefix } from '../../src/files/temporary_names.ts';
import { pick, seeded } from '../helpers/seeded.ts';
import { oldGenerate } from './old_protocol.ts';
import { drawPlan, type Plan } from './plan.ts';
import { append, type Ending, generate, giveUp, type Part, replace, replay } from './programs.ts';
import { appendRow, compactRows, ledgerOf, readRows } from './results_programs.ts';
import { Truth } from './truth.ts';
import { Violation, World } from './world.ts';

/** Longest schedule; a longer one goes round in circles. */
const maxSteps = 20_000;

/** A command: given its part, its steps. */
export type Command = (part: Part) => Steps<void>;

/** What may run in a schedule. */
export interface Commands {
  draw(random: () => number): Command;
  /** Whether they promise more than that what is published is whole: that work is not lost, and nothing stays. */
  readonly keepTidy: boolean;
}

const sets = '/lake/sets';
const files = '/lake/files';
const results = '/lake/results';

/** The commands of the lake. */
export const lakeCommands: Commands = {
  keepTidy: true,
  draw: (random) => {
    const number = Math.floor(random() * 2);
    const kinds: readonly Command[] = [
      (part) => generate(part, `${sets}/set${number}`),
      (part) => generate(part, `${sets}/set${number}`),
      (part) => append(part, `${sets}/part of ${part.process.name}`),
      (part) => replace(part, `${files}/file${number}`),
      (part) => replay(part, `${files}/replay${number}`),
      (part) => giveUp(part, `${files}/file${number}`),
      (part) => appendRow(part, results),
      (part) => appendRow(part, results),
      (part) => readRows(part, results),
      (part) => compactRows(part, results),
    ];
    return pick(random, kinds);
  },
};

/** `generate` as it was before there were locks. */
export const oldCommands: Commands = {
  keepTidy: false,
  draw: (random) => {
    const number = Math.floor(random() * 2);
    return (part) => oldGenerate(part, `${sets}/set${number}`);
  },
};

export interface ScheduleOptions {
  readonly commands?: Commands;
  readonly plan?: Partial<Plan>;
  /** Calls that only say that they were made, to see what the simulation makes of that. */
  readonly idle?: readonly CallName[];
  readonly onTrace?: (line: string) => void;
}

export interface ScheduleReport {
  readonly steps: number;
  readonly endings: Readonly<Record<Ending | 'killed', number>>;
}

/** Runs the schedule of a seed. Throws `Violation` when something is as it must never be. */
export function runSchedule(
  seed: number,
  { commands = lakeCommands, plan = {}, idle = [], onTrace }: ScheduleOptions = {},
): ScheduleReport {
  const random = seeded(seed);
  const world = new World({ ...drawPlan(random), ...plan }, random);
  const truth = new Truth(world);
  if (onTrace !== undefined) world.onTrace = onTrace;
  onTrace?.(JSON.stringify(world.plan));
  for (const name of idle) world.idle.add(name);
  world.protectsWork = commands.keepTidy;
  world.onStep = () => truth.check();
  truth.watch(sets);
  truth.watch(results);
  truth.watch(ledgerOf(results));
  const endings = { made: 0, 'was there': 0, failed: 0, killed: 0 };
  const start = (name: string, command: Command, tasks: number) => {
    const process = world.start(name);
    for (let task = 0; task < tasks; task++) {
      endings.killed++;
      const onEnd = (ending: Ending, cause: unknown) => {
        endings.killed--;
        endings[ending]++;
        if (ending === 'failed' && commands.keepTidy && !world.isDisturbed && world.plan.locksAreShared) {
          throw new Violation(`${name} failed though nothing happened: ${cause}`);
        }
      };
      world.run(process, command({ process, truth, onEnd }));
    }
  };
  const count = 1 + Math.floor(random() * 5);
  // Some come when others are at work, and after others were killed.
  let coming = Array.from({ length: count }, () => Math.floor(random() * 200));
  for (let number = 0; !world.isOver || coming.length > 0; ) {
    if (world.steps > maxSteps) throw new Violation('the schedule does not end');
    const due = world.isOver ? [Math.min(...coming)] : coming.filter((step) => step <= world.steps);
    for (const step of due) {
      coming = coming.toSpliced(coming.indexOf(step), 1);
      start(`p${number++}`, commands.draw(random), random() < 0.2 ? 2 : 1);
    }
    world.step();
  }
  if (commands.keepTidy) tidyUp(world, truth, start);
  return { steps: world.steps, endings };
}

/** Whatever was left, the next writer in the folder that nothing happens to leaves nothing of it. */
function tidyUp(world: World, truth: Truth, start: (name: string, command: Command, tasks: number) => void): void {
  world.heal();
  const run = (name: string, command: Command) => {
    start(name, command, 1);
    while (!world.isOver) world.step();
  };
  for (const folder of [sets, results, files, `${files}/replay0`, `${files}/replay1`]) {
    if (world.disk.find(folder) === null) continue;
    if (folder === results) {
      run('last compaction', (part) => compactRows(part, results));
      run('last writer', (part) => appendRow(part, results));
      run('last reader', (part) => readRows(part, results));
    } else run(`last in ${folder}`, (part) => append(part, `${folder}/last`));
    truth.check();
    if (world.isDisturbed || !world.plan.locksAreShared) continue;
    const left = world.disk.readFolder(folder).filter(([name]) => name.startsWith(temporaryPrefix));
    if (left.length > 0) throw new Violation(`${left.map(([name]) => name).join(', ')} stays in ${folder}`);
  }
}
