import type { LabelKind } from '../evaluation/index.ts';
import type { DeclaredFeature } from '../signals/index.ts';

export const trainingFormat = 'spymaster-training-set';
export const trainingVersion = 1;
/** The file of a training set that says what it is. */
export const trainingManifestFile = 'manifest.json';
/** Its tables, each a Parquet file with a row for each row of the others, but for `sessions`. */
export const trainingTables = ['features', 'labels', 'folds', 'sessions'] as const;

/** A session by what tells it apart whatever dataset holds it. */
export interface TrainedSession {
  /** Root of the product. */
  readonly root: string;
  /** Trading date, YYYY-MM-DD. */
  readonly date: string;
}

export interface TrainingFold {
  /** Column of `folds.parquet`. */
  readonly name: string;
  /** Sessions with rows of the role, by their dates. */
  readonly train: readonly string[];
  readonly test: readonly string[];
  readonly rows: { readonly train: number; readonly test: number; readonly purged: number; readonly embargo: number };
}

/** What a training set is and was made of. */
export interface TrainingManifest {
  readonly format: typeof trainingFormat;
  readonly version: typeof trainingVersion;
  readonly experiment: string;
  readonly code_version: string;
  readonly feature_list: readonly DeclaredFeature[];
  readonly feature_names: readonly string[];
  readonly cell_width_ms: number;
  readonly label: {
    readonly kind: LabelKind;
    readonly tp_ticks: number;
    readonly sl_ticks: number;
    readonly max_hold_bins: number;
    readonly tick_size: number;
  };
  readonly sessions: readonly (TrainedSession & {
    readonly symbol: string;
    readonly dataset_id: string;
    readonly rows: number;
    readonly labelled: number;
  })[];
  readonly folds: readonly TrainingFold[];
  /** `sessions` keeps each on one side; `blocks` splits them. */
  readonly folds_by: 'walk_forward' | 'sessions' | 'blocks';
  readonly embargo_bins: number;
  /** False: rows that leak into the test were left in train. */
  readonly purged: boolean;
  /** Size and SHA-256 of the files, by name. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}
