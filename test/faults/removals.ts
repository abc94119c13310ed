import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryPrefix } from '../../src/files/index.ts';
import { pick } from '../helpers/seeded.ts';
import type { Budget } from './budget.ts';
import { env } from './commands.ts';
import { start } from './kill.ts';
import { type AllTrials, assertSentence } from './trial.ts';

/** Temporary files and folders, and what is in them. */
function temporaries(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.includes(temporaryPrefix))
    .map((path) => join(folder, path));
}

/**
 * Removes what a command is building, a folder, a file in it or its lock, at a random moment, as a cleaner of temporary files
 * would: the command fails with one sentence and publishes nothing, or succeeds and everything is whole.
 */
export async function removalFaults(all: AllTrials, folder: string, budget: Budget): Promise<string> {
  let removed = 0;
  let failed = 0;
  let rounds = 0;
  for (; budget.more(rounds, removed); rounds++) {
    const trials = await all.pick(budget.random);
    const trial = join(folder, `${rounds}`);
    const running = start(trials.fresh(trial), env);
    let isOver = false;
    const ended = running.ended.finally(() => {
      isOver = true;
    });
    let victim: string | undefined;
    const skip = Math.floor(budget.random() * 40);
    for (let seen = 0; !isOver; await pause(2)) {
      try {
        const now = temporaries(trial);
        if (now.length === 0 || seen++ < skip) continue;
        victim = pick(budget.random, now);
        rmSync(victim, { recursive: true, force: true });
        removed++;
        break;
      } catch {
        // What was there a moment ago has its final name by now.
      }
    }
    const result = await ended;
    const name = `${trials.name} without ${victim}`;
    if (result.code !== 0) {
      failed++;
      assertSentence(name, result);
    }
    await trials.check(trial, result).catch((cause: unknown) => {
      throw new Error(name, { cause });
    });
    rmSync(trial, { recursive: true });
  }
  return `removals: ${removed} in ${rounds} rounds, ${failed} commands failed for it, none published what was not whole`;
}
