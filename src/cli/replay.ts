import { resolve } from 'node:path';
import type { Command } from 'commander';
import { describeAnomalies } from '../engine/index.ts';
import { formatBytes, formatCount, formatDurationS, formatRate, plural } from '../format.ts';
import { snakeCaseKeys } from '../name_case.ts';
import type { ReplayFiles } from '../replay/index.ts';
import type { Cli } from './command.ts';
import { jsonOption } from './options.ts';
import { recordingGoesOn, tornTailSentence } from './recording_text.ts';

const examples = `
The configuration is a JSON or YAML file with runtime (every runtime field), stream_dt, stream_start_time and, if the
replay is to end before the file does, end_time: New York clock times inside the session of stream_dt. A futures
session is one UTC day: 20:00 is the evening before its date.

Examples:
  $ npx spymaster replay session.dbn.zst --config configs/replay.json --out out
  $ duckdb -c "from 'out/bins.parquet'"`;

interface ReplayOptions {
  readonly config: string;
  readonly out: string;
  readonly json?: true;
}

/** Adds `replay`: a file and a configuration become bins and grids in Parquet. */
export function addReplayCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'a DBN or DBZ file of the schema mbo, plain or zstd')
    .requiredOption('--config <file>', 'runtime fields, date, start and end')
    .requiredOption('--out <folder>', 'where bins.parquet and grid.parquet go, both or neither')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: ReplayOptions) => replay(file, options, cli));
}

async function replay(file: string, options: ReplayOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { replayCapture, tickSizeInt } = await import('../config/index.ts');
  const { describeCoverage, readReplayConfig } = await import('../lake/index.ts');
  const { openSession, writeReplayFiles } = await import('../replay/index.ts');
  const { isBeingRecorded } = await import('../files/index.ts');
  const config = await readReplayConfig(options.config);
  const { runtime, stream_dt: date } = config;
  const capture = replayCapture(config);
  const path = resolve(file);
  const isRecorded = isBeingRecorded(path);
  await using session = await openSession({ path, runtime, date, capture });
  const progress = output.progress({ label: 'Replaying', unit: 'events', total: session.source.sizeBytes });
  const startMs = performance.now();
  const result = await writeReplayFiles(session, resolve(options.out), {
    onProgress: (bytesRead, _sizeBytes, events) => progress.update(bytesRead, events),
    signal: interruptSignal(),
  }).finally(() => progress.stop());
  const wallS = (performance.now() - startMs) / 1000;
  const speed = {
    eventsPerS: result.counters.events / wallS,
    timesRealTime: (result.bins * runtime.cell_width_ms) / 1000 / wallS,
  };
  const subject = { capture, productType: runtime.product_type, tickInt: tickSizeInt(runtime) };
  const anomalies = [
    ...describeAnomalies(result.counters, result.startsFromKnownBook),
    ...describeCoverage(result.coverage, subject),
    ...(isRecorded || result.tornTail === null ? [] : [tornTailSentence(result.tornTail)]),
  ];
  const isGrowing = isRecorded && result.endsWithFile;
  if (options.json) output.json({ ...replayJson(result, anomalies, wallS, speed), is_being_recorded: isGrowing });
  else output.print(replayText(options.out, result, anomalies, wallS, speed));
  if (isGrowing) output.note(`To be known: ${recordingGoesOn}.`);
}

interface Speed {
  readonly eventsPerS: number;
  readonly timesRealTime: number;
}

function replayText(
  out: string,
  result: ReplayFiles,
  anomalies: readonly string[],
  wallS: number,
  speed: Speed,
): string {
  const { bins, counters, gridRows, binsFile, gridFile } = result;
  return [
    `Replayed ${plural(counters.events, 'event')} into ${plural(bins, 'bin')} in ${formatDurationS(wallS)}: ` +
      `${formatRate(speed.eventsPerS)} events/s, ${formatRate(speed.timesRealTime)} × real time.`,
    `Wrote ${out}: bins.parquet (${formatBytes(binsFile.fileBytes)}) and grid.parquet (${formatCount(gridRows)} rows, ` +
      `${formatBytes(gridFile.fileBytes)}).`,
    ...(anomalies.length === 0 ? ['No anomalies.'] : ['Anomalies:', ...anomalies.map((anomaly) => `  ${anomaly}`)]),
  ].join('\n');
}

function replayJson(result: ReplayFiles, anomalies: readonly string[], wallS: number, speed: Speed): object {
  const { counters, bins, gridRows, binsPath, binsFile, gridPath, gridFile, instrumentId } = result;
  const { events, fills, ...faults } = counters;
  const nonZero = Object.entries(faults).filter(([, count]) => count !== 0);
  return {
    events,
    bins,
    grid_rows: gridRows,
    wall_s: wallS,
    events_per_s: speed.eventsPerS,
    times_real_time: speed.timesRealTime,
    fills,
    instrument_id: instrumentId,
    counters: snakeCaseKeys(Object.fromEntries(nonZero)),
    anomalies,
    files: [
      { path: binsPath, bytes: binsFile.fileBytes },
      { path: gridPath, bytes: gridFile.fileBytes },
    ],
  };
}
