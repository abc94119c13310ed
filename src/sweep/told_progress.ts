import { present } from '../errors.ts';
import { type Lake, SweepProgressFile } from '../lake/index.ts';
import type { SweepEnd } from '../wire/index.ts';
import { type SweepPlan, signalsText } from './plan.ts';

interface Watchers {
  readonly onGenerate?: (bytesRead: number, sizeBytes: number, events: number) => void;
  readonly onGenerateMany?: (datasets: number, total: number, events: number) => void;
}

export interface TellOptions extends Watchers {
  readonly lake: Lake;
  readonly now: () => Date;
  readonly onCancel?: () => void;
}

/** The file by which other processes follow a run, and what watches it for that file. */
export interface ToldRun extends Required<Watchers> {
  readonly progress: SweepProgressFile;
}

/** Starts to tell other processes how far an experiment is, its datasets first. */
export async function tellProgress(options: TellOptions, plans: readonly SweepPlan[]): Promise<ToldRun> {
  const { lake, now, onCancel } = options;
  const { sweepId, experimentName } = present(plans[0]);
  const identity = {
    sweep_id: sweepId,
    experiment_name: experimentName,
    signal_name: signalsText(plans),
  };
  const progress = await SweepProgressFile.start(lake, identity, { now, onCancel });
  let total = 0;
  const tell = (done: number, of: number) => {
    if (of !== total) progress.begin({ phase: 'datasets', total: of, skipped: 0, dataset_id: '' });
    total = of;
    progress.update(done);
  };
  return {
    progress,
    onGenerate: (bytesRead, sizeBytes, events) => {
      tell(bytesRead / Math.max(sizeBytes, 1), 1);
      options.onGenerate?.(bytesRead, sizeBytes, events);
    },
    onGenerateMany: (datasets, of, events) => {
      tell(datasets, of);
      options.onGenerateMany?.(datasets, of, events);
    },
  };
}

type How = Pick<SweepEnd, 'outcome' | 'ran' | 'skipped' | 'failed' | 'message'>;

interface ReportedEnd {
  readonly ran: number;
  readonly skipped: number;
  readonly failures: readonly { readonly message: string }[];
  readonly failed: number;
  readonly interrupted: boolean;
}

/** How a run ended that gave a report. */
export function endOfReport({ ran, skipped, failures, failed, interrupted }: ReportedEnd): How {
  const [first] = failures;
  return {
    outcome: interrupted ? 'interrupted' : failed > 0 ? 'failed' : 'done',
    ...{ ran, skipped, failed, message: first?.message ?? '' },
  };
}

/** How a run ended that threw. */
export function endOfError(error: unknown): How {
  const isAbort = error instanceof Error && error.name === 'AbortError';
  return {
    outcome: isAbort ? 'interrupted' : 'failed',
    ...{ ran: 0, skipped: 0, failed: 0 },
    message: isAbort ? '' : error instanceof Error ? error.message : String(error),
  };
}
