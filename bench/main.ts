import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/files/index.ts';
import { benchNames, loadBench } from './discover.ts';
import { type BenchResult, ratioOf } from './harness.ts';

const recordPath = join(import.meta.dirname, '..', '.bench', 'last.json');

const usage = `npm run bench -- [name…] [--json] [--tiny] [--record]

Runs the benchmarks of bench/ (all of them, or those named: ${benchNames().join(', ')}) and prints each measurement beside
its naive baseline and the last recorded run on this machine.

  --json     one JSON object instead of a table
  --tiny     runs of milliseconds, as the tests do: proves that everything works, measures nothing
  --record   remember this run in .bench/last.json for later runs to be compared with`;

/** Recorded results by machine, then by name of the measurement. */
type Records = Record<string, Record<string, BenchResult>>;

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function main(): Promise<void> {
  const unknown = names.filter((name) => !benchNames().includes(name));
  if (unknown.length > 0) {
    console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${benchNames().join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const processors = cpus();
  const machine = `${processors[0]?.model.trim() ?? 'unknown CPU'} × ${processors.length}`;
  const records = readRecords();
  const last = records[machine] ?? {};
  const results: BenchResult[] = [];
  if (!options.json) console.log(`${machine}, Node ${process.versions.node}\n${header}`);
  for (const name of names.length > 0 ? names : benchNames()) {
    const bench = await loadBench(name);
    for (const result of await bench({ tiny: options.tiny })) {
      results.push(result);
      if (!options.json) console.log(row(result, last[result.name]));
    }
  }
  if (options.json) console.log(JSON.stringify({ machine, node: process.versions.node, tiny: options.tiny, results }));
  if (options.record && !options.tiny) {
    records[machine] = { ...last, ...Object.fromEntries(results.map((result) => [result.name, result])) };
    await writeFileAtomic(recordPath, `${JSON.stringify(records, null, 2)}\n`);
  }
}

function readRecords(): Records {
  try {
    return JSON.parse(readFileSync(recordPath, 'utf8')) as Records;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

const widths = [40, 15, 11, 11, 11, 12, 8, 8] as const;
const header = line(['measurement', 'unit', 'median', 'best', 'wall', 'baseline', 'ratio', 'change'], 'result hash');

function line(cells: readonly string[], rest: string): string {
  return `${cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('')}  ${rest}`;
}

function row(result: BenchResult, last: BenchResult | undefined): string {
  const { name, unit, value, samples, baselineValue, ratio, resultHash, baselineHash } = result;
  const change = changeOf(result, last);
  const verdict = baselineHash === null || baselineHash === resultHash ? '' : ` ≠ baseline's ${baselineHash}`;
  const cells = [name, unit, number(value), number(samples.best), number(samples.wallMedian)];
  const against = [baselineValue === null ? '' : number(baselineValue), ratio === null ? '' : `×${number(ratio)}`];
  return line([...cells, ...against, change], `${resultHash}${verdict}  (${result.baselineName})`);
}

function number(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(4)} M`;
  return value >= 1e4 ? Math.round(value).toLocaleString('en') : value.toPrecision(4);
}

/** Against the last recorded run, positive is faster; a run that computed something else is nothing to compare with. */
function changeOf({ unit, value, resultHash }: BenchResult, last: BenchResult | undefined): string {
  if (last === undefined) return '';
  if (last.resultHash !== resultHash) return 'changed';
  const share = ratioOf(unit, value, last.value) - 1;
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

if (options.help) console.log(usage);
else await main();
