import type { Model } from './model.ts';
import { toProbabilities } from './probabilities.ts';
import { modelProblem } from './problem.ts';

/** What of a model is the score: 2·P(up) − 1, P(up) − P(down), or its margin. */
export const scoreKinds = ['probability', 'difference', 'margin'] as const;
export type ScoreKind = (typeof scoreKinds)[number];

/** The score that suits a model where none is named. */
export function defaultScoreKind({ link, outputs }: Pick<Model, 'link' | 'outputs'>): ScoreKind {
  return link === 'none' ? 'margin' : outputs === 1 ? 'probability' : 'difference';
}

/**
 * The scores of a model, by rows of features. Of two classes the second is up; of three they are down, neither, up.
 * @throws MODEL_INVALID where the model does not give this score
 */
export function modelScore(name: string, model: Model, kind: ScoreKind): (features: Float64Array) => number {
  const { outputs, link } = model;
  const margins = new Float64Array(outputs);
  if (kind === 'margin') {
    if (outputs > 1) throw modelProblem(name, 'score', 'it has a margin for each class; give --score difference');
    return (features) => {
      model.margins(features, margins);
      return margins[0]!;
    };
  }
  if (link === 'none') throw modelProblem(name, 'score', 'it gives no probability; give --score margin');
  const classes = outputs === 1 ? 2 : outputs;
  if (classes > 3) {
    throw modelProblem(
      name,
      'score',
      `it has ${classes} classes; a score needs two (down, up) or three (down, neither, up)`,
    );
  }
  const probabilities = new Float64Array(classes);
  return (features) => {
    model.margins(features, margins);
    toProbabilities(model, margins, probabilities);
    const up = probabilities[classes - 1]!;
    return kind === 'probability' ? 2 * up - 1 : up - probabilities[0]!;
  };
}
