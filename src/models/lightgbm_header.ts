import { type Link, maxClasses, maxFeatures, maxTrees } from './model.ts';
import { modelProblem, shown } from './problem.ts';

/** What LightGBM's text says before and around its trees. */
export interface LightgbmHeader {
  readonly perRound: number;
  readonly featureCount: number;
  readonly featureNames: readonly string[];
  readonly link: Link;
  readonly sigmoid: number;
  /** Keys and values of each tree. */
  readonly blocks: readonly ReadonlyMap<string, string>[];
}

/** Objectives whose raw score is the margin, and has no probability. */
const plainObjectives = [
  'regression',
  'regression_l1',
  'huber',
  'fair',
  'quantile',
  'mape',
  'poisson',
  'gamma',
  'tweedie',
  'lambdarank',
  'rank_xendcg',
];
const knownObjectives = ['binary', 'cross_entropy', 'multiclass', ...plainObjectives];

/** Cuts the text into its header and the blocks of its trees. @throws MODEL_INVALID */
export function lightgbmHeader(file: string, text: string): LightgbmHeader {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trim() !== 'tree')
    throw modelProblem(file, 'tree', 'expected `tree` as the first line of a LightGBM text');
  const end = lines.indexOf('end of trees');
  if (end < 0) {
    throw modelProblem(
      file,
      'end of trees',
      'the line `end of trees` is missing, so the file is cut; save the model again',
    );
  }
  const [head, ...blocks] = blocksOf(file, lines.slice(1, end));
  const header = head ?? new Map<string, string>();
  if (header.has('average_output')) throw modelProblem(file, 'average_output', forestText);
  const boosting = /^\[boosting: (\w+)\]$/m.exec(text)?.[1];
  if (boosting === 'rf') throw modelProblem(file, 'boosting', forestText);
  if (boosting === 'dart') {
    throw modelProblem(file, 'boosting', 'DART models cannot be evaluated here; train with boosting=gbdt');
  }
  if (/^\[linear_tree: 1\]$/m.test(text)) {
    throw modelProblem(file, 'linear_tree', 'linear trees cannot be evaluated here; train with linear_tree=false');
  }
  const perRound = whole(file, header, 'num_tree_per_iteration', 1, maxClasses);
  const featureCount = whole(file, header, 'max_feature_idx', 0, maxFeatures - 1) + 1;
  const featureNames = (header.get('feature_names') ?? '').split(' ');
  if (featureNames.length !== featureCount) {
    throw modelProblem(
      file,
      'feature_names',
      `expected ${featureCount} feature_names, got ${featureNames.length}; save the model again`,
    );
  }
  const announced = (header.get('tree_sizes') ?? '').split(' ').filter((word) => word !== '').length;
  if (
    announced !== blocks.length ||
    blocks.length === 0 ||
    blocks.length > maxTrees ||
    blocks.length % perRound !== 0
  ) {
    throw modelProblem(
      file,
      'tree_sizes',
      `tree_sizes names ${announced} trees and the file has ${blocks.length}; expected 1 to ${maxTrees}, ${perRound} a round`,
    );
  }
  return { perRound, featureCount, featureNames, blocks, ...objectiveOf(file, header.get('objective'), perRound) };
}

const forestText = 'random forests cannot be evaluated here; train with boosting=gbdt';

/** The header, then each tree: `key=value` lines up to the next `Tree=`. */
function blocksOf(file: string, lines: readonly string[]): Map<string, string>[] {
  const blocks = [new Map<string, string>()];
  for (const line of lines) {
    if (line.startsWith('Tree=')) {
      if (line !== `Tree=${blocks.length - 1}`) {
        throw modelProblem(
          file,
          'Tree',
          `expected Tree=${blocks.length - 1}, got ${shown(line)}; save the model again`,
        );
      }
      blocks.push(new Map());
      continue;
    }
    const at = line.indexOf('=');
    if (line !== '') blocks.at(-1)?.set(at < 0 ? line : line.slice(0, at), at < 0 ? '' : line.slice(at + 1));
  }
  return blocks;
}

function whole(file: string, header: ReadonlyMap<string, string>, key: string, min: number, max: number): number {
  const text = header.get(key);
  const value = Number(text);
  if (text !== undefined && text !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw modelProblem(file, key, `${key} is ${shown(text ?? null)}; expected a whole number from ${min} to ${max}`);
}

function objectiveOf(
  file: string,
  text: string | undefined,
  perRound: number,
): Pick<LightgbmHeader, 'link' | 'sigmoid'> {
  const [name = '', ...options] = (text ?? '').split(' ');
  const option = (key: string) => options.find((word) => word.startsWith(`${key}:`))?.slice(key.length + 1);
  if (!knownObjectives.includes(name) || options.includes('sqrt')) {
    const what = text === undefined ? 'it names no objective' : `its objective is ${shown(text)}`;
    throw modelProblem(file, 'objective', `${what}; allowed: ${knownObjectives.join(', ')}`);
  }
  if ((name === 'multiclass') !== perRound > 1) {
    throw modelProblem(
      file,
      'num_tree_per_iteration',
      `${name} with ${perRound} trees a round is a model of several outputs; train one model for each`,
    );
  }
  const sigmoid = Number(option('sigmoid') ?? 1);
  if (!(sigmoid > 0))
    throw modelProblem(file, 'objective', `sigmoid is ${shown(option('sigmoid'))}; expected a number > 0`);
  const link = name === 'multiclass' ? 'softmax' : plainObjectives.includes(name) ? 'none' : 'logistic';
  return { link, sigmoid };
}
