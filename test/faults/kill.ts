import { spawn } from 'node:child_process';

export interface Ended {
  /** False when the process ended by itself before its time. */
  readonly isKilled: boolean;
  readonly tookMs: number;
  readonly code: number | null;
  readonly output: string;
}

export interface RunningCommand {
  /** Of the process that runs the command, as this machine counts. */
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a program with words; `before` may be another program and its words, such as `faketime +2d`. */
export function start(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  before: readonly string[] = [],
): RunningCommand {
  const startMs = performance.now();
  const [program, ...rest] = [...before, process.execPath, ...words];
  const child = spawn(program!, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = new Promise<Ended>((end, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) =>
      end({ isKilled: signal === 'SIGKILL', tookMs: performance.now() - startMs, code, output }),
    );
  });
  return { pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) };
}

/** Runs node with these words and kills it `killAfterMs` after its start, or its first output, if it still runs. */
export async function runAndKill(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  killAfterMs = Number.POSITIVE_INFINITY,
  since: 'start' | 'output' = 'start',
): Promise<Ended> {
  const startMs = performance.now();
  const child = spawn(process.execPath, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  const startTimer = () => {
    if (Number.isFinite(killAfterMs)) timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      if (output === '' && since === 'output') startTimer();
      output += chunk.toString();
    });
  }
  if (since === 'start') startTimer();
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((end) => {
    child.once('close', (...ended) => end(ended));
  });
  clearTimeout(timer);
  return { isKilled: signal === 'SIGKILL', tookMs: performance.now() - startMs, code, output };
}
