import type { Steps } from '../../src/files/protocol/system_calls.ts';
import { temporaryPrefix } from '../../src/files/temporary_names.ts';
import { seeded } from '../faults/budget.ts';
import { drawPlan, type Plan } from './plan.ts';
import { append, type Ending, generate, giveUp, type Part, replace, replay } from './programs.ts';
import { Truth } from './truth.ts';
import { Violation, World } from './world.ts';

/** Longest schedule; a longer one goes round in circles. */
const maxSteps = 20_000;

/** The commands of a schedule: given its part, the steps of each. */
export type Commands = (random: () => number) => (part: Part) => Steps<void>;

const sets = '/lake/sets';
const files = '/lake/files';

/** A command of the lake as it is. */
export const lakeCommands: Commands = (random) => {
  const number = Math.floor(random() * 2);
  const kinds: ((part: Part) => Steps<void>)[] = [
    (part) => generate(part, `${sets}/set${number}`),
    (part) => generate(part, `${sets}/set${number}`),
    (part) => append(part, `${sets}/part of ${part.process.name}`),
    (part) => replace(part, `${files}/file${number}`),
    (part) => replay(part, `${files}/replay${number}`),
    (part) => giveUp(part, `${files}/file${number}`),
  ];
  return kinds[Math.floor(random() * kinds.length)]!;
};

export interface ScheduleOptions {
  readonly commands?: Commands;
  readonly plan?: Partial<Plan>;
  readonly onTrace?: (line: string) => void;
}

export interface ScheduleReport {
  readonly steps: number;
  readonly endings: Readonly<Record<Ending | 'killed', number>>;
}

/** Runs the schedule of a seed. Throws `Violation` when something is as it must never be. */
export function runSchedule(
  seed: number,
  { commands = lakeCommands, plan = {}, onTrace }: ScheduleOptions = {},
): ScheduleReport {
  const random = seeded(seed);
  const world = new World({ ...drawPlan(random), ...plan }, random);
  const truth = new Truth(world);
  if (onTrace !== undefined) world.onTrace = onTrace;
  onTrace?.(JSON.stringify(world.plan));
  world.onStep = () => truth.check();
  truth.watch(sets);
  const endings = { made: 0, 'was there': 0, failed: 0, killed: 0 };
  const start = (name: string, command: ReturnType<Commands>, tasks: number) => {
    const process = world.start(name);
    for (let task = 0; task < tasks; task++) {
      endings.killed++;
      const onEnd = (ending: Ending, cause: unknown) => {
        endings.killed--;
        endings[ending]++;
        if (ending === 'failed' && !world.isDisturbed && world.plan.locksAreShared) {
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
      start(`p${number++}`, commands(random), random() < 0.2 ? 2 : 1);
    }
    world.step();
  }
  tidyUp(world, truth, start, commands);
  return { steps: world.steps, endings };
}

/** Whatever was left, the next writer in the folder that nothing happens to leaves nothing of it. */
function tidyUp(
  world: World,
  truth: Truth,
  start: (name: string, command: ReturnType<Commands>, tasks: number) => void,
  commands: Commands,
): void {
  world.heal();
  const folders = commands === lakeCommands ? [sets, files, `${files}/replay0`, `${files}/replay1`] : [sets];
  for (const folder of folders) {
    if (world.disk.find(folder) === null) continue;
    start(
      `last in ${folder}`,
      commands === lakeCommands ? (part) => append(part, `${folder}/last`) : commands(world.random),
      1,
    );
    while (!world.isOver) world.step();
    truth.check();
    if (world.isDisturbed || !world.plan.locksAreShared || commands !== lakeCommands) continue;
    const left = world.disk.readFolder(folder).filter(([name]) => name.startsWith(temporaryPrefix));
    if (left.length > 0) throw new Violation(`${left.map(([name]) => name).join(', ')} stays in ${folder}`);
  }
}
