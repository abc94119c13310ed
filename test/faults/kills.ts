import { ok } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Budget } from './budget.ts';
import { env } from './commands.ts';
import { runAndKill } from './kill.ts';
import type { AllTrials } from './trial.ts';

/**
 * Kills each command that writes at random moments, several times in the same folder: whatever has its final name is whole
 * or as it was, and the last run, undisturbed, gives what it always gives and leaves no temporary file.
 */
export async function killFaults(all: AllTrials, folder: string, budget: Budget): Promise<string> {
  let kills = 0;
  let rounds = 0;
  for (; budget.more(rounds, kills); rounds++) {
    const trials = await all.pick(budget.random);
    const trial = join(folder, `${rounds}`);
    const words = trials.fresh(trial);
    for (let i = 0; i < 3; i++) {
      const ended = await runAndKill(words, env, budget.random() * trials.reference.tookMs);
      if (ended.isKilled) kills++;
      await trials.check(trial, ended);
      // What succeeded refuses to be made again, or makes it again: both are tested elsewhere.
      if (!ended.isKilled) break;
      if (i < 2) continue;
      const last = await runAndKill(words, env);
      ok(last.code === 0, `${trials.name} after kills: ${last.output}`);
      await trials.check(trial, last);
    }
    rmSync(trial, { recursive: true });
  }
  return `kills: ${kills} in ${rounds} rounds, everything whole`;
}
