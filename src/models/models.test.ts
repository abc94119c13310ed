import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { SpymasterError } from '../errors.ts';
import { modelScore, readModel } from './index.ts';

/** Two trees over three features, as LightGBM writes them: missing as NaN, as zero, and not at all. */
const lightgbmText = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=2
objective=binary sigmoid:1
feature_names=a b c
feature_infos=[0:1] [0:1] [0:1]
tree_sizes=100 100

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=1 1
threshold=0.5 1.25
decision_type=10 4
left_child=1 -1
right_child=-2 -3
leaf_value=0.125 -0.25 0.5
shrinkage=1


Tree=1
num_leaves=2
num_cat=0
split_feature=2
threshold=-2
decision_type=0
left_child=-1
right_child=-2
leaf_value=1 2
shrinkage=1


end of trees

feature_importances:
a=1
`;

const tree = (changes: object = {}) => ({
  default_left: [1, 0, 0],
  left_children: [1, -1, -1],
  right_children: [2, -1, -1],
  split_conditions: [0.1, -0.3, 0.7],
  split_indices: [1, 0, 0],
  split_type: [0, 0, 0],
  categories_nodes: [],
  tree_param: { num_nodes: '3', size_leaf_vector: '1' },
  ...changes,
});
const xgboostModel = (changes: object = {}, learner: object = {}) => ({
  learner: {
    attributes: {},
    feature_names: [],
    objective: { name: 'binary:logistic' },
    learner_model_param: { base_score: '[4.2E-1]', num_class: '0', num_feature: '2', num_target: '1' },
    gradient_booster: {
      name: 'gbtree',
      model: { gbtree_model_param: { num_trees: '1', num_parallel_tree: '1' }, tree_info: [0], trees: [tree(changes)] },
    },
    ...learner,
  },
});
const linear = {
  ...{ format: 'spymaster-linear', version: 1, link: 'logistic', coef: [[2, -1]], intercept: [0.5] },
  ...{ mean: [1, 0], scale: [2, 4] },
};

const read = (text: string | object, rounds?: number) =>
  readModel({ name: 'model.file', text: typeof text === 'string' ? text : JSON.stringify(text), rounds });
const marginOf = (text: string | object, row: number[], rounds?: number) => {
  const out = new Float64Array(1);
  read(text, rounds).margins(Float64Array.from(row), out);
  return out[0];
};

test('LightGBM: thresholds belong to the left, and what counts as missing is the split’s', () => {
  equal(marginOf(lightgbmText, [0.5, 1.25, -2]), 0.125 + 1);
  equal(marginOf(lightgbmText, [0.5000000000000001, 0, 0]), -0.25 + 2);
  // a is missing as NaN and goes left; b is missing as zero and goes right; c, missing, counts as 0.
  equal(marginOf(lightgbmText, [Number.NaN, 0, Number.NaN]), 0.5 + 2);
  equal(marginOf(lightgbmText, [0, Number.NaN, -3]), 0.5 + 1);
  equal(marginOf(lightgbmText, [0, 2e-35, -3]), 0.125 + 1);
  equal(marginOf(lightgbmText, [0, 2e-35, -3], 1), 0.125);
});

test('XGBoost: floats, thresholds belong to the right, and the sum begins with the base score', () => {
  const base = Math.fround(-Math.log(Math.fround(Math.fround(1 / Math.fround(0.42)) - 1)));
  const left = Math.fround(base + Math.fround(-0.3));
  const right = Math.fround(base + Math.fround(0.7));
  equal(marginOf(xgboostModel(), [0, 0.1]), right);
  equal(marginOf(xgboostModel(), [0, 0.0999999]), left);
  equal(marginOf(xgboostModel(), [0, Number.NaN]), left);
});

test('linear models standardise by the mean and scale of the training', () => {
  equal(marginOf(linear, [3, 8]), 2 * 1 - 2 + 0.5);
  const score = modelScore('m', read(linear), 'probability');
  equal(score(Float64Array.of(3, 8)), 2 / (1 + Math.exp(-0.5)) - 1);
});

test('three classes are down, neither and up', () => {
  const three = { ...linear, link: 'softmax', coef: [[1], [0], [2]], intercept: [0, 0, 0], mean: null, scale: null };
  const score = modelScore('m', read(three), 'difference');
  const [down, neither, up] = [Math.exp(1), 1, Math.exp(2)];
  equal(score(Float64Array.of(1)).toFixed(12), ((up - down) / (down + neither + up)).toFixed(12));
  throws(() => modelScore('m', read(three), 'margin'), /give --score difference/);
});

test('models that cannot be evaluated are refused with file, key and remedy', () => {
  const many = (name: string, parameters: object) =>
    xgboostModel(
      {},
      {
        learner_model_param: { base_score: '0.5', num_class: '0', num_feature: '2', num_target: '1', ...parameters },
        objective: { name },
      },
    );
  const cases: readonly (readonly [string | object, string, RegExp])[] = [
    [lightgbmText.replace('end of trees', ''), 'end of trees', /the file is cut; save the model again/],
    [
      lightgbmText.replace('num_cat=0', 'num_cat=1'),
      'Tree=0.num_cat',
      /splits on categories .* without categorical_feature/,
    ],
    [lightgbmText.replace('decision_type=10', 'decision_type=1'), 'Tree=0.decision_type', /splits on categories/],
    [lightgbmText.replace('shrinkage=1', 'is_linear=1'), 'Tree=0.is_linear', /linear trees/],
    [lightgbmText.replace('version=v4', 'average_output'), 'average_output', /random forests/],
    [`${lightgbmText}\nparameters:\n[boosting: dart]\n`, 'boosting', /DART/],
    [lightgbmText.replace('left_child=1 -1', 'left_child=0 -1'), 'Tree=0.left_child', /split 0 leads back to split 0/],
    [
      lightgbmText.replace('left_child=1 -1', 'left_child=7 -1'),
      'Tree=0.left_child',
      /whole number from -3 to 1, got "7"/,
    ],
    [lightgbmText.replace('threshold=0.5 1.25', 'threshold=0.5'), 'Tree=0.threshold', /expected 2 numbers, got 1/],
    [
      lightgbmText.replace('leaf_value=1 2', 'leaf_value=1 x'),
      'Tree=1.leaf_value',
      /expected a finite number, got "x"/,
    ],
    [lightgbmText.replace('num_leaves=2', 'num_leaves=1e9'), 'Tree=1.num_leaves', /at most 8000000 nodes/],
    [lightgbmText.replace('split_feature=2', 'split_feature=3'), 'Tree=1.split_feature', /from 0 to 2, got "3"/],
    [lightgbmText.replace('Tree=1', 'Tree=2'), 'Tree', /expected Tree=1/],
    [lightgbmText.replace('objective=binary', 'objective=custom'), 'objective', /allowed: binary/],
    [{ ...xgboostModel(), learner: 1 }, 'learner', /expected a block at learner, got 1/],
    [xgboostModel({}, { gradient_booster: { name: 'dart' } }), 'learner.gradient_booster.name', /booster="gbtree"/],
    [
      xgboostModel({ split_type: [1, 0, 0] }),
      'learner.gradient_booster.model.trees.0.split_type',
      /enable_categorical=False/,
    ],
    [
      xgboostModel({ left_children: [0, -1, -1] }),
      'learner.gradient_booster.model.trees.0.left_children',
      /the child 0 of 3/,
    ],
    [
      xgboostModel({ left_children: [2, -1, -1] }),
      'learner.gradient_booster.model.trees.0.left_children',
      /two parents/,
    ],
    [
      xgboostModel({ split_indices: [2, 0, 0] }),
      'learner.gradient_booster.model.trees.0.split_indices',
      /feature 2 of 2/,
    ],
    [
      xgboostModel({ split_conditions: [1] }),
      'learner.gradient_booster.model.trees.0.split_conditions',
      /expected 3 numbers, got 1/,
    ],
    [many('multi:softprob', { num_target: '2' }), 'learner.learner_model_param.num_target', /several outputs/],
    [
      many('binary:logistic', { base_score: '1.5' }),
      'learner.learner_model_param.base_score',
      /a probability above 0 and below 1/,
    ],
    [many('survival:aft', {}), 'learner.objective.name', /allowed: binary:logistic/],
    [{ ...linear, version: 2 }, 'version', /expected version 1/],
    [
      {
        ...linear,
        coef: [
          [1, 2],
          [3, 4],
        ],
      },
      'coef',
      /several outputs/,
    ],
    [{ ...linear, scale: [0, 1] }, 'scale', /other than 0/],
    ['{"learner": {', 'format', /no whole JSON/],
    ['{L\u0000\u0000', 'format', /save it as .json/],
    ['hello', 'format', /expected LightGBM's text/],
    ['{}', 'format', /expected the key learner/],
  ];
  for (const [text, key, message] of cases) {
    throws(
      () => read(text),
      (error) => {
        if (!(error instanceof SpymasterError) || error.code !== 'MODEL_INVALID') throw error;
        deepEqual(error.fields, { path: 'model.file', key });
        return message.test(error.message) && error.message.startsWith('Cannot use the model model.file: ');
      },
    );
  }
});

test('rounds beyond the best iteration need a choice', () => {
  const two = {
    name: 'gbtree',
    model: {
      gbtree_model_param: { num_trees: '2', num_parallel_tree: '1' },
      tree_info: [0, 0],
      trees: [tree(), tree()],
    },
  };
  const stopped = xgboostModel({}, { gradient_booster: two, attributes: { best_iteration: '0' } });
  throws(() => read(stopped), /choose with --rounds 1 or --rounds 2/);
  equal(read(stopped, 1).trees, 1);
  equal(read(stopped, 2).trees, 2);
  throws(() => read(stopped, 3), /it has 2 rounds, and 3 were asked for/);
});

test('a file cut anywhere is refused or gives a model, never another error', () => {
  const json = JSON.stringify(xgboostModel());
  for (const text of [lightgbmText, json, JSON.stringify(linear)]) {
    for (let end = 0; end < text.length; end++) {
      try {
        read(text.slice(0, end));
      } catch (error) {
        if (!(error instanceof SpymasterError)) throw error;
      }
    }
  }
});
