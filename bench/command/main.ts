import { parseArgs } from 'node:util';
import type { BenchResult } from '../support/harness.ts';
import { compareWith, movesText } from './against.ts';
import { benchNames, loadBench } from './discover.ts';
import { type HistoryLine, historyOf, machineName, newestOf, record } from './history.ts';
import { peerTable } from './peer_table.ts';
import { benchHeader, benchRow, isEqual, peerHeader, peerRow } from './table.ts';

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
  const history = historyOf(machine);
  if (options.against !== undefined) return printMoves(history.at(-1), names.length > 0 ? names : benchNames());
  const benches = names.length > 0 ? names : options.peers ? [] : benchNames();
  // A tiny run has nothing to compare with.
  const recorded = newestOf(options.tiny ? [] : history);
  const results: BenchResult[] = [];
  const print = (text: string) => {
    if (!options.json) console.log(text);
  };
  print(`${machine}, Node ${process.versions.node}`);
  if (benches.length > 0) print(benchHeader);
  for (const bench of await Promise.all(benches.map(loadBench))) {
    for (const result of await bench({ tiny: options.tiny })) {
      results.push(result);
      print(benchRow(result, recorded.get(result.name)));
    }
  }
  if (options.peers) {
    const beside = await peerTable({ tiny: options.tiny });
    results.push(...beside);
    print([peerHeader(), ...beside.map(peerRow)].join('\n'));
  }
  if (options.json) console.log(JSON.stringify({ machine, node: process.versions.node, tiny: options.tiny, results }));
  for (const result of results.filter((each) => !isEqual(each))) {
    console.error(
      `${result.name}: expected the result of ${result.baselineName}, ${result.baselineHash}, got ${result.resultHash}.`,
    );
    process.exitCode = 1;
  }
  if (options.record && !options.tiny) console.error(await record(results));
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

if (options.help) console.log(usage);
else await main();
