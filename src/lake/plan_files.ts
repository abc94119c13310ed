import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { Workspace } from '../files/index.ts';
import type { Lake } from './lake.ts';
import { notesOf } from './lake_notes.ts';
import type { LakeNotes } from './storage/lake_storage.ts';

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
  const folder = lake.relative(lake.plans());
  const names = await (lake.storage ?? notesOf(lake)).names(folder);
  return names.filter((name) => planPattern.test(name));
}

/**
 * What a lake holds of one plan: the plan itself, which never changes, and beside it what its workers tell each other: a request
 * to stop, cells that failed, what is being run, and a log. Losing what stands beside it loses no result.
 */
export class PlanFiles {
  readonly hash: string;
  readonly #lake: Lake;
  readonly #notes: LakeNotes;
  /** Paths relative to the lake. */
  readonly #plan: string;
  readonly #work: (...path: string[]) => string;

  /** @throws LAKE_NOT_WRITABLE for a hash that is no plain name */
  constructor(lake: Lake, hash: string) {
    this.hash = hash;
    this.#lake = lake;
    this.#notes = notesOf(lake);
    this.#plan = lake.relative(lake.plans(hash));
    this.#work = (...path) => lake.relative(lake.path('research', 'vp_harness', 'fleet', hash, ...path));
  }

  /** Text of the plan; null where there is none. */
  readPlan(): Promise<string | null> {
    const { storage } = this.#lake;
    return storage === null ? this.#notes.read(`${this.#plan}/${planFile}`) : storage.text(this.#plan, planFile);
  }

  /** Stores the plan unless it is there: the first one stays. Gives whether this was the first. */
  async storePlan(text: string): Promise<boolean> {
    const { storage } = this.#lake;
    await using workspace = await Workspace.create(this.#lake.plans(this.hash));
    await workspace.write(planFile, text);
    const isFirst = (await storage?.publish(this.#plan, workspace.path, [planFile])) ?? true;
    return isFirst && (await workspace.publish());
  }

  /** Asks every worker to leave the plan. */
  stop(reason: string): Promise<void> {
    return this.#notes.write(this.#work('stop'), reason);
  }

  /** Why workers shall leave the plan; null where they shall not. */
  stopReason(): Promise<string | null> {
    return this.#notes.read(this.#work('stop'));
  }

  /** Takes the request to stop back. */
  goOn(): Promise<void> {
    return this.#notes.remove(this.#work('stop'));
  }

  /** Notes that a share or a cell of it is about to run; gives the function that removes the note. A note that stays means that its process died. */
  async startRunning(name: string): Promise<() => Promise<void>> {
    const path = this.#work('running', `${name}.${randomUUID()}`);
    await this.#notes.write(path, '');
    return () => this.#notes.remove(path);
  }

  /** Times that a share or a cell was begun and not ended. */
  async startsWithoutEnd(name: string): Promise<number> {
    return (await this.#starts(name)).length;
  }

  /** Forgets how often a share or a cell was begun. */
  async forgetStarts(name: string): Promise<void> {
    for (const start of await this.#starts(name)) await this.#notes.remove(this.#work('running', start));
  }

  async #starts(name: string): Promise<string[]> {
    return (await this.#notes.names(this.#work('running'))).filter((start) => start.startsWith(`${name}.`));
  }

  storeFailure(failed: FailedUnit): Promise<void> {
    return this.#notes.write(this.#work('failed', `${failed.unit_id}.json`), JSON.stringify(failed));
  }

  /** Cells that failed, in the order of their units' ids. */
  failures(): Promise<FailedUnit[]> {
    return documents(this.#notes, this.#work('failed'), failedUnitSchema);
  }

  /** Forgets every failure, and asks for the shares that had one again; gives how many cells that were. */
  async retryFailures(): Promise<number> {
    const failures = await this.failures();
    for (const share of new Set(failures.map(({ share_id }) => share_id))) {
      await this.#notes.write(this.#work('again', share), '');
    }
    await this.#notes.remove(this.#work('failed'));
    return failures.length;
  }

  /** Ids of the shares that are asked for again, though the lake has a part that ends them. */
  async sharesAgain(): Promise<ReadonlySet<string>> {
    return new Set(await this.#notes.names(this.#work('again')));
  }

  /** A share that was asked for again has run. */
  ranAgain(shareId: string): Promise<void> {
    return this.#notes.remove(this.#work('again', shareId));
  }

  log(entry: ShareLog): Promise<void> {
    return this.#notes.write(this.#work('log', `${entry.share_id}.json`), JSON.stringify(entry));
  }

  /** Shares that were run, and when something was begun or ended last, in UNIX milliseconds. */
  async glance(): Promise<{ readonly doneShares: number; readonly changedMs: number }> {
    const [log, running] = await Promise.all(['log', 'running'].map((name) => this.#notes.glance(this.#work(name))));
    return {
      doneShares: log?.count ?? 0,
      changedMs: Math.max(log?.changedMs ?? 0, running?.changedMs ?? 0),
    };
  }

  /** When the plan was stored, in UNIX milliseconds; 0 where there is none. */
  async storedMs(): Promise<number> {
    const { storage } = this.#lake;
    const folder = this.#lake.relative(this.#lake.plans());
    if (storage !== null) return (await storage.publishedMs(folder)).get(this.hash) ?? 0;
    return (await stat(this.#lake.plans(this.hash)).catch(() => null))?.mtimeMs ?? 0;
  }

  logs(): Promise<ShareLog[]> {
    return documents(this.#notes, this.#work('log'), shareLogSchema);
  }
}

async function documents<T>(notes: LakeNotes, folder: string, schema: z.ZodType<T>): Promise<T[]> {
  const texts = await Promise.all((await notes.names(folder)).map((name) => notes.read(`${folder}/${name}`)));
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
