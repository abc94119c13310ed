import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phase, readProgress } from './progress.ts';
import type { Work, WorkReport } from './reader.ts';

export interface RunOptions extends Omit<Work, 'progressPath' | 'from' | 'most' | 'growthMiB'> {
  /** Inputs to read, whatever time that takes; as many as fit into the time by default. */
  readonly most?: number;
  /** Longest that reading one input may take. */
  readonly limitMs: number;
  /** Longest that making the target or ending it may take. */
  readonly setupMs?: number;
  readonly growthMiB?: number;
  /** Memory of the process that reads: JavaScript's, and all of it. */
  readonly heapMiB?: number;
  readonly memoryMiB?: number;
}

export interface RunReport {
  readonly inputs: number;
  /** How often inputs ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failure: Failure | null;
}

export interface Failure {
  readonly why: string;
  /** Null where no input was being read. */
  readonly input: Uint8Array | null;
}

const pollMs = 50;
/** Inputs that are read again before one that took too long: what they left behind may be why. */
const inputsBefore = 20;

/**
 * Reads inputs in a process of its own, which is killed when one of them takes longer or more memory than it may. (A thread
 * that fills its memory cannot always be ended.) An input that took too long is read once more, after those just before it
 * and with five times the limit, before it counts as one that hangs: the machine may have been busy.
 */
export async function runTarget(options: RunOptions): Promise<RunReport> {
  const outcomes: Record<string, number> = {};
  let from = 0;
  for (;;) {
    const part = await runPart(options, from);
    for (const [outcome, count] of Object.entries(part.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
    from += part.inputs;
    const slow = part.slow;
    if (slow === null) return { inputs: from, outcomes, failure: part.failure };
    const first = options.inputs === null ? Math.max(0, from - inputsBefore - 1) : 0;
    const again = await runPart({ ...options, most: from - first, limitMs: options.limitMs * 5 }, first);
    if (again.slow !== null) {
      return {
        inputs: from,
        outcomes,
        failure: { why: `reading took longer than ${options.limitMs * 5} ms`, input: again.slow },
      };
    }
    if (again.failure !== null) return { inputs: from, outcomes, failure: again.failure };
    outcomes.slow = (outcomes.slow ?? 0) + 1;
    if (options.inputs !== null || Date.now() >= options.endMs) return { inputs: from, outcomes, failure: null };
  }
}

interface Part extends RunReport {
  /** The input that took longer than it may. */
  readonly slow: Uint8Array | null;
}

function runPart(options: RunOptions, from: number): Promise<Part> {
  const {
    most = null,
    limitMs,
    setupMs = 120_000,
    heapMiB = 768,
    memoryMiB = 2048,
    growthMiB = 768,
    ...asked
  } = options;
  const progressPath = join(options.folder, '..', `${options.module}.progress`);
  const child = fork(join(import.meta.dirname, 'reader.ts'), {
    execArgv: [`--max-old-space-size=${heapMiB}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.send({ ...asked, from, most, growthMiB, progressPath } satisfies Work);
  const said = lastLines(child);
  const { promise, resolve } = Promise.withResolvers<Part>();
  let outcomes: Part['outcomes'] = {};
  let isOver = false;
  const end = (why: string | null, isSlow = false): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    const { phase: at, begun, input } = readProgress(progressPath);
    const failure = why === null ? null : { why, input: at === phase.making || begun === 0 ? null : input };
    const part = { inputs: begun, outcomes, failure, slow: isSlow ? input : null };
    const isGone = child.exitCode !== null || child.signalCode !== null;
    child.kill('SIGKILL');
    if (isGone) resolve(part);
    else void once(child, 'exit').then(() => resolve(part));
  };

  let seen = '';
  let polls = 0;
  // Polls are counted, not time: they are late, too, where a machine stands still.
  const timer = setInterval(() => {
    const { phase: at, begun } = readProgress(progressPath);
    const now = `${at} ${begun}`;
    polls = now === seen ? polls + 1 : 0;
    seen = now;
    const memory = residentMiB(child);
    if (memory > memoryMiB) end(`the process takes ${memory.toFixed(0)} MiB of memory`);
    else if (at === phase.reading && begun > 0 && polls * pollMs > limitMs) end(null, true);
    else if (polls * pollMs > setupMs) end(`making or ending the target took longer than ${setupMs} ms`);
  }, pollMs);
  child.on('message', (report: WorkReport) => {
    outcomes = report.outcomes;
    if (report.isLast) end(report.failure);
  });
  child.on('error', (error) => end(String(error)));
  child.once('exit', (code, signal) => end(`the process ended with ${signal ?? `code ${code}`}:\n${said()}`));
  return promise;
}

/** The end of what a process writes to stderr. */
function lastLines(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-4000);
  });
  return () => text;
}

/** Memory of a process, MiB; 0 where the system does not say. */
function residentMiB({ pid }: ChildProcess): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
