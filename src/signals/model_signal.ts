import { SpymasterError } from '../errors.ts';
import { type ModelText, modelScore, readModel, type ScoreKind } from '../models/index.ts';
import { type DeclaredFeature, layOutFeatures } from './features/feature_list.ts';
import { FeatureRow } from './features/feature_row.ts';
import { ownPastThresholds } from './past_sizes.ts';
import { type TrainedStretch, trainedStretchOf } from './trained_sessions.ts';
import type { UserSignal } from './user_signal.ts';

/** A model's file and the sessions that it may be asked about. */
export interface ModelFile extends ModelText, TrainedStretch {
  /** SHA-256 of the file. */
  readonly sha256: string;
}

/** What `spymaster model import` keeps of models. */
export interface ModelSignal {
  readonly name: string;
  readonly doc: string;
  readonly features: readonly DeclaredFeature[];
  readonly score: ScoreKind;
  /** In the order of their first dates. */
  readonly models: readonly ModelFile[];
}

/**
 * A signal whose score is a model's: features of each bin by the list of its training set, and of several models the one of the
 * session's date.
 */
export function defineModelSignal({ name, doc, features, score, models }: ModelSignal): UserSignal {
  const list = layOutFeatures(features);
  return {
    name,
    doc,
    columns: list.columns,
    parameters: [],
    thresholds: ownPastThresholds,
    bound: score === 'margin' ? null : 1,
    trained: models.map(({ from, sessions }) => ({ from, sessions })),
    create(_parameters, context) {
      const file = trainedStretchOf(models, context.date);
      if (file === null) {
        const first = models[0]?.from;
        throw new SpymasterError(
          'MODEL_IN_SAMPLE',
          `${name} has no model for ${context.date}: its first is for ${first} and later`,
          { signal: name },
        );
      }
      const row = new FeatureRow(list, context);
      const scoreOf = modelScore(file.name, readModel(file), score);
      return {
        update(bin) {
          if (!row.update(bin, 0)) return null;
          const score = scoreOf(row.row);
          // A feature of the orders that is not known yet is missing to trees, and leaves a linear model without a score.
          return Number.isNaN(score) ? null : score;
        },
        save: (writer) => row.save(writer),
        restore: (reader) => row.restore(reader),
      };
    },
  };
}
