import { spawn } from 'node:child_process';

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Ended {
  /** False when the process ended by itself before its time. */
  readonly isKilled: boolean;
  readonly tookMs: number;
  readonly code: number | null;
  readonly output: string;
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
