import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { ExperimentDocument, ReportDocument } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption } from './options.ts';
import { programVersion } from './version.ts';

const examples = `
Examples:
  $ npx spymaster report sweep_derivative                              the verdict, and the numbers that decided it
  $ npx spymaster report sweep_derivative --out report.html            one page that opens offline
  $ npx spymaster report sweep_derivative --json | jq .verdict`;

interface ReportOptions {
  readonly lakeRoot: string;
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `report`: the verdict on an experiment over all its sessions. */
export function addReportCommand(command: Command, cli: Cli): void {
  command
    .argument('<experiment>', 'name of an experiment that was run')
    .option('--out <file>', 'write a page to this file, whose name ends in .html')
    .option('--force', 'replace an existing file')
    .option(...anyLakeOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((experiment: string, options: ReportOptions) => report(experiment, options, cli));
}

async function report(experiment: string, options: ReportOptions, { output }: Cli): Promise<void> {
  const { refuseExisting, writeFileAtomic } = await import('../files/index.ts');
  const { ResultsStore, openLake } = await import('../lake/index.ts');
  const { experimentDocument, renderExperimentReport, withSessionFeeds } = await import('../sweep/index.ts');
  const { out } = options;
  const target = { force: options.force ?? false };
  if (out !== undefined) {
    if (extname(out).toLowerCase() !== '.html') {
      throw new SpymasterError('USAGE', `Cannot write a report to ${out}: give a name that ends in .html.`, {
        key: 'out',
      });
    }
    refuseExisting(out, target);
  }
  const lake = await openLake(options.lakeRoot);
  using store = await ResultsStore.open(lake);
  const timestampUtc = new Date().toISOString();
  const today = timestampUtc.slice(0, 10);
  const look = { shownBy: 'report', timestampUtc } as const;
  const document = await withSessionFeeds(lake, await experimentDocument(store, experiment, today, look));
  if (out !== undefined) {
    await writeFileAtomic(resolve(out), await renderExperimentReport(document, programVersion()));
  }
  if (options.json) output.json(document);
  else {
    const wrote = out === undefined ? [] : [`Wrote ${resolve(out)}.`];
    output.print([documentText(document), ...daysText(document), ...wrote].join('\n'));
  }
}

/** Days that the text names one by one; the page and the JSON have all. */
const namedDays = 20;

/** Days that are left out and sessions whose feed has anomalies, a line each. */
function daysText({ left_out, sessions }: ReportDocument): string[] {
  const odd = sessions.flatMap(({ date, anomalies }) =>
    anomalies?.length === 0 ? [] : [`  ${date}  ${anomalies?.join('; ') ?? 'the lake no longer has its dataset'}`],
  );
  const listed = (title: string, lines: readonly string[]) => {
    if (lines.length === 0) return [];
    const rest = lines.length - namedDays;
    return [title, ...lines.slice(0, namedDays), ...(rest > 0 ? [`  and ${plural(rest, 'day')} more`] : [])];
  };
  return [
    ...listed('Left out:', left_out.map(({ date, reason }) => `  ${date}  ${reason}`).sort()),
    ...listed('Anomalies of feeds:', odd),
  ];
}

/** The verdict and its numbers as lines. */
export function documentText({
  experiment_name,
  verdict,
  scope,
  sessions,
  left_out,
  family,
  is_before_costs,
  looks,
  notes,
  walk_forward: walk,
}: ExperimentDocument): string {
  return [
    `${experiment_name}: ${verdict.headline}.${is_before_costs ? ' Before costs.' : ''}`,
    verdict.sentence,
    ...(verdict.sensitivity === null ? [] : [verdict.sensitivity]),
    looks.sentence,
    ...(looks.unkept === null ? [] : [looks.unkept]),
    ...(walk === null || walk.count_sentence === '' ? [] : [walk.count_sentence]),
    ...notes,
    `${plural(sessions.length, 'session')}${scope === null ? '' : ` (${scope})`}, ${plural(left_out.length, 'day')} left out; ` +
      `${family.tested} of ${plural(family.distinct, 'different trial')} of the family tested, over ` +
      `${plural(family.clusters, family.is_by_sessions ? 'session' : 'block')}.` +
      (family.deleted === 0 ? '' : ` Of ${plural(family.deleted, 'trial')} the results were deleted; they count.`),
  ].join('\n');
}
