import type { CaptureWindow, RuntimeConfig } from '../config/index.ts';
import type { Coverage, DatasetManifest, Lake } from '../lake/index.ts';
import type { Measurements } from './analysis.ts';

/** Subject of an analysis. */
export interface AnalysisSubject {
  /** A dataset id, or a file's name. */
  readonly name: string;
  readonly kind: 'dataset' | 'pipeline' | 'file';
  readonly runtime: RuntimeConfig;
  /** Session date YYYY-MM-DD. */
  readonly date: string;
  readonly capture: CaptureWindow;
  /** The replay file with its SHA-256 where it is known; null: the dataset's own files are all there is. */
  readonly source: { readonly path: string; readonly sha256: string | null } | null;
  /** Set for a dataset. */
  readonly dataset: { readonly lake: Lake; readonly manifest: DatasetManifest } | null;
  /** Studies left out for want of the replay file, and why; null when none is. */
  readonly leftOut: string | null;
}

/** Everything that a report shows; lengths and moments in nanoseconds, moments since `sessionStartNs`. */
export interface AnalysisReport extends Measurements {
  readonly reportVersion: 1;
  readonly subject: {
    readonly name: string;
    readonly kind: AnalysisSubject['kind'];
    readonly productType: string;
    readonly symbol: string;
    readonly date: string;
    /** UNIX nanoseconds. */
    readonly sessionStartNs: bigint;
    /** Since `sessionStartNs`; the end is that of the last bin. */
    readonly startNs: number;
    readonly endNs: number;
    readonly captureEndNs: number | null;
    readonly cellWidthMs: number;
    readonly tickSize: number;
    readonly radius: number;
    readonly configVersion: string;
    readonly codeVersion: string;
    readonly source: { readonly fileName: string; readonly sha256: string } | null;
    readonly startsWhole: boolean;
    /** The vendor's condition of the day; null where it is not known. */
    readonly condition: string | null;
  };
  readonly leftOut: string | null;
  readonly verdict: readonly VerdictLine[];
  /** Feed anomalies from the file's first record to the capture's end, in words, and every counter. */
  readonly anomalies: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
  /** How much of the capture the records cover, null where it is not known; and what they lack, in words. */
  readonly coverage: Coverage | null;
  readonly missing: readonly string[];
}

/** One sentence of the verdict: `bad` spoils results, `warning` may, `note` is to be known, `good` needs nothing. */
export interface VerdictLine {
  readonly level: 'bad' | 'warning' | 'note' | 'good';
  readonly about: 'data' | 'spectrum' | 'projection' | 'signal';
  readonly text: string;
}
