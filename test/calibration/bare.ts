import { once } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { type ChunkResult, type ChunkTask, runChunk } from './chunk.ts';
import { readLines } from './chunk_file.ts';
import { type CalibrationRow, calibrationTable, holdsBound, markdownTable, tableText } from './table.ts';

/*
 * Calibration of the statistics on a bare market without any edge: `node test/calibration/bare.ts --out FILE` computes
 * what FILE lacks, adds a line to it for each chunk, and prints the table of all that it has. Stopping it loses the chunks
 * under way; starting it again goes on. `--kind single` does the single sessions alone; `--markdown` prints the table as in
 * docs/experiments.md. Exit code 1 when a number misses its bound.
 */
if (isMainThread) await main();
else parentPort!.on('message', (task: ChunkTask) => parentPort!.postMessage(runChunk(task)));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'calibration.jsonl' },
      budget: { type: 'string', default: '7200' },
      workers: { type: 'string', default: '2' },
      // 40,000 sessions of each kind of payoff in families, and 2,000 single ones.
      chunks: { type: 'string', default: '667' },
      kind: { type: 'string', default: 'all' },
      markdown: { type: 'boolean', default: false },
    },
  });
  const results = readLines<ChunkResult>(values.out);
  const done = new Set(results.map(keyOf));
  const tasks = allTasks(Number(values.chunks)).filter(
    (task) => !done.has(keyOf(task)) && (values.kind === 'all' || values.kind === task.kind),
  );
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
  const next = (): ChunkTask | undefined => (Date.now() < end ? tasks.shift() : undefined);
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  const rows = calibrationTable(results.sort((a, b) => a.chunk - b.chunk));
  console.log(
    values.markdown
      ? (['symmetric', 'skewed'] as const).map((set) => tableOf(set, rows)).join('\n\n')
      : tableText(rows),
  );
  console.log(`${results.length} chunks in ${values.out}, ${tasks.length} to go`);
  process.exitCode = rows.every(holdsBound) ? 0 : 1;
}

/** The rows of one kind of payoff as Markdown. */
function tableOf(set: string, rows: readonly CalibrationRow[]): string {
  const own = rows.filter(({ name }) => name.startsWith(`${set}, `));
  return markdownTable(own.map((row) => ({ ...row, name: row.name.slice(set.length + 2) })));
}

/** All chunks, in an order in which each row of the table soon has a family: a tenth of them are of single sessions. */
function allTasks(chunks: number): ChunkTask[] {
  const both = (chunk: number, kind: ChunkTask['kind']): ChunkTask[] => [
    { chunk, payoffs: 'symmetric', kind },
    { chunk, payoffs: 'skewed', kind },
  ];
  return Array.from({ length: chunks }, (_, chunk) => [
    ...both(chunk, 'many'),
    ...(chunk < Math.ceil(chunks / 10) ? both(chunk, 'single') : []),
  ]).flat();
}

function keyOf({ kind, payoffs, chunk }: ChunkTask): string {
  return `${kind}/${payoffs}/${chunk}`;
}
