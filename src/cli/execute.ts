import { extname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SpymasterError } from '../errors.ts';
import type { ExecutionClock, StopTrigger } from '../execution/index.ts';
import type { RunMeta } from '../lake/index.ts';
import type { ExecutionTerms } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { executedText } from './executed_text.ts';
import { integerOption, jsonOption, lakeRootOption, numberOption } from './options.ts';

const examples = `
Each firing of the run sends an order to the real book of its session, and what is filled is left by take-profit, stop, time-out or
the session's end; docs/fills.md has the rules. Shown are fills, misses, slippage and net PnL with its interval, and the curve over
latency and entry beside the result at the mid. The lake keeps the result and its orders for the pages.

Examples:
  $ npx spymaster execute --run-id 3f9c2a1b
  $ npx spymaster execute --run-id 3f9c2a1b --entry join --latency-us 500,5000 --out orders.parquet
  $ npx spymaster execute --run-id 3f9c2a1b --fee-per-side 0.62 --json | jq '.curve[] | [.entry, .entry_latency_us, .mean_net_pnl_ticks]'`;

interface ExecuteOptions {
  readonly lakeRoot: string;
  readonly runId: string;
  readonly threshold?: number;
  readonly entry: 'market' | 'join';
  readonly ticksBehind: number;
  readonly latencyUs: readonly number[];
  readonly size: number;
  readonly maxWaitMs: number;
  readonly feeTicks?: number;
  readonly feePerSide?: number;
  readonly trigger: StopTrigger;
  readonly clock: ExecutionClock;
  readonly curve: boolean;
  readonly notFifo?: true;
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `execute`: what of a run survives its own orders. */
export function addExecuteCommand(command: Command, cli: Cli): void {
  command
    .requiredOption('--run-id <id>', 'the run, or the start of its id; see compare')
    .option('--threshold <value>', 'threshold that fires (default: the best of the run)', numberOption(-1e12, 1e12))
    .addOption(
      new Option('--entry <kind>', 'whether entries take, or join the queue of the best price of their side')
        .choices(['market', 'join'])
        .default('market'),
    )
    .option(
      '--ticks-behind <ticks>',
      'of a join, behind the best price; negative for inside',
      integerOption(-1000, 1000),
      0,
    )
    .option(
      '--latency-us <list>',
      'microseconds from a decision to the arrival of its order or cancel; several are executed side by side (500: a colocated machine)',
      latencies,
      [5000],
    )
    .option('--size <contracts>', 'of each entry', integerOption(1, 1_000_000), 1)
    .option('--max-wait-ms <ms>', "after which an entry's rest is cancelled", numberOption(0, 86_400_000), 2000)
    .addOption(
      new Option('--fee-ticks <ticks>', "a side and contract, in ticks (default: half the run's commission)")
        .argParser(numberOption(0, 1e6))
        .conflicts('feePerSide'),
    )
    .option(
      '--fee-per-side <money>',
      "a side and contract, in money by the instrument's multiplier",
      numberOption(0, 1e6),
    )
    .addOption(
      new Option(
        '--trigger <what>',
        'whether trades trigger a stop, or the best price at which the position could be left',
      )
        .choices(['trade', 'quote'])
        .default('trade'),
    )
    .addOption(
      new Option('--clock <clock>', 'whether orders arrive by ts_event or ts_recv')
        .choices(['event', 'recv'])
        .default('event'),
    )
    .option('--no-curve', 'leave out the curve over latency and entry')
    .option('--not-fifo', 'go on where the market does not execute first in, first out')
    .option('--out <file>', 'Parquet file to write too: a row for each order and each of its fills')
    .option('--force', 'replace an existing file')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: ExecuteOptions) => execute(options, cli));
}

function latencies(text: string): number[] {
  const values = text.split(',').map(Number);
  const isSound = values.every((us) => Number.isFinite(us) && us >= 0 && us <= 60_000_000);
  if (isSound && new Set(values).size === values.length) return values;
  throw new InvalidArgumentError('Expected different microseconds from 0 to 60000000, separated by commas.');
}

async function execute(options: ExecuteOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { buildFile, refuseExisting } = await import('../files/index.ts');
  const { Lake, ResultsStore } = await import('../lake/index.ts');
  const sweep = await import('../sweep/index.ts');
  const { out, entry, ticksBehind, size, maxWaitMs, trigger, clock } = options;
  const target = { force: options.force ?? false };
  if (out !== undefined) {
    if (extname(out).toLowerCase() !== '.parquet') {
      throw new SpymasterError('USAGE', `Cannot write orders to ${out}: give a name that ends in .parquet.`, {
        key: 'out',
      });
    }
    refuseExisting(out, target);
  }
  const lake = new Lake(options.lakeRoot);
  using store = await ResultsStore.open(lake);
  const { meta } = await sweep.runDetail(store, await sweep.findRunId(store, options.runId));
  const chosen = await sweep.chooseResult(store, meta, options.threshold);
  const { feeTicks, tickValue } = feesOf(options, meta);
  const terms = options.latencyUs.map((us): ExecutionTerms => {
    return { entry, ticksBehind, entryLatencyUs: us, exitLatencyUs: us, size, maxWaitMs, met: true };
  });
  const progress = output.progress({ label: 'Executing', unit: 'sessions', total: chosen.sessions.length });
  const executed = await sweep
    .executeRun({
      passes: new sweep.PassStore(lake, (text) => output.note(text)),
      ...{ lake, chosen, terms, trigger, clock, feeTicks, withCurve: options.curve, notFifo: options.notFifo ?? false },
      evaluator: new sweep.OutcomeEvaluator(lake),
      onSession: (done) => progress.update(done),
      signal: interruptSignal(),
    })
    .finally(() => progress.stop());
  const json = sweep.executedJson(executed, { meta, result: chosen.result, feeTicks, tickValue, trigger, clock });
  await sweep.keepExecution(lake, json, executed);
  if (out !== undefined) {
    await buildFile(resolve(out), target, (temporary) => sweep.writeOrdersParquet(temporary, executed.orders));
  }
  if (options.json) output.json(out === undefined ? json : { ...json, path: resolve(out) });
  else output.print(executedText(json, out === undefined ? null : resolve(out)));
}

/** The fee of a side and contract in ticks, and the money of a tick. */
function feesOf({ feeTicks, feePerSide }: ExecuteOptions, { resolvedJson, evalTickSize, commissionTicks }: RunMeta) {
  const { contract_multiplier } = (JSON.parse(resolvedJson) as { runtime: { contract_multiplier?: number } }).runtime;
  const tickValue = contract_multiplier === undefined ? null : contract_multiplier * evalTickSize;
  if (feePerSide === undefined) return { feeTicks: feeTicks ?? commissionTicks / 2, tickValue };
  if (tickValue !== null) return { feeTicks: feePerSide / tickValue, tickValue };
  throw new SpymasterError(
    'USAGE',
    'Cannot take --fee-per-side: the instrument of the run has no contract_multiplier, which gives a tick its money. Give --fee-ticks.',
    { key: 'fee-per-side' },
  );
}
