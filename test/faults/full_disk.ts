import { match } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Budget } from './budget.ts';
import { env } from './commands.ts';
import { runAndKill } from './kill.ts';
import { type AllTrials, assertSentence } from './trial.ts';

function mount(folder: string, bytes: number): boolean {
  const words = ['-t', 'tmpfs', '-o', `size=${bytes}`, 'spymaster-faults', folder];
  return spawnSync('mount', words, { stdio: 'ignore' }).status === 0;
}

function unmount(folder: string): void {
  spawnSync('umount', [folder], { stdio: 'ignore' });
}

/** Whether this process may mount; where it may not, the scenario is skipped. */
export function canMount(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  const can = mount(folder, 1 << 20);
  if (can) unmount(folder);
  return can;
}

/**
 * Runs each command on a small file system of its own that becomes full at a random moment: it says so in one sentence, and
 * nothing is half-written, by whatever library wrote it.
 */
export async function fullDiskFaults(all: AllTrials, folder: string, budget: Budget): Promise<string> {
  let failed = 0;
  let rounds = 0;
  for (; budget.more(rounds, failed); rounds++) {
    const trials = await all.pick(budget.random);
    const trial = join(folder, 'disk');
    mkdirSync(trial, { recursive: true });
    mount(trial, 1 << 30);
    try {
      const words = trials.fresh(trial);
      const { blocks, bfree, bsize } = statfsSync(trial);
      const used = (blocks - bfree) * bsize;
      // As it is undisturbed, the most that any of the commands writes is a few MB.
      const free = Math.floor(budget.random() ** 2 * 4e6);
      spawnSync('mount', ['-o', `remount,size=${used + free}`, trial]);
      const ended = await runAndKill(words, { ...env, TMPDIR: trial });
      const name = `${trials.name} with ${free} bytes free`;
      if (ended.code !== 0) {
        failed++;
        assertSentence(name, ended);
        match(ended.output, /ENOSPC|disk is full/, name);
      }
      // Room is made, as the error asks for.
      spawnSync('mount', ['-o', `remount,size=${1 << 30}`, trial]);
      await trials.check(trial, ended).catch((cause: unknown) => {
        throw new Error(name, { cause });
      });
    } finally {
      unmount(trial);
    }
  }
  if (readdirSync(folder).length > 0) rmSync(folder, { recursive: true });
  return `full disk: ${rounds} rounds, ${failed} of them without room, each told in one sentence and with nothing half-written`;
}
