import type { Command } from 'commander';
import type { Cli } from './command.ts';
import { jsonOption } from './options.ts';
import { formatTable } from './table.ts';

/** Adds `list-signals`: what signals there are, and what they take. */
export function addListSignalsCommand(program: Command, cli: Cli): void {
  program
    .command('list-signals')
    .description('list the signals with their parameters and thresholds')
    .option(...jsonOption)
    .addHelpText('after', '\nExamples:\n  $ npx spymaster list-signals\n  $ npx spymaster list-signals --json')
    .action((options: { readonly json?: true }) => listSignals(options, cli));
}

async function listSignals(options: { readonly json?: true }, { output }: Cli): Promise<void> {
  const { allowedText, feltFields, signals } = await import('../signals/index.ts');
  if (options.json) {
    output.json({
      signals: signals.map((definition) => {
        const { name, about, columns, parameters, thresholds, bound } = definition;
        return { name, about, columns, parameters, thresholds, bound, felt_fields: [...feltFields(definition)].sort() };
      }),
    });
    return;
  }
  for (const definition of signals) {
    const { name, about, columns: read, parameters, thresholds, bound } = definition;
    const unit =
      thresholds.kind === 'score' ? '' : ` (percentiles of |score| over the past ${thresholds.windowBins} bins)`;
    output.print(`${name}: ${about}`);
    output.print(`  thresholds ${thresholds.values.join(', ')}${unit}`);
    output.print(`  scores ${bound === null ? 'of any size' : `from −${bound} to ${bound}`}`);
    output.print(`  reads ${read.join(', ')}`);
    output.print(`  its firings depend on ${[...feltFields(definition)].sort().join(', ')}`);
    const rows = parameters.map((spec) => [`  ${spec.name}`, String(spec.default), allowedText(spec), spec.about]);
    const columns = [{ title: '  parameter' }, { title: 'default' }, { title: 'allowed' }, { title: 'meaning' }];
    output.print(`${formatTable(columns, rows)}\n`);
  }
}
