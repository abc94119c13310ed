import { SpymasterError } from '../errors.ts';
import {
  type BlockRules,
  blockRoles,
  crossSessions,
  foldRoles,
  type SessionFold,
  walkForwardSessions,
} from '../evaluation/index.ts';
import type { AnyExperiment } from '../sweep/index.ts';
import type { TrainingFold, TrainingManifest } from './training_manifest.ts';

export interface FoldOptions {
  /** Folds where the experiment has no split by sessions. */
  readonly folds: number;
  /** Bins of the blocks that sessions are cut into; absent: sessions are never split. */
  readonly splitBins?: number | undefined;
  readonly purges: boolean;
}

/** The folds of a training set, and what they make of the rows of each session. */
export class TrainingFolds {
  readonly by: TrainingManifest['folds_by'];
  readonly embargoBins: number;
  readonly #sessionFolds: readonly SessionFold[] | null;
  readonly #blocks: BlockRules | null;
  readonly #dates: readonly string[];
  readonly #counts: { train: Set<string>; test: Set<string>; rows: number[] }[];

  /** @throws USAGE for options that do not go together, CONFIG_INVALID for too few sessions */
  constructor({ spec }: AnyExperiment, dates: readonly string[], { folds, splitBins, purges }: FoldOptions) {
    const { split, max_hold_bins: maxHoldBins } = spec.eval;
    this.embargoBins = split?.embargo_bins ?? maxHoldBins;
    this.#dates = dates;
    const { train_sessions: trainSessions, test_sessions: testSessions, anchored = false } = split ?? {};
    if (splitBins === undefined && !purges) {
      const why = 'no label reaches into another session; give --split-sessions BINS to see what a leak would claim';
      throw new SpymasterError('USAGE', `Cannot leave out purging: ${why}.`, { key: 'without-purging' });
    }
    if (splitBins !== undefined) {
      this.by = 'blocks';
      this.#sessionFolds = null;
      this.#blocks = { blockBins: splitBins, folds, maxHoldBins, embargoBins: this.embargoBins, purges };
    } else {
      const isWalk = trainSessions !== undefined && testSessions !== undefined;
      const needed = isWalk ? trainSessions + 1 : folds;
      if (dates.length < needed) {
        throw new SpymasterError(
          'CONFIG_INVALID',
          `Cannot make folds of ${spec.name}: they need ${needed} sessions, and it has ${dates.length}; give more days, fewer folds (--folds), ` +
            'or split sessions with --split-sessions BINS.',
          { experiment: spec.name, key: 'folds' },
        );
      }
      this.by = isWalk ? 'walk_forward' : 'sessions';
      this.#blocks = null;
      this.#sessionFolds = isWalk
        ? walkForwardSessions(dates.length, { trainSessions, testSessions, anchored })
        : crossSessions(dates.length, folds);
    }
    const count = this.#sessionFolds?.length ?? folds;
    this.#counts = Array.from({ length: count }, () => ({ train: new Set(), test: new Set(), rows: [0, 0, 0, 0, 0] }));
  }

  get names(): string[] {
    return this.#counts.map((_, fold) => `fold_${fold + 1}`);
  }

  /** What the rows of the next session are in a fold, in words, null for a row without label; `binOf` are their bins, `bins` all of the session. */
  roles(
    fold: number,
    session: number,
    bins: number,
    binOf: readonly number[],
    hasLabel: Uint8Array,
  ): (string | null)[] {
    const counts = this.#counts[fold];
    if (counts === undefined) throw new Error(`there is no fold ${fold}`);
    const roles = this.#blocks === null ? null : blockRoles(bins, fold, this.#blocks);
    const sessionFold = this.#sessionFolds?.[fold];
    const whole = sessionFold?.train.includes(session) ? 1 : sessionFold?.test.includes(session) ? 2 : 0;
    const date = this.#dates[session] ?? '';
    return binOf.map((bin) => {
      const role = hasLabel[bin] === 1 ? (roles?.[bin] ?? whole) : 0;
      counts.rows[role] = (counts.rows[role] ?? 0) + 1;
      if (role === 1) counts.train.add(date);
      if (role === 2) counts.test.add(date);
      return role === 0 ? null : (foldRoles[role] ?? null);
    });
  }

  /** The folds after all sessions. */
  described(): TrainingFold[] {
    return this.#counts.map(({ train, test, rows: [, inTrain = 0, inTest = 0, purged = 0, embargo = 0] }, fold) => ({
      name: `fold_${fold + 1}`,
      train: [...train],
      test: [...test],
      rows: { train: inTrain, test: inTest, purged, embargo },
    }));
  }
}
