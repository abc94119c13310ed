import { equal, ok } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Budget, pick } from './budget.ts';
import { env, type Template } from './commands.ts';
import { runAndKill } from './kill.ts';
import { Trials } from './trial.ts';

/**
 * Kills each command that writes at random moments, several times in the same folder: whatever has its final name is whole
 * or as it was, and the last run, undisturbed, gives what it always gives and leaves no temporary file.
 */
export async function killFaults(all: readonly Trials[], folder: string, budget: Budget): Promise<string> {
  let kills = 0;
  let rounds = 0;
  for (; budget.more(rounds); rounds++) {
    const trials = pick(budget.random, all);
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
  equal(rounds > 0, true);
  return `kills: ${kills} in ${rounds} rounds of ${all.length} commands, everything whole`;
}

/** Each command's undisturbed result. */
export async function prepareTrials(
  template: Template,
  commands: Readonly<Record<string, Parameters<typeof Trials.of>[2]>>,
  folder: string,
): Promise<Trials[]> {
  const all: Trials[] = [];
  for (const [name, command] of Object.entries(commands)) all.push(await Trials.of(name, template, command, folder));
  return all;
}
