import { Command, CommanderError, Help } from 'commander';
import { exitCode, present, SpymasterError } from '../errors.ts';
import type { Cli } from './command.ts';
import { commands } from './commands.ts';
import { interrupts } from './interrupts.ts';
import { Output, type OutputStreams } from './output.ts';
import { programVersion } from './version.ts';

const examples = `
Examples:
  $ npx spymaster synth --out session.dbn.zst            make a synthetic market session
  $ npx spymaster inspect session.dbn.zst                see what is in a file
  $ npx spymaster replay session.dbn.zst --config configs/replay.json --out out
  $ npx spymaster serve --lake-root lake                 stream it to the browser

Exit codes: 0 done, 1 failed (one sentence says why), 2 wrong usage, 70 a defect of Spymaster, 130 interrupted.
Run \`npx spymaster <command> --help\` for the options of a command.`;

/** The command line as a commander program that throws instead of exiting; can run the command that `words` ask for. */
async function createProgram(cli: Cli, words: readonly string[]): Promise<Command> {
  const program: Command = new Command('spymaster')
    .description('Order-book research: replay Databento MBO files, see pressure and vacuum, test signals.')
    .version(programVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({
      helpWidth: 110,
      // A command that is not loaded has no options and arguments of its own.
      subcommandTerm: (command) => {
        const listed = command.parent === program ? commands.get(command.name()) : undefined;
        return listed === undefined ? new Help().subcommandTerm(command) : `${command.name()} ${listed.usage}`.trim();
      },
    })
    .addHelpText('after', examples)
    .exitOverride()
    // Usage errors are printed once, by run, in the shape of every other error.
    .configureOutput({ writeOut: (text) => cli.output.print(text.trimEnd()), writeErr: () => {} });
  const asked = words.find((word) => commands.has(word));
  for (const [name, { group, description, load }] of commands) {
    const command = program.command(name).description(description).helpGroup(`${group}:`);
    if (name === asked) (await load())(command, cli);
  }
  // After the others, which would have it too: theirs stand under "Commands".
  const help = new Command('help').argument('[command]').description('show the help of a command');
  const { group } = present([...commands.values()].at(-1));
  program.addHelpCommand(help.helpGroup(`${group}:`));
  return program;
}

function usageError(error: CommanderError, program: Command, words: readonly string[]): SpymasterError {
  const named = program.commands.find((command) => words.includes(command.name()));
  const help = `spymaster${named === undefined ? '' : ` ${named.name()}`} --help`;
  if (error.code === 'commander.help') {
    const [word, unknown] = words;
    if (word === 'help') {
      return new SpymasterError('USAGE', `Unknown command '${unknown}'. Run \`npx ${help}\` to see what is possible.`);
    }
    return new SpymasterError(
      'USAGE',
      `Nothing to do: expected a command after ${words.join(' ')}. Run \`npx ${help}\` to see what is possible.`,
    );
  }
  const said = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  const sentence = said.charAt(0).toUpperCase() + said.slice(1) + (/[.?)]$/.test(said) ? '' : '.');
  return new SpymasterError('USAGE', `${sentence} Run \`npx ${help}\` to see what is possible.`);
}

/**
 * Runs the command line and gives the exit code.
 *
 * @param words - what follows the command's own name
 */
export async function run(words: readonly string[], streams: OutputStreams): Promise<number> {
  const output = new Output(streams);
  using interrupted = interrupts((name) => {
    if (name === 'SIGINT' && streams.stderr.isTTY === true)
      output.note('\nStopping. Press Ctrl-C again to stop at once.');
  });
  let program: Command | null = null;
  try {
    program = await createProgram({ output, interruptSignal: interrupted.signal }, words);
    await program.parseAsync(words.length === 0 ? ['--help'] : words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || program === null) output.error(error, words.includes('--json'));
    else if (error.exitCode !== 0) output.error(usageError(error, program, words), words.includes('--json'));
  }
  return output.exitCode;
}

/** Runs a command line as `process.argv` has it, the process's by default, and sets the exit code when it failed. */
export async function main(argv: readonly string[], streams: OutputStreams = process): Promise<void> {
  const code = await run(argv.slice(2), streams);
  if (code !== exitCode.ok) process.exitCode = code;
}
