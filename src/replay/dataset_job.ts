import type { CaptureWindow, RuntimeConfig } from '../config/index.ts';
import type { ErrorFields } from '../errors.ts';
import type { LoadedPipeline } from '../lake/index.ts';

/** Job of a worker process: make a dataset, or make its first bins and discard them. */
export interface DatasetJob {
  readonly kind: 'make' | 'measure';
  readonly lakeRoot: string;
  readonly pipeline: Pick<LoadedPipeline, 'spec' | 'datasetId'> & {
    readonly runtime: RuntimeConfig;
    readonly capture: CaptureWindow;
  };
  readonly codeVersion: string;
}

/** Cost of a measured stretch. */
export interface Measured {
  /** From the start to the first bin: reading and warming up. */
  readonly leadInS: number;
  readonly bins: number;
  readonly secondsPerBin: number;
  readonly bytesPerBin: number;
  readonly peakBytes: number;
}

export type DatasetReply =
  | { readonly kind: 'progress'; readonly share: number; readonly events: number }
  | { readonly kind: 'made'; readonly datasetId: string; readonly isNew: boolean; readonly peakBytes: number }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly fields: ErrorFields };
