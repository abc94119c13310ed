import { JsonPart } from './json_part.ts';
import { type Link, type Model, type ModelText, maxClasses, maxFeatures } from './model.ts';
import { shown } from './problem.ts';

/** The mark of linear models as the script of docs/models.md writes them. */
export const linearFormat = 'spymaster-linear';

/**
 * Reads a linear model of scikit-learn as the script of docs/models.md writes it: margins are Σ w·(x − mean)/scale + intercept,
 * added in the order of the features. They differ from scikit-learn's by rounding alone.
 * @throws MODEL_INVALID naming file, key and remedy
 */
export function readLinear({ name, rounds }: ModelText, value: unknown): Model {
  const file = new JsonPart(name, '', value);
  if (file.text('format') !== linearFormat) {
    throw file.problem('format', `expected "${linearFormat}", as the script of docs/models.md writes it`);
  }
  if (file.count('version', 1, 1_000_000) !== 1)
    throw file.problem('version', 'expected version 1; write it with the script of docs/models.md');
  if (rounds !== undefined) throw file.problem('coef', 'a linear model has no rounds; leave out --rounds');
  const link = file.text('link');
  if (link !== 'logistic' && link !== 'softmax' && link !== 'none') {
    throw file.problem('link', `expected logistic, softmax or none, got ${shown(link)}`);
  }
  const rows = file.list('coef');
  const first = rows[0];
  const featureCount = Array.isArray(first) ? first.length : 0;
  if (rows.length > maxClasses || featureCount < 1 || featureCount > maxFeatures) {
    throw file.problem('coef', `expected a list of rows of 1 to ${maxFeatures} weights, at most ${maxClasses}`);
  }
  const outputs = rows.length;
  if (outputs > 1 !== (link === 'softmax')) {
    throw file.problem(
      'coef',
      `${outputs} rows with the link ${link} are a model of several outputs; train one for each, or with softmax`,
    );
  }
  const coefficients = Float64Array.from(
    rows.flatMap((_, row) => file.part('coef').numbers(String(row), featureCount)),
  );
  const intercept = Float64Array.from(file.numbers('intercept', outputs));
  const mean = Float64Array.from(
    file.has('mean') ? file.numbers('mean', featureCount) : new Array<number>(featureCount).fill(0),
  );
  const scale = Float64Array.from(
    file.has('scale') ? file.numbers('scale', featureCount) : new Array<number>(featureCount).fill(1),
  );
  if (scale.includes(0)) throw file.problem('scale', 'expected numbers other than 0');
  const names = file.has('features') ? file.list('features') : null;
  if (names !== null && (names.length !== featureCount || !names.every((one) => typeof one === 'string'))) {
    throw file.problem('features', `expected ${featureCount} names, got ${names.length}`);
  }
  return {
    kind: 'linear',
    featureCount,
    featureNames: names as readonly string[] | null,
    outputs,
    link: link satisfies Link,
    sigmoid: 1,
    trees: 0,
    margins(features, out) {
      for (let output = 0; output < outputs; output++) {
        let sum = 0;
        for (let at = 0; at < featureCount; at++) {
          sum += coefficients[output * featureCount + at]! * ((features[at]! - mean[at]!) / scale[at]!);
        }
        out[output] = sum + intercept[output]!;
      }
    },
  };
}
