import { deepEqual, equal, match } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryPrefix } from '../../src/files/index.ts';
import { Lake, listDatasets, verifyDataset } from '../../src/lake/index.ts';
import { binary, done, env } from './commands.ts';
import { type RunningCommand, start } from './kill.ts';

/** Programs that put a process into a PID namespace of its own, or under another clock. */
const namespace = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
/** The same, with process ids that no other namespace has: a process id proves nothing there. */
const usedNamespace = [...namespace, 'sh', '-c', 'for i in $(seq 400); do (:); done; "$@"; exit $?', 'sh'];
const ahead = ['faketime', '+2 days'];

function runs(before: readonly string[]): boolean {
  const [program, ...words] = [...before, 'true'];
  return spawnSync(program!, words, { stdio: 'ignore' }).status === 0;
}

/** What of this scenario cannot be tried here, and why. */
export function missingForHollow(): string[] {
  return [
    ...(runs(namespace) ? [] : ['two PID namespaces: `unshare --pid` is not permitted']),
    ...(runs(ahead) ? [] : ['a clock two days ahead: no `faketime`']),
  ];
}

/** A lake with one session and two pipelines, x and y. */
async function prepare(folder: string): Promise<Lake> {
  mkdirSync(folder, { recursive: true });
  const lake = new Lake(join(folder, 'lake'));
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  const session = join(folder, 'session.dbn.zst');
  await done(['synth', '--out', session, '--minutes', '3', '--rate', '800']);
  symlinkSync(session, join(raw, 'glbx-mdp3-20260206.mbo.dbn.zst'));
  for (const [name, jerk] of Object.entries({ x: 11, y: 12 })) {
    writeFileSync(
      join(folder, `${name}.yaml`),
      `name: ${name}\npipeline_code_version: 1\ncapture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", ` +
        `start_time: "09:25", end_time: "09:28"}\npipeline: {tau_jerk: ${jerk}}\n`,
    );
  }
  return lake;
}

/** The temporary folder of a dataset once tables are written in it. */
async function building(lake: Lake): Promise<string> {
  for (;;) {
    const names = existsSync(lake.datasets()) ? readdirSync(lake.datasets()) : [];
    for (const name of names.filter((each) => each.startsWith(temporaryPrefix) && /__x__/.test(each))) {
      const path = join(lake.datasets(), name);
      if (existsSync(join(path, 'grid_clean.parquet'))) return path;
    }
    await pause(5);
  }
}

/** The process that runs node below a program that started it. */
function descendant(pid: number): number {
  for (let at = pid; ; ) {
    const children = readFileSync(`/proc/${at}/task/${at}/children`, 'utf8').trim().split(' ')[0];
    if (children === undefined || children === '') return at;
    at = Number(children);
  }
}

/** Lets a file look as if it had rested for a minute: a slow disk, or a suspended machine. */
function rest(path: string): void {
  const then = Date.now() / 1000 - 60;
  for (const name of readdirSync(path)) utimesSync(join(path, name), then, then);
  utimesSync(path, then, then);
}

type Writer = (pipeline: string, before?: readonly string[]) => RunningCommand;

/** Stops `generate x` amid its work, does something, lets it go on, and gives how it ended. */
async function amid(
  lake: Lake,
  generate: Writer,
  before: readonly string[],
  meddle: (path: string) => Promise<void>,
): Promise<{ code: number | null; output: string }> {
  const running = generate('x', before);
  const path = await building(lake);
  const pid = before.length === 0 ? running.pid : descendant(running.pid);
  process.kill(pid, 'SIGSTOP');
  await meddle(path);
  process.kill(pid, 'SIGCONT');
  return await running.ended;
}

/**
 * What once made a dataset without data: a writer that rests while another, in another PID namespace or under another clock,
 * clears up; a folder that is removed under its writer.
 */
export async function hollowFaults(folder: string): Promise<string> {
  const lake = await prepare(folder);
  const generate: Writer = (pipeline, before = []) =>
    start([binary, 'generate', join(folder, `${pipeline}.yaml`), '--lake-root', lake.root], env, before);
  const datasets = async () => {
    const ids = await listDatasets(lake);
    for (const id of ids) await verifyDataset(lake, id);
    return ids.map((id) => /__([xy])__/.exec(id)?.[1]);
  };
  const told: string[] = [];
  const clear = () => rmSync(lake.datasets(), { recursive: true, force: true });
  const whole = async ({ code, output }: { code: number | null; output: string }, expected: string[]) => {
    deepEqual([code, await datasets()], [0, expected], output);
    clear();
  };

  if (runs(namespace)) {
    const made = await amid(lake, generate, usedNamespace, async (path) => {
      rest(path);
      const other = await generate('y', namespace).ended;
      equal(other.code, 0, other.output);
    });
    await whole(made, ['x', 'y']);
    told.push('two PID namespaces');
  }
  if (runs(ahead)) {
    const made = await amid(lake, generate, [], async () => {
      const other = await generate('y', ahead).ended;
      equal(other.code, 0, other.output);
    });
    await whole(made, ['x', 'y']);
    let second: RunningCommand | null = null;
    const same = await amid(lake, generate, [], async () => {
      second = generate('x', ahead);
      await pause(1500);
    });
    const waited = await second!.ended;
    match(waited.output, /Another process makes this dataset[\s\S]*is there already/);
    await whole(same, ['x']);
    told.push('a clock two days ahead');
  }
  const lost = await amid(lake, generate, [], async (path) => rmSync(path, { recursive: true }));
  deepEqual([lost.code, await datasets()], [1, []], lost.output);
  match(
    lost.output,
    /Error \[LAKE_NOT_WRITABLE\]: .* was removed while it was being written, so nothing was published; [^\n]*\n$/,
  );
  await whole(await generate('x').ended, ['x']);
  told.push('a folder removed under its writer');
  return `hollow datasets: none after ${told.join(', ')}`;
}
