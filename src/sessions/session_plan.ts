import type { ExchangeCalendar } from '../config/index.ts';
import type { LoadedPipeline } from '../lake/index.ts';

/** Clock times of New York, HH:MM. */
export interface Window {
  readonly start_time: string;
  readonly end_time: string;
}

/**
 * Why a session has its contract. `fixed`: the pipeline's symbol; `volume`: the most traded of the exchange session before;
 * `vendor`: the vendor's answer to the same question, kept by the download; `single`: the only contract that the lake has of the
 * session before; `fallback`: the pipeline's symbol, for the first session, whose session before is not in the lake;
 * `dataset`: the dataset's own.
 */
export type ContractSource = 'fixed' | 'volume' | 'vendor' | 'single' | 'fallback' | 'dataset';

/** One session that an experiment is asked of: one date, one contract, one window. */
export interface PlannedSession {
  readonly date: string;
  readonly symbol: string;
  readonly contractSource: ContractSource;
  /** The window, cut where the exchange ends early. */
  readonly window: Window;
  /** Why the exchange ends early on this date; null where it does not, or ends after the window. */
  readonly earlyClose: string | null;
  /** The pipeline with this capture: what its dataset is made by. */
  readonly pipeline: LoadedPipeline;
  /** The dataset's id: the pipeline's, or that of a dataset in the lake which has all that it needs, or one that is named. */
  readonly datasetId: string;
  /** Whether a dataset of that id is in the lake. */
  readonly isMade: boolean;
  /** Absolute path of the raw file; null where there is none, and the dataset is there. */
  readonly rawFile: string | null;
  /** Bins of the window. */
  readonly bins: number;
  /** Whether it stays locked until the holdout is opened. */
  readonly isHoldout: boolean;
}

/** A date that is no session, and why, a sentence's part. */
export interface SkippedDay {
  readonly date: string;
  readonly reason: string;
}

/** A date whose session needs something that the lake has not, or has twice. */
export interface MissingDay {
  readonly date: string;
  /** The contract whose file is missing; null where no file says which contract it would be. */
  readonly symbol: string | null;
  /** Null with the contract. */
  readonly contractSource: ContractSource | null;
  /** The date whose file is missing: the session's own, or the exchange session before, whose volumes are needed. */
  readonly fileDate: string;
  readonly reason: string;
}

/** A change of contract from one session to the next. */
export interface Roll {
  /** The first date of the new contract. */
  readonly date: string;
  readonly from: string;
  readonly to: string;
}

/** The sessions of an experiment, as plain data: which days, which contracts, and what is missing. */
export interface SessionPlan {
  readonly experiment: string;
  readonly calendar: ExchangeCalendar;
  readonly contract: 'fixed' | 'previous_volume';
  /** In order of date, the holdout last. */
  readonly sessions: readonly PlannedSession[];
  readonly skipped: readonly SkippedDay[];
  /** With the rule `missing: skip` these are left out; with `fail` `assertComplete` refuses the plan. */
  readonly missing: readonly MissingDay[];
  readonly missingRule: 'fail' | 'skip';
  readonly rolls: readonly Roll[];
  /** Dates of the locked sessions, those without a file included. */
  readonly holdout: readonly string[];
  /** Before this date every verdict is an interim one. */
  readonly final: string | null;
  /** What a reader should know, sentences. */
  readonly notes: readonly string[];
}

/** What days come to before the holdout is cut off. */
export interface DaysFound {
  readonly sessions: PlannedSession[];
  readonly skipped: SkippedDay[];
  readonly missing: MissingDay[];
  readonly notes: string[];
}
