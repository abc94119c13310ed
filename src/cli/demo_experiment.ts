import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { present } from '../errors.ts';
import { plural } from '../format.ts';
import { type Lake, ResultsStore, readInstrument, SpecFiles } from '../lake/index.ts';
import { generateDatasets } from '../replay/index.ts';
import { resolveSessions } from '../sessions/index.ts';
import { experimentDocument, promoteRun, runExperiment } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import type { DemoSessions } from './demo_lake.ts';
import { defaultMemoryGb } from './options.ts';
import { documentText } from './report.ts';
import type { SessionRequest } from './session_file.ts';
import { programVersion } from './version.ts';

const packaged = (path: string) => fileURLToPath(new URL(`../../configs/${path}`, import.meta.url));

/** How the demo runs an experiment, whatever it is. */
function runOptions({ output, interruptSignal }: Cli) {
  return {
    defaultWorkers: availableParallelism(),
    memoryBytes: defaultMemoryGb() * 1e9,
    keepGoing: false,
    force: false,
    codeVersion: programVersion(),
    now: () => new Date(),
    signal: interruptSignal(),
    notice: (text: string) => output.note(text),
  };
}

/**
 * Runs the demo's experiment on the demo's session and points `alias` at its best run: what `spymaster run` and
 * `spymaster promote` do, with the specs in `configs/`.
 */
export async function promoteBest(lake: Lake, alias: string, cli: Cli): Promise<void> {
  const { output } = cli;
  const { sweep: experiment } = await loadExperiments(lake);
  const { plans, statistics } = await runExperiment({ ...runOptions(cli), ...{ lake, experiment } });
  const plan = present(plans[0]);
  const best = statistics?.best ?? null;
  using store = await ResultsStore.open(lake);
  const runId = best?.runId ?? plan.cells.at(0).runId;
  const now = () => new Date().toISOString();
  await promoteRun({ lake, store, experimentName: plan.experimentName, runId, alias, now });
  const chosen =
    best === null
      ? 'none can be tested on a session this short'
      : `the best traded ${plural(best.result.signals, 'time')}`;
  output.print(
    `Swept ${plural(plan.cells.length, 'cell')} of ${plan.signalName}, ${chosen}; promoted run ${runId.slice(0, 8)} as "${alias}".\n` +
      'The market is synthetic: the result shows the way, not an edge.',
  );
}

/** Short and thin, so that five of them are made in a moment. */
const edgeSession = { start: '09:28', minutes: 7, rate: 100 };

/** Days on which the demo's market has a planted edge. */
const edgeDates = ['2026-01-26', '2026-01-27', '2026-01-28', '2026-01-29', '2026-01-30'];

/** Makes the five days of the question. */
export async function makeEdgeDays(symbol: string, sessions: DemoSessions, cli: Cli): Promise<void> {
  const { output, interruptSignal } = cli;
  const making = output.progress({ label: 'Making five days with an edge', unit: 'records', total: edgeDates.length });
  let records = 0;
  for (const [day, date] of edgeDates.entries()) {
    let made = 0;
    const request: SessionRequest = { ...{ profile: 'edge', seed: 30 + day, symbol, date }, ...edgeSession };
    await sessions.file(request, {
      onProgress: (timeS, count) => {
        made = count;
        making.update(day + timeS / (request.minutes * 60), records + count);
      },
      signal: interruptSignal(),
    });
    records += made;
  }
  making.stop();
}

/** The demo's experiments, in the order in which they are run. */
async function loadExperiments(lake: Lake) {
  const specs = new SpecFiles(lake, await readInstrument(packaged('instrument.yaml')));
  return {
    sweep: await specs.experiment(packaged('experiments/sweep_derivative.yaml')),
    edge: await specs.anyExperiment(packaged('experiments/edge_demo.yaml')),
  };
}

/** Makes the datasets of both experiments side by side, so that all cores have work; what fails is told by the run that needs it. */
export async function makeDatasets(lake: Lake, cli: Cli): Promise<void> {
  const { defaultWorkers: maxWorkers, memoryBytes, codeVersion, signal } = runOptions(cli);
  const { sweep, edge } = await loadExperiments(lake);
  const days = edge.sessions === null ? [] : (await resolveSessions(lake, edge)).sessions;
  // The longest first.
  const pipelines = [sweep.serving.pipeline, ...days.map(({ pipeline }) => pipeline)];
  const progress = cli.output.progress({ label: 'Generating datasets', unit: 'events', total: pipelines.length });
  await generateDatasets({
    ...{ lake, pipelines, maxWorkers, memoryBytes, codeVersion, signal },
    expectedPeakBytes: 1e9,
    keepGoing: true,
    onProgress: (datasets, events) => progress.update(datasets, events),
    onDone: () => {},
  }).finally(() => progress.stop());
  signal.throwIfAborted();
}

/**
 * Asks one question of five short days with a planted edge, and prints the verdict: what `spymaster run` and `spymaster report`
 * do over many sessions; `isByFleet`: its cells are run by workers and a queue.
 */
export async function findEdge(lake: Lake, cli: Cli, isByFleet = false): Promise<void> {
  const { output } = cli;
  const { edge: experiment } = await loadExperiments(lake);
  if (isByFleet) await (await import('./demo_fleet.ts')).runByFleet(lake, experiment, cli);
  await runExperiment({ ...runOptions(cli), ...{ lake, experiment } });
  using store = await ResultsStore.open(lake);
  const { name } = experiment.spec;
  const timestampUtc = new Date().toISOString();
  const look = { shownBy: 'report', timestampUtc } as const;
  output.print(documentText(await experimentDocument(store, name, timestampUtc.slice(0, 10), look)));
}
