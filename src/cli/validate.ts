import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type ConfigKind, configKindOf, configKinds } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption, signalsOption } from './options.ts';
import { type Output, warningLines } from './output.ts';

const examples = `
What kind of file it is shows in its keys; the specs that it names are checked with it. --fix writes specs of the program that
this one replaces in today's form, beside the file, says what changed, and writes nothing when there is no such form.

Examples:
  $ npx spymaster validate configs/experiments/sweep_derivative.yaml
  $ npx spymaster validate instrument.yaml
  $ npx spymaster validate old/tune_derivative.yaml --fix
  $ npx spymaster validate --write-schemas schemas      write JSON Schemas, for editors`;

interface ValidateOptions {
  readonly lakeRoot: string;
  readonly kind?: ConfigKind;
  readonly writeSchemas?: string;
  readonly fix?: true;
  readonly out?: string;
  readonly signals?: string;
  readonly json?: true;
}

/** Adds `validate`: checks a configuration file and everything that it names. */
export function addValidateCommand(command: Command, cli: Cli): void {
  command
    .argument(
      '[file]',
      'an instrument, replay, pipeline, serving, experiment, campaign, alerts or published serving file',
    )
    .option(...lakeRootOption)
    .addOption(new Option('--kind <kind>', 'what the file is, where its keys do not tell').choices(configKinds))
    .option('--fix', "write today's form of a file of an older form, and of the specs that it needs, into a folder")
    .option('--out <folder>', 'the folder for --fix (default: `fixed` beside the file)')
    .option(...signalsOption)
    .option('--write-schemas <folder>', 'write a JSON Schema for each kind of file')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string | undefined, options: ValidateOptions) => validate(file, options, cli));
}

async function validate(file: string | undefined, options: ValidateOptions, cli: Cli): Promise<void> {
  const { output } = cli;
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
  const lake = new Lake(options.lakeRoot);
  if (options.fix && (await fix(file, options, lake, output))) return;
  const { useUserSignals } = await import('./run.ts');
  await useUserSignals(lake, file, options.signals, cli);
  const checked = await check(file, options.kind, lake);
  if (options.json) output.json({ file, valid: true, ...checked });
  else {
    const words = kindWords[checked.kind] ?? checked.kind.replaceAll('_', ' ');
    output.print(`${file} is a sound ${words}: ${checked.about}`);
    for (const line of warningLines(checked.warnings ?? [])) output.print(line);
  }
}

/** Writes today's form of a file of the replaced program; false when it has that form. */
async function fix(file: string, options: ValidateOptions, lake: Lake, output: Output): Promise<boolean> {
  const { fixFile } = await import('./validate_fix.ts');
  const fixed = await fixFile({ file, lake, out: options.out });
  if (fixed === null) return false;
  if (options.json) output.json({ file, valid: false, ...fixed });
  else {
    const state = (isNew: boolean) => (isNew ? 'wrote' : 'is there as it should be:');
    output.print(`${file} has an older form, and stays as it is. Today's form of it:`);
    for (const { path, is_new } of fixed.written) output.print(`  ${state(is_new)} ${path}`);
    output.print('What is said otherwise:');
    for (const change of fixed.changes) output.print(`  ${change}`);
  }
  return true;
}

/** Kinds whose name alone does not say what the file is. */
const kindWords: Partial<Record<ConfigKind, string>> = { alerts: 'file of alerts', features: 'feature list' };

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
  const specs = async () => new SpecFiles(lake, await readInstrument(instrumentPath(process.env, file)));
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
      const files = await specs();
      if ((await files.template(file, 'root')).spec.capture.dt === undefined) {
        return { kind, about: 'its days are given by the sessions of experiments.' };
      }
      const { datasetId } = await files.pipeline(file);
      return { kind, about: `its dataset is ${datasetId}.`, dataset_id: datasetId };
    }
    case 'serving': {
      const files = await specs();
      const template = await files.servingTemplate(file, 'root');
      const isDated = template.pipeline.spec.capture.dt !== undefined;
      const serving = isDated ? await files.serving(file) : template;
      const { parameterWarnings, servingParameters } = await import('../sweep/index.ts');
      const { name } = serving.spec.signal;
      const warnings = parameterWarnings(name, servingParameters(serving));
      if (!('datasetId' in serving.pipeline)) {
        return { kind, about: `${name} on the sessions of experiments.`, warnings };
      }
      const { datasetId } = serving.pipeline;
      return { kind, about: `${name} on the dataset ${datasetId}.`, dataset_id: datasetId, warnings };
    }
    case 'experiment': {
      const { checkExperiment } = await import('../sweep/index.ts');
      return { kind, ...checkExperiment(await (await specs()).anyExperiment(file)) };
    }
    case 'campaign': {
      const { loadCampaign } = await import('./campaign.ts');
      const { campaignWarnings } = await import('../sweep/index.ts');
      const { spec, variants } = await loadCampaign(file);
      const datasets = new Set(variants.map(({ pipeline }) => pipeline.datasetId)).size;
      const about = `${plural(variants.length, 'variant')} on ${plural(datasets, 'dataset')}.`;
      return { kind, about, warnings: campaignWarnings(spec) };
    }
    case 'alerts': {
      const { alerts, webhooks } = config.parseAlertsSpec(value, origin);
      const names = alerts.map(({ name }) => name).join(', ');
      const about = `${plural(alerts.length, 'rule')} (${names}), ${plural(Object.keys(webhooks).length, 'webhook')}.`;
      return { kind, about };
    }
    case 'features': {
      const { layOutFeatures } = await import('../signals/index.ts');
      const { features, columns, warmUpBins } = layOutFeatures(config.parseFeatureListSpec(value, origin).features);
      const about = `${plural(features.length, 'feature')} of ${columns.join(', ')}, the first at bin ${warmUpBins}.`;
      return { kind, about };
    }
    case null:
      throw new SpymasterError(
        'CONFIG_INVALID',
        `Cannot tell what ${file} is: expected the keys of one of ${configKinds.join(', ')}; name it with --kind.`,
        { path: file },
      );
  }
}

async function writeSchemas(folder: string): Promise<string[]> {
  const { jsonSchema } = await import('../config/index.ts');
  const { writeFileAtomic } = await import('../files/index.ts');
  const paths = configKinds.map((kind) => ({ kind, path: join(folder, `${kind}.schema.json`) }));

  for (const { kind, path } of paths) await writeFileAtomic(path, `${JSON.stringify(jsonSchema(kind), null, 2)}\n`);
  return paths.map(({ path }) => path);
}
