import { log } from '../elementary.ts';
import { JsonPart } from './json_part.ts';
import { type Link, type Model, type ModelText, maxClasses, maxFeatures, maxNodes, maxTrees } from './model.ts';
import { shown } from './problem.ts';
import { type TreeTable, TreeTableBuilder } from './tree_table.ts';

/** Objectives with the link of their margins, and whether `base_score` is a probability that is turned into one. */
const objectives: Readonly<Record<string, { readonly link: Link; readonly isBaseProbability: boolean }>> = {
  'binary:logistic': { link: 'logistic', isBaseProbability: true },
  'binary:logitraw': { link: 'logistic', isBaseProbability: false },
  'reg:logistic': { link: 'logistic', isBaseProbability: true },
  'multi:softprob': { link: 'softmax', isBaseProbability: false },
  'multi:softmax': { link: 'softmax', isBaseProbability: false },
  'binary:hinge': { link: 'none', isBaseProbability: false },
  'reg:squarederror': { link: 'none', isBaseProbability: false },
  'reg:absoluteerror': { link: 'none', isBaseProbability: false },
  'reg:pseudohubererror': { link: 'none', isBaseProbability: false },
  'rank:pairwise': { link: 'none', isBaseProbability: false },
  'rank:ndcg': { link: 'none', isBaseProbability: false },
};

/**
 * Reads a model that XGBoost saved as JSON (`booster.save_model("model.json")`). Margins are XGBoost's to the bit: features,
 * thresholds, leaves and sums are floats, `value < threshold`, and the sum begins with the base score.
 *
 * Source: XGBoost 3.2, "Introduction to Model IO" and src/predictor/cpu_predictor.cc.
 * @throws MODEL_INVALID naming file, key and remedy
 */
export function readXgboost({ name, rounds }: ModelText, value: unknown): Model {
  const learner = new JsonPart(name, '', value).part('learner');
  const booster = learner.part('gradient_booster');
  const boosterName = booster.text('name');
  if (boosterName !== 'gbtree') {
    throw booster.problem(
      'name',
      `the booster ${shown(boosterName)} cannot be evaluated here; train with booster="gbtree"`,
    );
  }
  const objectiveName = learner.part('objective').text('name');
  const objective = Object.hasOwn(objectives, objectiveName) ? objectives[objectiveName] : undefined;
  if (objective === undefined) {
    throw learner.problem(
      'objective.name',
      `its objective is ${shown(objectiveName)}; allowed: ${Object.keys(objectives).join(', ')}`,
    );
  }
  const parameters = learner.part('learner_model_param');
  const outputs = outputCount(parameters);
  const featureCount = parameters.count('num_feature', 1, maxFeatures);
  const model = booster.part('model');
  const sizes = model.part('gbtree_model_param');
  if (sizes.count('num_parallel_tree', 1, maxTrees) > 1) {
    throw sizes.problem('num_parallel_tree', 'random forests cannot be evaluated here; train with num_parallel_tree=1');
  }
  const treeCount = sizes.count('num_trees', 1, maxTrees);
  const trees = model.list('trees');
  if (trees.length !== treeCount || treeCount % outputs !== 0) {
    throw model.problem(
      'trees',
      `expected ${treeCount} trees, ${outputs} a round, got ${trees.length}; save the model again`,
    );
  }
  const outputOf = model.list('tree_info');
  if (outputOf.length !== treeCount || outputOf.some((output, tree) => output !== tree % outputs)) {
    throw model.problem(
      'tree_info',
      'expected the trees of each round in the order of the classes; save the model again',
    );
  }
  const used = usedRounds(learner, treeCount / outputs, rounds) * outputs;
  const builder = new TreeTableBuilder();
  for (let tree = 0; tree < used; tree++) addTree(builder, model.part('trees').part(tree), featureCount);
  const table = builder.build();
  const base = baseMargins(parameters, outputs, objective.isBaseProbability);
  const row = new Float32Array(featureCount);
  return {
    kind: 'xgboost',
    featureCount,
    featureNames: featureNames(learner, featureCount),
    outputs,
    link: objective.link,
    sigmoid: 1,
    trees: used,
    margins(features, out) {
      row.set(features);
      addLeaves(table, row, base, out);
    },
  };
}

function outputCount(parameters: JsonPart): number {
  if (parameters.count('num_target', 1, maxClasses) > 1) {
    throw parameters.problem('num_target', 'a model of several outputs cannot be used; train one model for each');
  }
  return Math.max(1, parameters.count('num_class', 0, maxClasses));
}

/** Rounds to evaluate. A model that early stopping ended has more than were found best: which are meant must be said. */
function usedRounds(learner: JsonPart, available: number, asked: number | undefined): number {
  if (asked !== undefined) {
    if (asked <= available) return asked;
    throw learner.problem('gradient_booster', `it has ${available} rounds, and ${asked} were asked for`);
  }
  const attributes = learner.part('attributes');
  if (!attributes.has('best_iteration')) return available;
  const best = attributes.count('best_iteration', 0, maxTrees) + 1;
  if (best >= available) return available;
  throw attributes.problem(
    'best_iteration',
    `early stopping found ${best} rounds best and the file has ${available}; choose with --rounds ${best} or --rounds ${available}`,
  );
}

function featureNames(learner: JsonPart, featureCount: number): readonly string[] | null {
  const names = learner.has('feature_names') ? learner.list('feature_names') : [];
  if (names.length === 0) return null;
  if (names.length === featureCount && names.every((one) => typeof one === 'string')) return names as string[];
  throw learner.problem('feature_names', `expected ${featureCount} names, got ${names.length}; save the model again`);
}

/** What the sums begin with: `5E-1`, or `[4.2E-1]` with a number for each output. */
function baseMargins(parameters: JsonPart, outputs: number, isProbability: boolean): Float32Array {
  const text = parameters.text('base_score');
  const words = text.replace(/^\[|\]$/g, '').split(',');
  const values = words.map((word) => (word.trim() === '' ? Number.NaN : Math.fround(Number(word))));
  const isAllowed = (score: number) => Number.isFinite(score) && (!isProbability || (score > 0 && score < 1));
  if (!values.every(isAllowed) || (values.length !== 1 && values.length !== outputs)) {
    const what = isProbability ? 'a probability above 0 and below 1' : 'a finite number';
    throw parameters.problem('base_score', `base_score is ${shown(text)}; expected ${what}, one or one a class`);
  }
  const margins = values.map((score) => (isProbability ? -log(Math.fround(Math.fround(1 / score) - 1)) : score));
  return Float32Array.from({ length: outputs }, (_, output) => margins[margins.length === 1 ? 0 : output] ?? 0);
}

function addTree(builder: TreeTableBuilder, tree: JsonPart, featureCount: number): void {
  const sizes = tree.part('tree_param');
  if (sizes.count('size_leaf_vector', 0, maxClasses) > 1) {
    throw sizes.problem('size_leaf_vector', 'a model of several outputs cannot be used; train one model for each');
  }
  const count = sizes.count('num_nodes', 1, maxNodes);
  if (builder.splits + builder.leaves + count > maxNodes) {
    throw sizes.problem('num_nodes', `it has more than ${maxNodes} nodes; train a smaller model`);
  }
  if (tree.has('categories_nodes') && tree.list('categories_nodes').length > 0)
    throw tree.problem('categories_nodes', categoricalText);
  if (tree.has('split_type') && tree.list('split_type').some((type) => type !== 0))
    throw tree.problem('split_type', categoricalText);
  const left = tree.numbers('left_children', count);
  const right = tree.numbers('right_children', count);
  const indices = tree.numbers('split_indices', count);
  const conditions = tree.numbers('split_conditions', count);
  const defaults = tree.numbers('default_left', count);
  // Splits and leaves are numbered anew, in the order in which they are reached: a node that is reached twice is a defect.
  const place = new Map<number, number>();
  const order = [0];
  const [firstSplit, firstLeaf] = [builder.splits, builder.leaves];
  let [splits, leaves] = [0, 0];
  for (let at = 0; at < order.length; at++) {
    const node = order[at] ?? 0;
    if (place.has(node)) throw tree.problem('left_children', `node ${node} has two parents; save the model again`);
    const isLeaf = left[node] === -1;
    if (isLeaf !== (right[node] === -1))
      throw tree.problem('right_children', `node ${node} has one child; save the model again`);
    place.set(node, isLeaf ? -1 - (firstLeaf + leaves++) : firstSplit + splits++);
    if (isLeaf) continue;
    for (const child of [left[node] ?? -1, right[node] ?? -1]) {
      if (!(Number.isInteger(child) && child > 0 && child < count)) {
        throw tree.problem('left_children', `node ${node} has the child ${child} of ${count}; save the model again`);
      }
      order.push(child);
    }
  }
  builder.addRoot(place.get(0) ?? -1);
  for (const node of order) {
    const condition = Math.fround(conditions[node] ?? 0);
    if (left[node] === -1) {
      builder.addLeaf(condition);
      continue;
    }
    const feature = indices[node] ?? -1;
    if (!(Number.isInteger(feature) && feature >= 0 && feature < featureCount)) {
      throw tree.problem(
        'split_indices',
        `node ${node} reads feature ${feature} of ${featureCount}; save the model again`,
      );
    }
    const child = (children: readonly number[]) => place.get(children[node] ?? -1) ?? -1;
    builder.addSplit(feature, condition, child(left), child(right), defaults[node] === 0 ? 0 : 1);
  }
}

const categoricalText = 'splits on categories cannot be evaluated here; train with enable_categorical=False';

function addLeaves(table: TreeTable, row: Float32Array, base: Float32Array, out: Float64Array): void {
  const { roots, feature, threshold, left, right, missing, leaves } = table;
  const outputs = base.length;
  for (let output = 0; output < outputs; output++) out[output] = base[output]!;
  for (let tree = 0, output = 0; tree < roots.length; tree++) {
    let node = roots[tree]!;
    while (node >= 0) {
      const value = row[feature[node]!]!;
      const goesLeft = Number.isNaN(value) ? missing[node] === 1 : value < threshold[node]!;
      node = goesLeft ? left[node]! : right[node]!;
    }
    out[output] = Math.fround(out[output]! + leaves[-1 - node]!);
    if (++output === outputs) output = 0;
  }
}
