import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissing, remove, Workspace, writeFileAtomic } from '../files/index.ts';
import type { Lake } from './lake.ts';

const planFile = 'plan.json';
const planPattern = /^[0-9a-f]{32}$/;

/** A cell that has no result in a session, and why. */
const failedUnitSchema = z.object({
  unit_id: z.string(),
  share_id: z.string(),
  dataset_id: z.string(),
  signal_name: z.string(),
  run_id: z.string(),
  code: z.string(),
  message: z.string(),
  code_version: z.string(),
});
export type FailedUnit = Readonly<z.output<typeof failedUnitSchema>>;

/** Who ran a share, when, and how long it took: what its part of the results leaves out. */
const shareLogSchema = z.object({
  share_id: z.string(),
  worker: z.string(),
  code_version: z.string(),
  platform: z.string(),
  started_utc: z.string(),
  ended_utc: z.string(),
  ran: z.number(),
  skipped: z.number(),
  failed: z.number(),
});
export type ShareLog = Readonly<z.output<typeof shareLogSchema>>;

/** Plans of the lake, by their hashes, in order. */
export async function listPlans(lake: Lake): Promise<string[]> {
  return (await names(lake.plans())).filter((name) => planPattern.test(name));
}

/**
 * What a lake holds of one plan: the plan itself, which never changes, and beside it what its workers tell each other: a request
 * to stop, cells that failed, what is being run, and a log. Losing what stands beside it loses no result.
 */
export class PlanFiles {
  readonly hash: string;
  readonly #plan: string;
  readonly #work: (...path: string[]) => string;

  /** @throws LAKE_NOT_WRITABLE for a hash that is no plain name */
  constructor(lake: Lake, hash: string) {
    this.hash = hash;
    this.#plan = lake.plans(hash);
    this.#work = (...path) => lake.path('research', 'vp_harness', 'fleet', hash, ...path);
  }

  /** Text of the plan; null where there is none. */
  readPlan(): Promise<string | null> {
    return textOf(join(this.#plan, planFile));
  }

  /** Stores the plan unless it is there: the first one stays. Gives whether this was the first. */
  async storePlan(text: string): Promise<boolean> {
    await using workspace = await Workspace.create(this.#plan);
    await workspace.write(planFile, text);
    return await workspace.publish();
  }

  /** Asks every worker to leave the plan. */
  stop(reason: string): Promise<void> {
    return writeFileAtomic(this.#work('stop'), reason);
  }

  /** Why workers shall leave the plan; null where they shall not. */
  stopReason(): Promise<string | null> {
    return textOf(this.#work('stop'));
  }

  /** Takes the request to stop back. */
  goOn(): Promise<void> {
    return remove(this.#work('stop'));
  }

  /** Notes that a share or a cell of it is about to run; gives the function that removes the note. A note that stays means that its process died. */
  async startRunning(name: string): Promise<() => Promise<void>> {
    const path = this.#work('running', `${name}.${randomUUID()}`);
    await writeFileAtomic(path, '');
    return () => remove(path);
  }

  /** Times that a share or a cell was begun and not ended. */
  async startsWithoutEnd(name: string): Promise<number> {
    return (await this.#starts(name)).length;
  }

  /** Forgets how often a share or a cell was begun. */
  async forgetStarts(name: string): Promise<void> {
    for (const start of await this.#starts(name)) await remove(this.#work('running', start));
  }

  async #starts(name: string): Promise<string[]> {
    return (await names(this.#work('running'))).filter((start) => start.startsWith(`${name}.`));
  }

  storeFailure(failed: FailedUnit): Promise<void> {
    return writeFileAtomic(this.#work('failed', `${failed.unit_id}.json`), JSON.stringify(failed));
  }

  /** Cells that failed, in the order of their units' ids. */
  failures(): Promise<FailedUnit[]> {
    return documents(this.#work('failed'), failedUnitSchema);
  }

  /** Forgets every failure, and asks for the shares that had one again; gives how many cells that were. */
  async retryFailures(): Promise<number> {
    const failures = await this.failures();
    for (const share of new Set(failures.map(({ share_id }) => share_id))) {
      await writeFileAtomic(this.#work('again', share), '');
    }
    await remove(this.#work('failed'));
    return failures.length;
  }

  /** Ids of the shares that are asked for again, though the lake has a part that ends them. */
  async sharesAgain(): Promise<ReadonlySet<string>> {
    return new Set(await names(this.#work('again')));
  }

  /** A share that was asked for again has run. */
  ranAgain(shareId: string): Promise<void> {
    return remove(this.#work('again', shareId));
  }

  log(entry: ShareLog): Promise<void> {
    return writeFileAtomic(this.#work('log', `${entry.share_id}.json`), JSON.stringify(entry));
  }

  logs(): Promise<ShareLog[]> {
    return documents(this.#work('log'), shareLogSchema);
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
}

/** Names in a folder but for temporaries, sorted; none where it is missing. */
async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}

async function documents<T>(folder: string, schema: z.ZodType<T>): Promise<T[]> {
  const texts = await Promise.all((await names(folder)).map((name) => textOf(join(folder, name))));
  return texts.flatMap((text) => {
    const parsed = text === null ? undefined : schema.safeParse(jsonOf(text));
    return parsed?.success === true ? [parsed.data] : [];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
