import { ok } from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPrefix } from '../../src/files/index.ts';
import { pick } from '../helpers/seeded.ts';
import type { Budget } from './budget.ts';
import { env } from './commands.ts';
import { runAndKill } from './kill.ts';
import { type AllTrials, assertSentence, type Trials } from './trial.ts';

const inject = new URL('./inject.ts', import.meta.url).href;
/** What may happen to one call; a full disk stays full. */
const errors = ['EIO', 'EMFILE', 'EACCES', 'EROFS', 'ENOSPC'] as const;

/**
 * Lets a random call that writes fail in each command: it says what failed in one sentence, nothing is half-written, and no
 * temporary file is left. Where a failure does not matter (a cache), the command succeeds as ever.
 */
export async function ioErrorFaults(all: AllTrials, folder: string, budget: Budget): Promise<string> {
  let injected = 0;
  let failed = 0;
  // How many calls a command makes is learned by going beyond the last.
  const most = new Map<Trials, number>();
  for (let rounds = 0; budget.more(rounds, failed); rounds++) {
    const trials = await all.pick(budget.random);
    const trial = join(folder, `${rounds}`);
    const mark = join(folder, `${rounds}.mark`);
    const words = trials.fresh(trial);
    const code = pick(budget.random, errors);
    const at = 1 + Math.floor(budget.random() * (most.get(trials) ?? 4));
    const ended = await runAndKill(words, {
      ...env,
      NODE_OPTIONS: `--import=${inject}`,
      ...{ FAULT_ROOT: trial, FAULT_AT: String(at), FAULT_CODE: code, FAULT_MARK: mark },
      FAULT_STAYS: code === 'ENOSPC' ? '1' : '0',
    });
    const name = `${trials.name}, call ${at} fails with ${code}`;
    if (existsSync(mark)) {
      injected++;
      most.set(trials, Math.max(most.get(trials) ?? 0, 2 * at));
    }
    if (ended.code !== 0) {
      failed++;
      ok(existsSync(mark), `${name}: failed by itself: ${ended.output}`);
      assertSentence(name, ended);
      ok(ended.output.includes(code), `${name}: says something else: ${ended.output}`);
    }
    await trials.check(trial, ended).catch((cause: unknown) => {
      throw new Error(name, { cause });
    });
    const left = readdirSync(trial, { recursive: true }).filter((path) => String(path).includes(temporaryPrefix));
    ok(left.length === 0, `${name}: left ${left.join(', ')}`);
    rmSync(trial, { recursive: true });
    rmSync(mark, { force: true });
  }
  return `I/O errors: ${injected} injected, ${failed} of them failed their command, each in one sentence and with nothing half-written`;
}
