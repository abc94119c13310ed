import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatCount } from '../format.ts';
import type { DatasetManifest } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption } from './options.ts';
import { formatTable } from './table.ts';

const examples = `
The last column compares the raw file with what the dataset was made from, by hashes that \`generate\`, \`run\` and \`doctor\`
keep in the lake's cache: this command reads no raw file.

Examples:
  $ npx spymaster list-datasets
  $ npx spymaster list-datasets --lake-root /data/lake --json`;

const rawStates = { same: 'same', differs: 'differs', missing: 'missing', unknown: 'not hashed yet' } as const;

/** Adds `list-datasets`: what datasets a lake holds. */
export function addListDatasetsCommand(command: Command, cli: Cli): void {
  command
    .option(...anyLakeOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: { readonly lakeRoot: string; readonly json?: true }) => listAll(options, cli));
}

async function listAll(options: { readonly lakeRoot: string; readonly json?: true }, { output }: Cli): Promise<void> {
  const { findDataset, listDatasets, matchRawFiles, rawNotice, openLake } = await import('../lake/index.ts');
  const lake = await openLake(options.lakeRoot);
  const datasets: DatasetManifest[] = [];
  const damaged: { dataset_id: string; problem: string; foreign?: true }[] = [];
  for (const id of await listDatasets(lake)) {
    try {
      const manifest = await findDataset(lake, id);
      if (manifest !== null) datasets.push(manifest);
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      damaged.push({
        dataset_id: id,
        problem: error.message,
        ...(error.fields.foreign === true ? { foreign: true } : {}),
      });
    }
  }
  const matches = await matchRawFiles(lake, datasets, { hash: false });
  if (options.json) {
    const rows = datasets.map(({ dataset_id, spec, bins, rows, source, code_version }) => {
      const about = { dataset_id, pipeline: spec.name, capture: spec.capture };
      return { ...about, bins, rows, source, raw_file: matches.get(dataset_id) ?? null, code_version };
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
        [...columns, { title: 'grid rows', align: 'right' }, { title: 'made from' }, { title: 'raw file' }],
        datasets.map(({ dataset_id, resolved_config, bins, rows, source }) => [
          dataset_id,
          `${resolved_config.cell_width_ms} ms`,
          formatCount(bins),
          formatCount(rows),
          source.file_name,
          rawStates[matches.get(dataset_id)?.state ?? 'unknown'],
        ]),
      ),
    );
    for (const [datasetId, match] of matches) {
      const text = match.state === 'differs' ? rawNotice(datasetId, match) : null;
      if (text !== null) output.note(text);
    }
  } else if (damaged.length === 0) {
    output.print(`No dataset in ${lake.datasets()} yet: npx spymaster generate <pipeline.yaml> makes one.`);
  }
  for (const { problem } of damaged) output.note(problem);
}
