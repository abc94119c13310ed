import type { Command } from 'commander';
import type { SignalDefinition } from '../signals/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption, signalsOption } from './options.ts';
import { formatTable } from './table.ts';

interface ListOptions {
  readonly lakeRoot: string;
  readonly signals?: string;
  readonly json?: true;
}

/** Adds `list-signals`: what signals there are, and what they take. */
export function addListSignalsCommand(command: Command, cli: Cli): void {
  command
    .option(...signalsOption)
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExamples:\n  $ npx spymaster list-signals\n  $ npx spymaster list-signals --json')
    .action((options: ListOptions) => listSignals(options, cli));
}

async function listSignals({ lakeRoot, signals: folder, json }: ListOptions, { output }: Cli): Promise<void> {
  const { feltFields, knownSignals } = await import('../signals/index.ts');
  const { Lake } = await import('../lake/index.ts');
  const { readCheck, registerUserSignals } = await import('../user_signals/index.ts');
  const lake = new Lake(lakeRoot);
  const failures = await registerUserSignals({ lake, folder });
  const sources = new Map<string, object>();
  for (const { name, source, imported } of knownSignals()) {
    if (source === undefined) continue;
    const check = await readCheck(lake, source.hash);
    const state =
      imported !== undefined ? 'imported' : check === null ? 'unchecked' : check.passed ? 'passed' : 'failed';
    sources.set(name, { path: `${source.folder}/${source.entry}`, hash: source.hash, check: state });
  }
  if (json) {
    output.json({
      signals: knownSignals().map((definition) => {
        const { name, about, columns, parameters, thresholds, bound } = definition;
        const shown = { name, about, columns, parameters, thresholds, bound };
        const source = sources.get(name);
        return { ...shown, felt_fields: [...feltFields(definition)].sort(), ...(source && { source }) };
      }),
      ...(failures.size === 0
        ? {}
        : { failed: Array.from(failures, ([name, error]) => ({ name, reason: error.message })) }),
    });
    return;
  }
  for (const definition of knownSignals()) output.print(await signalText(definition, sources.get(definition.name)));
  for (const [name, error] of failures) output.print(`${name}: left out. ${error.message}`);
}

async function signalText(definition: SignalDefinition, source: object | undefined): Promise<string> {
  const { allowedText, feltFields } = await import('../signals/index.ts');
  const { name, about, columns: read, parameters, thresholds, bound } = definition;
  const unit =
    thresholds.kind === 'score' ? '' : ` (percentiles of |score| over the past ${thresholds.windowBins} bins)`;
  const rows = parameters.map((spec) => [
    `  ${spec.name}`,
    'list' in spec ? JSON.stringify(spec.default) : String(spec.default),
    allowedText(spec),
    spec.about,
  ]);
  const columns = [{ title: '  parameter' }, { title: 'default' }, { title: 'allowed' }, { title: 'meaning' }];
  return [
    `${name}: ${about}`,
    ...(source === undefined ? [] : [`  your own: ${Object.values(source).join(', ')}`]),
    `  thresholds ${thresholds.values.join(', ')}${unit}`,
    `  scores ${bound === null ? 'of any size' : `from −${bound} to ${bound}`}`,
    ...(read.length === 0 ? [] : [`  reads ${read.join(', ')}`]),
    `  its firings depend on ${[...feltFields(definition)].sort().join(', ')}`,
    `${formatTable(columns, rows)}\n`,
  ].join('\n');
}
