import { ok, throws } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModel, toProbabilities } from '../../src/models/index.ts';

/*
 * Evaluates models of LightGBM, XGBoost and scikit-learn on 40,000 rows, with missing numbers, zeros and rows that lie on
 * thresholds, and compares with what the packages answer: `npm run test:interop -- models`. The argument is a python that has
 * the packages.
 */
const python = process.argv[2] ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'spymaster-models-'));

interface Made {
  readonly rows: number;
  readonly features: number;
  readonly models: readonly { readonly name: string; readonly file: string; readonly more: readonly string[] }[];
  readonly refused: readonly { readonly file: string; readonly names: string }[];
}

try {
  const made = spawnSync(python, [join(import.meta.dirname, 'models_interop.py'), folder], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${python} failed: ${made.stderr || made.error?.message}`);
  const { rows, features, models, refused } = JSON.parse(readText('models.json')) as Made;
  for (const { name, file, more } of models) compare(name, file, more, rows, features);
  for (const { file, names } of refused) {
    throws(
      () => readModel({ name: file, text: readText(file) }),
      (error) => error instanceof Error && error.message.includes(names) && error.message.includes(file),
      `${file} is not refused with ${names}`,
    );
  }
  console.log(`models: ${models.length} models agree on ${rows} rows each, ${refused.length} are refused by name`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function readText(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function numbers(name: string): Float64Array {
  const bytes = readFileSync(join(folder, name));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function compare(name: string, file: string, more: readonly string[], rows: number, features: number): void {
  const model = readModel({ name: file, text: readText(file) });
  const x = numbers(`${name}.rows`);
  const answers = numbers(`${name}.answer`);
  const sizes = more.includes('size') ? numbers(`${name}.size`) : null;
  const probabilities = more.includes('probability') ? numbers(`${name}.probability`) : null;
  const { outputs } = model;
  ok(answers.length === rows * outputs, `${name}: ${answers.length} answers`);
  const margins = new Float64Array(outputs);
  const ours = new Float64Array(Math.max(2, outputs));
  let [different, worst, worstProbability] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    model.margins(x.subarray(row * features, (row + 1) * features), margins);
    for (let output = 0; output < outputs; output++) {
      const answer = answers[row * outputs + output]!;
      if (sizes === null) different += Object.is(margins[output], answer) ? 0 : 1;
      else {
        const allowed = 1e-12 * (Math.abs(answer) + sizes[row * outputs + output]!);
        worst = Math.max(worst, Math.abs(margins[output]! - answer) / allowed);
      }
    }
    if (probabilities === null) continue;
    toProbabilities(model, margins, ours);
    for (let output = 0; output < outputs; output++) {
      const probability = outputs === 1 ? ours[1]! : ours[output]!;
      worstProbability = Math.max(worstProbability, Math.abs(probability - probabilities[row * outputs + output]!));
    }
  }
  const text =
    sizes === null ? `${different} of ${rows * outputs} differ` : `at most ${worst.toFixed(3)} of what is allowed`;
  console.log(`${name}: ${text}; probabilities within ${worstProbability.toExponential(1)}`);
  ok(different === 0 && worst <= 1 && worstProbability <= 1e-6, `${name} differs`);
}
