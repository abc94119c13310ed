import { readLightgbm } from './lightgbm.ts';
import { linearFormat, readLinear } from './linear.ts';
import { type Model, type ModelText, maxModelChars } from './model.ts';
import { modelProblem } from './problem.ts';
import { readXgboost } from './xgboost.ts';

/**
 * Reads a model: LightGBM's text, XGBoost's JSON, or a linear model of scikit-learn by the script of docs/models.md.
 * @throws MODEL_INVALID naming file, key and remedy
 */
export function readModel(model: ModelText): Model {
  const { name, text } = model;
  if (text.length > maxModelChars) {
    throw modelProblem(
      name,
      'size',
      `it has ${text.length} characters, and at most ${maxModelChars} are read; train a smaller model`,
    );
  }
  if (/^tree\r?\n/.test(text)) return readLightgbm(model);
  if (/^\{L/.test(text) || text.includes('\u0000')) {
    throw modelProblem(
      name,
      'format',
      'it is a binary file, UBJSON maybe; save it as .json: booster.save_model("model.json")',
    );
  }
  if (!/^\s*\{/.test(text)) {
    throw modelProblem(
      name,
      'format',
      "expected LightGBM's text, XGBoost's JSON, or a linear model by the script of docs/models.md",
    );
  }
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw modelProblem(
      name,
      'format',
      `it is no whole JSON (${(cause as Error).message.slice(0, 80)}); save the model again`,
    );
  }
  if (Object.hasOwn(value, 'learner')) return readXgboost(model, value);
  if (Object.hasOwn(value, 'format')) return readLinear(model, value);
  throw modelProblem(name, 'format', `expected the key learner (XGBoost's JSON) or format ("${linearFormat}")`);
}
