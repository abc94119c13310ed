import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { present } from '../errors.ts';
import { plural } from '../format.ts';
import { type Lake, ResultsStore, readInstrument, SpecFiles } from '../lake/index.ts';
import { promoteRun, runExperiment } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { defaultMemoryGb } from './options.ts';
import { programVersion } from './version.ts';

const packaged = (path: string) => fileURLToPath(new URL(`../../configs/${path}`, import.meta.url));

/**
 * Runs the demo's experiment on the demo's session and points `alias` at its best run: what `spymaster run` and
 * `spymaster promote` do, with the specs in `configs/`.
 */
export async function promoteBest(lake: Lake, alias: string, { output, interruptSignal }: Cli): Promise<void> {
  const specs = new SpecFiles(lake, await readInstrument(packaged('instrument.yaml')));
  const experiment = await specs.experiment(packaged('experiments/sweep_derivative.yaml'));
  const name = experiment.serving.pipeline.datasetId;
  const progress = output.progress({ label: `Generating ${name}`, unit: 'events', total: 1 });
  const { plans, statistics } = await runExperiment({
    lake,
    experiment,
    defaultWorkers: availableParallelism(),
    memoryBytes: defaultMemoryGb() * 1e9,
    keepGoing: false,
    force: false,
    codeVersion: programVersion(),
    now: () => new Date(),
    signal: interruptSignal(),
    onGenerate: (bytesRead, sizeBytes, events) => progress.update(bytesRead / sizeBytes, events),
    notice: (text) => output.note(text),
  }).finally(() => progress.stop());
  const plan = present(plans[0]);
  const best = statistics?.best ?? null;
  using store = await ResultsStore.open(lake);
  const runId = best?.runId ?? present(plan.cells[0]).runId;
  const now = () => new Date().toISOString();
  await promoteRun({ lake, store, experimentName: plan.experimentName, runId, alias, now });
  const chosen =
    best === null ? 'none traded often enough to be judged' : `the best traded ${plural(best.result.signals, 'time')}`;
  output.print(
    `Swept ${plural(plan.cells.length, 'cell')} of ${plan.signalName}, ${chosen}; promoted run ${runId.slice(0, 8)} as "${alias}".\n` +
      'The market is synthetic: the result shows the way, not an edge.',
  );
}
