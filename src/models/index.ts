export { type Link, type Model, type ModelText, maxFeatures, maxModelChars } from './model.ts';
export { defaultScoreKind, modelScore, type ScoreKind, scoreKinds } from './model_score.ts';
export { toProbabilities } from './probabilities.ts';
export { readModel } from './read_model.ts';
