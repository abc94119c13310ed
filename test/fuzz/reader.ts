import { mkdirSync, rmSync } from 'node:fs';
import { seeded } from '../helpers/seeded.ts';
import { ProgressWriter, phase } from './progress.ts';
import { keptInputs, type MakeTarget, maxInputBytes, outcomeOf, type Target } from './target.ts';

/** What a process that reads inputs is asked for. */
export interface Work {
  /** Module whose export `makeTarget` makes the target; its name in this folder. */
  readonly module: string;
  readonly corpusFolder: string;
  /** Where the target may write. */
  readonly folder: string;
  readonly seed: number;
  /** Number of the first input. */
  readonly from: number;
  /** Inputs to read, whatever time that takes; null where the time decides. */
  readonly most: number | null;
  /** UNIX milliseconds after which no input is begun; the corpus and one more always are. */
  readonly endMs: number;
  /** Inputs to read instead of making some. */
  readonly inputs: readonly Uint8Array[] | null;
  /** Memory by which the process may grow during one input, MiB. */
  readonly growthMiB: number;
  /** Where it writes how far it is. */
  readonly progressPath: string;
}

/** What such a process says of the inputs that it has read so far. */
export interface WorkReport {
  readonly outcomes: Readonly<Record<string, number>>;
  /** What went wrong with the last one. */
  readonly failure: string | null;
  /** Whether this is its last word. */
  readonly isLast: boolean;
}

const reportMs = 250;

async function main(work: Work): Promise<void> {
  rmSync(work.folder, { recursive: true, force: true });
  mkdirSync(work.folder, { recursive: true });
  const progress = new ProgressWriter(work.progressPath);
  const { makeTarget } = (await import(`./${work.module}`)) as { makeTarget: MakeTarget };
  const target = await makeTarget(keptInputs(work.corpusFolder), work.folder);
  const outcomes: Record<string, number> = {};
  let failure: string | null = null;
  let reportedMs = Date.now();
  const report = (isLast: boolean) => process.send?.({ outcomes, failure, isLast } satisfies WorkReport);
  const more = (count: number) => {
    if (work.inputs !== null && count >= work.inputs.length) return false;
    if (work.most !== null) return count < work.most;
    return work.inputs !== null || count <= target.corpus.length || Date.now() < work.endMs;
  };
  progress.enter(phase.reading);
  for (let count = 0; failure === null && more(count); count++) {
    const input = work.inputs?.[count] ?? inputOf(target, work.seed, work.from + count);
    progress.begin(input);
    const before = highWaterMiB();
    try {
      const outcome = await outcomeOf(target, input);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      failure = error instanceof Error ? (error.stack ?? String(error)) : `something else was thrown: ${String(error)}`;
    }
    const growth = highWaterMiB() - before;
    if (growth > work.growthMiB) failure ??= `the process grew by ${growth.toFixed(0)} MiB`;
    if (Date.now() - reportedMs < reportMs) continue;
    reportedMs = Date.now();
    report(false);
  }
  progress.enter(phase.ending);
  await target.close?.();
  progress.close();
  report(true);
}

/** An input by its number: first those of the corpus as they are, then changed ones. */
function inputOf({ corpus, mutate }: Target, seed: number, index: number): Uint8Array {
  return corpus[index] ?? mutate(randomOf(seed, index)).slice(0, maxInputBytes);
}

/** The numbers that make an input: those of one input say nothing of another's. */
function randomOf(seed: number, index: number): () => number {
  const mixed = Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  return seeded(mixed ^ (mixed >>> 15));
}

function highWaterMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}

process.once('message', (work: Work) => void main(work));
