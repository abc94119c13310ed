import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { type ChunkResult, runChunk } from './chunk.ts';
import { calibrationTable, holdsBound, tableText } from './table.ts';

/*
 * Calibration of the statistics on a bare market without any edge: `node test/calibration/bare.ts --out FILE` computes
 * what FILE lacks, adds a line to it for each chunk of 60 sessions, and prints the table of all that it has. Stopping it
 * loses the chunks under way; starting it again goes on. Exit code 1 when a number misses its bound.
 */
type Task = Pick<ChunkResult, 'chunk' | 'payoffs'>;

if (isMainThread) await main();
else parentPort!.on('message', ({ chunk, payoffs }: Task) => parentPort!.postMessage(runChunk(chunk, payoffs)));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'calibration.jsonl' },
      budget: { type: 'string', default: '7200' },
      workers: { type: 'string', default: '2' },
      // 40,000 sessions of each kind of payoff; 2,000 single ones.
      chunks: { type: 'string', default: '667' },
    },
  });
  const results = readResults(values.out);
  const done = new Set(results.map(({ chunk, payoffs }) => `${payoffs}/${chunk}`));
  const tasks = Array.from({ length: Number(values.chunks) }, (_, chunk) => chunk)
    .flatMap((chunk): Task[] => [
      { chunk, payoffs: 'symmetric' },
      { chunk, payoffs: 'skewed' },
    ])
    .filter(({ chunk, payoffs }) => !done.has(`${payoffs}/${chunk}`));
  const end = Date.now() + 1000 * Number(values.budget);
  mkdirSync(dirname(values.out), { recursive: true });
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL(import.meta.url));
    for (let task = next(); task !== undefined; task = next()) {
      worker.postMessage(task);
      const [result] = (await once(worker, 'message')) as [ChunkResult];
      results.push(result);
      appendFileSync(values.out, `${JSON.stringify(result)}\n`);
    }
    await worker.terminate();
  };
  const next = (): Task | undefined => (Date.now() < end ? tasks.shift() : undefined);
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  const rows = calibrationTable(results.sort((a, b) => a.chunk - b.chunk));
  console.log(tableText(rows));
  console.log(`${results.length} chunks of 60 sessions in ${values.out}, ${tasks.length} to go`);
  process.exitCode = rows.every(holdsBound) ? 0 : 1;
}

/** Chunks of an earlier run; a line that was being written when it stopped is left out. */
function readResults(path: string): ChunkResult[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).flatMap((line) => {
    try {
      return [JSON.parse(line) as ChunkResult];
    } catch {
      return [];
    }
  });
}
