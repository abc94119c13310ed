import { parseArgs } from 'node:util';
import { type BenchResult, ratioOf } from '../support/harness.ts';
import { compareWith, movesText } from './against.ts';
import { benchNames, loadBench } from './discover.ts';
import { type HistoryLine, historyOf, machineName, record } from './history.ts';
import { bench as peerBench } from './peer_table.ts';

const usage = `npm run bench -- [name…] [--json] [--tiny] [--peers] [--record] [--against last]

Runs the benchmarks of bench/ (all of them, or those named: ${benchNames().join(', ')}) and prints each measurement beside
its naive baseline and the last recorded run on this machine.

  --json     one JSON object instead of a table
  --tiny     runs of milliseconds, as the tests do: proves that everything works, measures nothing
  --peers    beside them, or alone where no name is given: programs of others on the same file, as far as they can be built here
  --record   add this run to bench/history.jsonl, whose last line of this machine later runs are compared with
  --against last   run the commit of that line and this checkout in turns, and print what moved by more than the noise`;

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    against: { type: 'string' },
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
  const machine = machineName();
  const last = historyOf(machine).at(-1);
  const benches = names.length > 0 ? names : options.peers ? [] : benchNames();
  if (options.against !== undefined) return printMoves(last, benches);
  const recorded = new Map(last?.results.map((result) => [result.name, result]));
  const results: BenchResult[] = [];
  if (!options.json) console.log(`${machine}, Node ${process.versions.node}\n${header}`);
  for (const bench of [...(await Promise.all(benches.map(loadBench))), ...(options.peers ? [peerBench] : [])]) {
    for (const result of await bench({ tiny: options.tiny })) {
      results.push(result);
      if (!options.json) console.log(row(result, recorded.get(result.name)));
    }
  }
  if (options.json) console.log(JSON.stringify({ machine, node: process.versions.node, tiny: options.tiny, results }));
  if (options.record && !options.tiny) await record(results);
}

function printMoves(last: HistoryLine | undefined, benches: readonly string[]): void {
  if (options.against !== 'last' || last === undefined) {
    const why = last === undefined ? 'no run of this machine is recorded' : 'expected --against last';
    console.error(`There is nothing to compare with: ${why}.`);
    process.exitCode = 2;
    return;
  }
  const moves = compareWith(last, benches, options.tiny);
  console.log(options.json ? JSON.stringify({ against: last.commit, moves }) : movesText(moves, last));
}

const widths = [40, 15, 11, 11, 11, 12, 8, 8] as const;
const header = line(['measurement', 'unit', 'median', 'best', 'wall', 'baseline', 'ratio', 'change'], 'result hash');

function line(cells: readonly string[], rest: string): string {
  return `${cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('')}  ${rest}`;
}

type Recorded = HistoryLine['results'][number];

function row(result: BenchResult, last: Recorded | undefined): string {
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
function changeOf({ unit, value, resultHash }: BenchResult, last: Recorded | undefined): string {
  if (last === undefined) return '';
  if (last.resultHash !== resultHash) return 'changed';
  const share = ratioOf(unit, value, last.value) - 1;
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

if (options.help) console.log(usage);
else await main();
