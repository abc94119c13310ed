import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type ConfigKind, configKindOf, configKinds, locatedIn } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Lake, LoadedExperiment, SpecFiles } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption } from './options.ts';
import { warningLines } from './output.ts';

const examples = `
What kind of file it is shows in its keys; the specs that it names are checked with it.

Examples:
  $ npx spymaster validate configs/experiments/sweep_derivative.yaml
  $ npx spymaster validate instrument.yaml
  $ npx spymaster validate --write-schemas schemas      write JSON Schemas, for editors`;

interface ValidateOptions {
  readonly lakeRoot: string;
  readonly kind?: ConfigKind;
  readonly writeSchemas?: string;
  readonly json?: true;
}

/** Adds `validate`: checks a configuration file and everything that it names. */
export function addValidateCommand(program: Command, cli: Cli): void {
  program
    .command('validate')
    .description('check a configuration file and the specs that it names')
    .argument('[file]', 'an instrument, replay, pipeline, serving, experiment, campaign or published serving file')
    .option(...lakeRootOption)
    .addOption(new Option('--kind <kind>', 'what the file is, where its keys do not tell').choices(configKinds))
    .option('--write-schemas <folder>', 'write a JSON Schema for each kind of file')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string | undefined, options: ValidateOptions) => validate(file, options, cli));
}

async function validate(file: string | undefined, options: ValidateOptions, { output }: Cli): Promise<void> {
  if (options.writeSchemas !== undefined) {
    const written = await writeSchemas(options.writeSchemas);
    if (options.json) output.json({ written });
    else output.print(`Wrote ${plural(written.length, 'JSON Schema')} to ${options.writeSchemas}.`);
    return;
  }
  if (file === undefined) {
    throw new SpymasterError('USAGE', 'Cannot validate nothing: give a file, or --write-schemas and a folder.');
  }
  const { Lake } = await import('../lake/index.ts');
  const checked = await check(file, options.kind, new Lake(options.lakeRoot));
  if (options.json) output.json({ file, valid: true, ...checked });
  else {
    output.print(`${file} is a sound ${checked.kind.replaceAll('_', ' ')}: ${checked.about}`);
    for (const line of warningLines(checked.warnings ?? [])) output.print(line);
  }
}

interface Checked {
  readonly kind: ConfigKind;
  /** What it amounts to, a sentence. */
  readonly about: string;
  readonly dataset_id?: string;
  readonly cells?: number;
  /** What is sound and yet does not do what one would expect; sentences. */
  readonly warnings?: readonly string[];
}

async function check(file: string, givenKind: ConfigKind | undefined, lake: Lake): Promise<Checked> {
  const config = await import('../config/index.ts');
  const { instrumentPath, readInstrument, readYamlFile, SpecFiles } = await import('../lake/index.ts');
  const { value, origin } = await readYamlFile(file);
  const kind = givenKind ?? configKindOf(value);
  const specs = async () => new SpecFiles(lake, await readInstrument(instrumentPath(process.env)));
  switch (kind) {
    case 'instrument': {
      const runtime = config.parseRuntimeConfig(value, origin);
      return { kind, about: `${runtime.product_type} ${runtime.symbol}, version ${config.configVersion(runtime)}.` };
    }
    case 'replay': {
      const { runtime, stream_dt, stream_start_time } = config.parseReplayConfig(value, origin);
      return { kind, about: `${runtime.symbol} on ${stream_dt} from ${stream_start_time} New York time.` };
    }
    case 'published_serving': {
      const { serving_id, runtime_snapshot } = config.parsePublishedServing(value, origin);
      return { kind, about: `${serving_id}, ${runtime_snapshot.symbol} on ${runtime_snapshot.stream_dt}.` };
    }
    case 'pipeline': {
      const { datasetId } = await (await specs()).pipeline(file);
      return { kind, about: `its dataset is ${datasetId}.`, dataset_id: datasetId };
    }
    case 'serving': {
      const serving = await (await specs()).serving(file);
      const { parameterWarnings, servingParameters } = await import('../sweep/index.ts');
      const { name } = serving.spec.signal;
      const warnings = parameterWarnings(name, servingParameters(serving));
      const { datasetId } = serving.pipeline;
      return { kind, about: `${name} on the dataset ${datasetId}.`, dataset_id: datasetId, warnings };
    }
    case 'experiment':
      return checkExperiment(file, await specs());
    case 'campaign': {
      const { loadCampaign } = await import('./campaign.ts');
      const { campaignWarnings } = await import('../sweep/index.ts');
      const { spec, variants } = await loadCampaign(file);
      const datasets = new Set(variants.map(({ pipeline }) => pipeline.datasetId)).size;
      const about = `${plural(variants.length, 'variant')} on ${plural(datasets, 'dataset')}.`;
      return { kind, about, warnings: campaignWarnings(spec) };
    }
    case null:
      throw new SpymasterError(
        'CONFIG_INVALID',
        `Cannot tell what ${file} is: expected the keys of one of ${configKinds.join(', ')}; name it with --kind.`,
        { path: file },
      );
  }
}

/** An experiment's axes and parameters show whether they are sound when its cells are laid out. */
async function checkExperiment(file: string, specs: SpecFiles): Promise<Checked> {
  const { planSweep, sweepRequest, sweepWarnings } = await import('../sweep/index.ts');
  const experiment = await specs.experiment(file);
  const plan = planOf(() => planSweep(sweepRequest(experiment)), experiment);
  const { cells, signalName } = plan;
  const { datasetId } = experiment.serving.pipeline;
  return {
    kind: 'experiment',
    about: `${plural(cells.length, 'cell')} of ${signalName} on the dataset ${datasetId}.`,
    dataset_id: datasetId,
    cells: cells.length,
    warnings: sweepWarnings(plan),
  };
}

/** What a combination of values breaks is the experiment's, though no single line's, fault. */
function planOf<T>(plan: () => T, { origin, path }: LoadedExperiment): T {
  try {
    return plan();
  } catch (error) {
    throw error instanceof SpymasterError && error.fields.path !== path ? locatedIn(error, origin, ['sweep']) : error;
  }
}

async function writeSchemas(folder: string): Promise<string[]> {
  const { jsonSchema } = await import('../config/index.ts');
  const { writeFileAtomic } = await import('../files/index.ts');
  const paths = configKinds.map((kind) => ({ kind, path: join(folder, `${kind}.schema.json`) }));

  for (const { kind, path } of paths) await writeFileAtomic(path, `${JSON.stringify(jsonSchema(kind), null, 2)}\n`);
  return paths.map(({ path }) => path);
}
