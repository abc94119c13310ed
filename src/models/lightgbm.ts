import { lightgbmHeader } from './lightgbm_header.ts';
import { type Model, type ModelText, maxNodes } from './model.ts';
import { modelProblem, shown } from './problem.ts';
import { type TreeTable, TreeTableBuilder } from './tree_table.ts';

/** Bits of `decision_type`: a split on categories, the side of a missing number, and what counts as missing. */
const categorical = 1;
const defaultLeft = 2;
const missingShift = 2;
const missingZero = 1;
const missingNaN = 2;
/** Up to this a number counts as zero: LightGBM's kZeroThreshold, a float. */
const zeroThreshold = Math.fround(1e-35);

/**
 * Reads a model that LightGBM wrote as text (`booster.save_model("model.txt")`). Raw scores are LightGBM's to the bit: doubles,
 * `value <= threshold`, and the leaves added in the order of the trees.
 *
 * Source: LightGBM 4, src/io/tree.cpp, include/LightGBM/tree.h (NumericalDecision).
 * @throws MODEL_INVALID naming file, key and remedy
 */
export function readLightgbm({ name, text, rounds }: ModelText): Model {
  const header = lightgbmHeader(name, text);
  const { perRound, blocks, featureCount, featureNames, link, sigmoid } = header;
  const available = blocks.length / perRound;
  if (rounds !== undefined && rounds > available) {
    throw modelProblem(name, 'rounds', `it has ${available} rounds, and ${rounds} were asked for`);
  }
  const used = rounds === undefined ? blocks : blocks.slice(0, rounds * perRound);
  const builder = new TreeTableBuilder();
  used.forEach((block, index) => {
    addTree(builder, block, new TreeKeys(name, index, block), featureCount);
  });
  const table = builder.build();
  return {
    kind: 'lightgbm',
    featureCount,
    featureNames,
    outputs: perRound,
    link,
    sigmoid,
    trees: used.length,
    margins: (features, out) => addLeaves(table, features, out, perRound),
  };
}

/** The keys of one tree's block. */
class TreeKeys {
  readonly #file: string;
  readonly #tree: number;
  readonly #block: ReadonlyMap<string, string>;

  constructor(file: string, tree: number, block: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#tree = tree;
    this.#block = block;
  }

  problem(key: string, text: string) {
    return modelProblem(this.#file, `Tree=${this.#tree}.${key}`, `${key} of tree ${this.#tree}: ${text}`);
  }

  count(key: string): number {
    const text = this.#block.get(key);
    const value = Number(text);
    if (text !== undefined && text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.problem(key, `expected a number of them, got ${shown(text ?? null)}; save the model again`);
  }

  /** `length` words of a list. */
  #words(key: string, length: number): string[] {
    const words = (this.#block.get(key) ?? '').split(' ').filter((word) => word !== '');
    if (words.length === length) return words;
    throw this.problem(key, `expected ${length} numbers, got ${words.length}; the file is damaged, save it again`);
  }

  #wrong(key: string, expected: string, word: string) {
    return this.problem(key, `expected ${expected}, got ${shown(word)}; the file is damaged, save it again`);
  }

  /** `length` whole numbers in [min, max]. */
  integers(key: string, length: number, min: number, max: number): number[] {
    return this.#words(key, length).map((word) => {
      const value = Number(word);
      if (Number.isInteger(value) && value >= min && value <= max) return value;
      throw this.#wrong(key, `a whole number from ${min} to ${max}`, word);
    });
  }

  leaves(length: number): number[] {
    return this.#words('leaf_value', length).map((word) => {
      const value = Number(word);
      if (Number.isFinite(value)) return value;
      throw this.#wrong('leaf_value', 'a finite number', word);
    });
  }

  /** Thresholds; one of `inf` lets all numbers pass that are not missing. */
  thresholds(length: number): number[] {
    return this.#words('threshold', length).map((word) => {
      const value = /^[+-]?inf$/.test(word) ? Number(word.replace('inf', 'Infinity')) : Number(word);
      if (!Number.isNaN(value)) return value;
      throw this.#wrong('threshold', 'a number', word);
    });
  }
}

function addTree(
  builder: TreeTableBuilder,
  block: ReadonlyMap<string, string>,
  keys: TreeKeys,
  featureCount: number,
): void {
  const leafCount = keys.count('num_leaves');
  const firstSplit = builder.splits;
  const firstLeaf = builder.leaves;
  const splits = leafCount - 1;
  if (leafCount < 1 || firstSplit + firstLeaf + 2 * leafCount > maxNodes) {
    throw keys.problem('num_leaves', `expected 1 or more and at most ${maxNodes} nodes in all, got ${leafCount}`);
  }
  if (block.get('is_linear') === '1') {
    throw keys.problem('is_linear', 'linear trees cannot be evaluated here; train with linear_tree=false');
  }
  if (keys.count('num_cat') > 0) throw keys.problem('num_cat', categoricalText);
  for (const leaf of keys.leaves(leafCount)) builder.addLeaf(leaf);
  builder.addRoot(splits === 0 ? -1 - firstLeaf : firstSplit);
  if (splits === 0) return;
  const feature = keys.integers('split_feature', splits, 0, featureCount - 1);
  const threshold = keys.thresholds(splits);
  const decision = keys.integers('decision_type', splits, 0, 15);
  const sides = [
    keys.integers('left_child', splits, -leafCount, splits - 1),
    keys.integers('right_child', splits, -leafCount, splits - 1),
  ];
  const child = (side: number, split: number) => {
    const value = sides[side]?.[split] ?? 0;
    // A split is written behind its parent, so that no path can be a circle.
    if (value >= 0 && value <= split) {
      throw keys.problem(
        side === 0 ? 'left_child' : 'right_child',
        `split ${split} leads back to split ${value}; save it again`,
      );
    }
    return value < 0 ? value - firstLeaf : value + firstSplit;
  };
  for (let split = 0; split < splits; split++) {
    const type = decision[split] ?? 0;
    if (type & categorical) throw keys.problem('decision_type', categoricalText);
    builder.addSplit(feature[split] ?? 0, threshold[split] ?? 0, child(0, split), child(1, split), type);
  }
}

const categoricalText = 'splits on categories cannot be evaluated here; train without categorical_feature';

function addLeaves(table: TreeTable, features: Float64Array, out: Float64Array, perRound: number): void {
  const { roots, feature, threshold, left, right, missing, leaves } = table;
  out.fill(0);
  for (let tree = 0, output = 0; tree < roots.length; tree++) {
    let node = roots[tree]!;
    while (node >= 0) {
      const decision = missing[node]!;
      const kind = decision >> missingShift;
      let value = features[feature[node]!]!;
      const isNumberMissing = Number.isNaN(value);
      // The package hands rows over without their zeros, and takes tiny numbers for zeros.
      if (isNumberMissing ? kind !== missingNaN : value >= -zeroThreshold && value <= zeroThreshold) value = 0;
      const isMissing = kind === missingZero ? value === 0 : isNumberMissing && kind === missingNaN;
      const goesLeft = isMissing ? (decision & defaultLeft) !== 0 : value <= threshold[node]!;
      node = goesLeft ? left[node]! : right[node]!;
    }
    out[output] = out[output]! + leaves[-1 - node]!;
    if (++output === perRound) output = 0;
  }
}
