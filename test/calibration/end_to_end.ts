import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { readLines } from './chunk_file.ts';
import { type ExperimentResult, experimentResult } from './experiment.ts';
import { experimentTable } from './experiment_table.ts';
import { NullLake, nullDates } from './null_lake.ts';
import { holdsBound, markdownTable, tableText } from './table.ts';

/*
 * Calibration end to end: files of the market `null`, datasets, a sweep with all signals, the real judge.
 * `node test/calibration/end_to_end.ts --out FILE` makes the groups of twelve days that FILE lacks, adds a line to it for
 * each, and prints the table of all that it has. Each day is an experiment of one session, the group one of twelve, each
 * with and without costs. Stopping it loses the group under way; starting it again goes on. Exit code 1 when a number
 * misses its bound.
 */
interface Group {
  readonly group: number;
  readonly experiments: readonly ExperimentResult[];
}

/** Runs the experiments of group `group` on the first `days` of its days. */
export async function runGroup(group: number, days = nullDates.length): Promise<Group> {
  const dates = nullDates.slice(0, days);
  const lake = await NullLake.create(dates, 1 + group * nullDates.length);
  try {
    const experiments: ExperimentResult[] = [];
    const run = async (name: string, on: readonly string[]) => {
      for (const costs of ['half', 'none'] as const) {
        experiments.push(experimentResult(await lake.run(`${name}_${costs}`, on, costs), costs));
      }
    };
    for (const [day, date] of dates.entries()) await run(`day_${day + 1}`, [date]);
    if (days > 1) await run('all_days', dates);
    return { group, experiments };
  } finally {
    lake.remove();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'calibration_end_to_end.jsonl' },
      budget: { type: 'string', default: '7200' },
      // 204 experiments of one session.
      groups: { type: 'string', default: '17' },
      markdown: { type: 'boolean', default: false },
    },
  });
  mkdirSync(dirname(values.out), { recursive: true });
  const results = readLines<Group>(values.out);
  const done = new Set(results.map(({ group }) => group));
  const end = Date.now() + 1000 * Number(values.budget);
  for (let group = 0; group < Number(values.groups) && Date.now() < end; group++) {
    if (done.has(group)) continue;
    const result = await runGroup(group);
    results.push(result);
    appendFileSync(values.out, `${JSON.stringify(result)}\n`);
  }
  const rows = experimentTable(results.flatMap(({ experiments }) => experiments));
  console.log(values.markdown ? markdownTable(rows) : tableText(rows));
  console.log(`${results.length} of ${values.groups} groups of ${nullDates.length} days in ${values.out}`);
  process.exitCode = rows.every(holdsBound) ? 0 : 1;
}

if (import.meta.main) await main();
