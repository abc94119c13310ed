/** How numbers of a model become probabilities: of two classes, of several, or not at all. */
export type Link = 'logistic' | 'softmax' | 'none';

/** A trained model, ready to be evaluated on one row after another. It keeps nothing from row to row but scratch memory. */
export interface Model {
  readonly kind: 'lightgbm' | 'xgboost' | 'linear';
  /** Numbers that it takes, in their order. */
  readonly featureCount: number;
  /** What the file calls them; null where it does not say. */
  readonly featureNames: readonly string[] | null;
  /** Margins that it gives: one, or one for each of several classes. */
  readonly outputs: number;
  readonly link: Link;
  /** Factor of the margin inside of a logistic link. */
  readonly sigmoid: number;
  /** Trees that are evaluated; 0 of a linear model. */
  readonly trees: number;
  /** Writes `outputs` margins (raw scores) of the row `features` to `out`; a missing number is NaN. */
  margins(features: Float64Array, out: Float64Array): void;
}

/** A model's file as errors name it, and its text. */
export interface ModelText {
  readonly name: string;
  readonly text: string;
  /** Boosting rounds to evaluate, the first ones; all of them where it is absent. */
  readonly rounds?: number | undefined;
}

/** Most characters of a model's file. */
export const maxModelChars = 64 * 2 ** 20;
/** Most trees, nodes of all of them, features and classes of a model. */
export const maxTrees = 100_000;
export const maxNodes = 8_000_000;
export const maxFeatures = 4096;
export const maxClasses = 64;
