import { present, SpymasterError } from '../errors.ts';
import { type DatasetManifest, type Lake, type LoadedPipeline, readManifest } from '../lake/index.ts';
import { DatasetProcess } from './dataset_process.ts';

export interface GenerateDatasetsOptions {
  readonly lake: Lake;
  readonly pipelines: readonly Omit<LoadedPipeline, 'path'>[];
  /** Processes at most, and bytes that all of them together may take. */
  readonly maxWorkers: number;
  readonly memoryBytes: number;
  /** Expected peak memory of one, until one has been made. */
  readonly expectedPeakBytes: number;
  /** Go on with the others when one fails. */
  readonly keepGoing: boolean;
  readonly codeVersion: string;
  readonly signal: AbortSignal;
  /** Called with the datasets done, fractions included, and the events replayed. */
  readonly onProgress: (datasets: number, events: number) => void;
  /** Called with each dataset that was made or found, or with the reason why not; by its number among the pipelines. */
  readonly onDone: (
    index: number,
    outcome: { readonly manifest: DatasetManifest; isNew: boolean } | SpymasterError,
  ) => void;
}

/** Number of workers that fit: at least one, whatever the budget. */
export function fittingWorkers(jobs: number, maxWorkers: number, memoryBytes: number, peakBytes: number): number {
  return Math.max(1, Math.min(jobs, maxWorkers, Math.floor(memoryBytes / peakBytes)));
}

/** State that the workers share. */
interface Work {
  next: number;
  running: number;
  peakBytes: number;
  failed: boolean;
}

/**
 * Makes datasets side by side, each in a process of its own, within a budget of memory; gives the number of workers and the
 * most memory that one had. An abort ends the processes, which clear up; what was not begun is not reported.
 * Throws what is no fault of a single dataset.
 */
export async function generateDatasets(
  options: GenerateDatasetsOptions,
): Promise<{ readonly workers: number; readonly peakBytes: number }> {
  const { pipelines, maxWorkers, memoryBytes, expectedPeakBytes } = options;
  const work: Work = { next: 0, running: 0, peakBytes: 0, failed: false };
  const jobs = pipelines.length;
  const workers = jobs === 0 ? 0 : fittingWorkers(jobs, maxWorkers, memoryBytes, expectedPeakBytes);
  const shares = new Map<number, { share: number; events: number }>();
  const show = (index: number, share: number, events: number) => {
    shares.set(index, { share, events });
    const all = [...shares.values()];
    const sum = (key: 'share' | 'events') => all.reduce((total, each) => total + each[key], 0);
    options.onProgress(sum('share'), sum('events'));
  };
  await Promise.all(Array.from({ length: workers }, () => runJobs(options, work, show)));
  return { workers, peakBytes: work.peakBytes };
}

async function runJobs(
  options: GenerateDatasetsOptions,
  work: Work,
  show: (index: number, share: number, events: number) => void,
): Promise<void> {
  const { lake, pipelines, signal, keepGoing, codeVersion, maxWorkers, memoryBytes, onDone } = options;
  // When datasets take more memory than was expected, surplus workers exit.
  const fits = () =>
    work.peakBytes === 0 || work.running <= fittingWorkers(pipelines.length, maxWorkers, memoryBytes, work.peakBytes);
  let worker = new DatasetProcess();
  const end = () => void worker.close();
  signal.addEventListener('abort', end);
  work.running++;
  try {
    while (work.next < pipelines.length && !signal.aborted && (keepGoing || !work.failed) && fits()) {
      const index = work.next++;
      const { spec, runtime, capture, datasetId } = present(pipelines[index]);
      if (!worker.alive) worker = new DatasetProcess();
      try {
        const job = { lakeRoot: lake.root, pipeline: { spec, runtime, capture, datasetId }, codeVersion };
        const made = await worker.make(job, (share, events) => show(index, share, events));
        work.peakBytes = Math.max(work.peakBytes, made.peakBytes);
        const manifest = await readManifest(lake, made.datasetId);
        onDone(index, { manifest, isNew: made.isNew });
        show(index, 1, manifest.counters.events ?? 0);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof SpymasterError)) throw error;
        onDone(index, error);
        work.failed = true;
        show(index, 1, 0);
      }
    }
  } finally {
    work.running--;
    signal.removeEventListener('abort', end);
    await worker.close();
  }
}
