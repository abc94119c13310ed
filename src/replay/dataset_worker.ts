import { join } from 'node:path';
import { notNull, SpymasterError } from '../errors.ts';
import { Workspace } from '../files/index.ts';
import { datasetFiles, findRawFile, gridColumnsOf, Lake } from '../lake/index.ts';
import { defaultSignal } from '../signals/index.ts';
import type { DatasetJob, DatasetReply, Measured } from './dataset_job.ts';
import { generateDataset } from './generate_dataset.ts';
import { openSession } from './session.ts';
import { writeSessionFiles } from './session_files.ts';

/*
 * A process that makes datasets, one at a time, for the process that started it: its memory is measured by the system, and
 * it ends with the other, clearing up what it had begun.
 */

/** A stretch is long enough to measure when its bins took this long, and is not longer than it needs to be. */
const measuredMs = 1500;
const progressMs = 200;

const ending = new AbortController();
/** Sends to the parent process; a parent that is gone is reported by `disconnect` and ignored here. */
const reply = (message: DatasetReply): void => void (process.connected && process.send?.(message, () => {}));

async function make({ lakeRoot, pipeline, codeVersion }: DatasetJob): Promise<DatasetReply> {
  let shownMs = 0;
  const lake = new Lake(lakeRoot);
  const { isNew, manifest } = await generateDataset({
    lake,
    pipeline: { ...pipeline, path: '' },
    codeVersion,
    signal: ending.signal,
    onProgress: (bytesRead, sizeBytes, events) => {
      if (performance.now() - shownMs < progressMs) return;
      shownMs = performance.now();
      reply({ kind: 'progress', share: bytesRead / sizeBytes, events });
    },
  }).finally(() => lake.storage?.close());
  return { kind: 'made', datasetId: manifest.dataset_id, isNew, peakBytes: peakBytes() };
}

/** Makes the first bins of a dataset in a folder that is thrown away, as long as it takes to tell how fast that is. */
async function measure({ lakeRoot, pipeline }: DatasetJob): Promise<DatasetReply> {
  const lake = new Lake(lakeRoot);
  const { runtime, capture, spec } = pipeline;
  const { product_type, symbol, dt: date } = spec.capture;
  const path = await findRawFile(lake, product_type, symbol, date);
  await using workspace = await Workspace.create(lake.datasets(`measure-${pipeline.datasetId}`));
  const startMs = performance.now();
  let firstMs = 0;
  let bins = 0;
  await using session = await openSession({ path, runtime, date, capture, makesFeatures: true });
  const enough = new AbortController();
  const written = await writeSessionFiles(
    {
      ...session,
      // A session that is ended early: what was computed until then is written like any other.
      run: async (watcher) => {
        try {
          return await session.run({
            ...watcher,
            signal: AbortSignal.any([enough.signal, ending.signal]),
            onBin: (bin, frame, features) => {
              if (bins++ === 0) firstMs = performance.now();
              if (performance.now() - firstMs > measuredMs) enough.abort();
              return watcher.onBin(bin, frame, features);
            },
          });
        } catch (error) {
          if (!enough.signal.aborted || ending.signal.aborted) throw error;
          return { bins } as Awaited<ReturnType<typeof session.run>>;
        }
      },
    },
    {
      binsPath: join(workspace.path, datasetFiles.bins),
      binColumns: ['bin_seq'],
      gridPath: join(workspace.path, datasetFiles.grid),
      gridColumns: gridColumnsOf(spec),
      omitZeroRows: true,
      signalName: defaultSignal.name,
      featuresPath: join(workspace.path, datasetFiles.features),
    },
    {},
  );
  const measured: Measured = {
    leadInS: (firstMs - startMs) / 1000,
    bins,
    secondsPerBin: (performance.now() - firstMs) / 1000 / bins,
    bytesPerBin: (written.gridFile.fileBytes + notNull(written.featuresFile).fileBytes) / bins,
    peakBytes: peakBytes(),
  };
  return { kind: 'measured', measured };
}

/** The most memory that this process ever had, threads and WebAssembly included. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

process.on('message', async (job: DatasetJob) => {
  try {
    reply(await (job.kind === 'make' ? make(job) : measure(job)));
  } catch (error) {
    if (error instanceof SpymasterError) {
      reply({ kind: 'failed', code: error.code, message: error.message, fields: error.fields });
    } else if (!ending.signal.aborted) throw error;
  }
  if (ending.signal.aborted) process.exit();
});
// Ctrl-C reaches every process of the terminal: this one ends when the one that started it says so, by hanging up.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => {
  ending.abort();
  // Between jobs nothing is to be cleared up; a job that has not ended by then is not going to.
  setTimeout(() => process.exit(), 3000).unref();
});
