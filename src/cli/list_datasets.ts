import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import type { DatasetManifest } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { formatCount, formatTable } from './format.ts';
import { jsonOption, lakeRootOption } from './options.ts';

const examples = `
Examples:
  $ npx spymaster list-datasets
  $ npx spymaster list-datasets --lake-root /data/lake --json`;

/** Adds `list-datasets`: what datasets a lake holds. */
export function addListDatasetsCommand(program: Command, cli: Cli): void {
  program
    .command('list-datasets')
    .description('list the datasets of the lake')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: { readonly lakeRoot: string; readonly json?: true }) => listAll(options, cli));
}

async function listAll(options: { readonly lakeRoot: string; readonly json?: true }, { output }: Cli): Promise<void> {
  const { Lake, listDatasets, readManifest } = await import('../lake/index.ts');
  const lake = new Lake(options.lakeRoot);
  const datasets: DatasetManifest[] = [];
  const damaged: { dataset_id: string; problem: string }[] = [];
  for (const id of await listDatasets(lake)) {
    try {
      datasets.push(await readManifest(lake, id));
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      damaged.push({ dataset_id: id, problem: error.message });
    }
  }
  if (options.json) {
    const rows = datasets.map(({ dataset_id, spec, bins, rows, source, code_version }) => {
      return { dataset_id, pipeline: spec.name, capture: spec.capture, bins, rows, source, code_version };
    });
    output.json({ datasets: rows, damaged });
    return;
  }
  if (datasets.length > 0) {
    const columns = [
      { title: 'dataset' },
      { title: 'cell', align: 'right' },
      { title: 'bins', align: 'right' },
    ] as const;
    output.print(
      formatTable(
        [...columns, { title: 'grid rows', align: 'right' }, { title: 'made from' }],
        datasets.map(({ dataset_id, resolved_config, bins, rows, source }) => [
          dataset_id,
          `${resolved_config.cell_width_ms} ms`,
          formatCount(bins),
          formatCount(rows),
          source.file_name,
        ]),
      ),
    );
  } else if (damaged.length === 0) {
    output.print(`No dataset in ${lake.datasets()} yet: npx spymaster generate <pipeline.yaml> makes one.`);
  }
  for (const { problem } of damaged) output.note(problem);
}
