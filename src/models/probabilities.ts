import { exp } from '../elementary.ts';
import type { Model } from './model.ts';

/** Turns margins into probabilities of the classes, in place where one array is given; `probabilities` has an element a class. */
export function toProbabilities(
  { link, sigmoid }: Pick<Model, 'link' | 'sigmoid'>,
  margins: Float64Array,
  probabilities: Float64Array,
): void {
  if (link === 'logistic') {
    const up = logistic(sigmoid * margins[0]!);
    probabilities[0] = logistic(-sigmoid * margins[0]!);
    probabilities[1] = up;
    return;
  }
  let largest = margins[0]!;
  for (let output = 1; output < margins.length; output++) largest = Math.max(largest, margins[output]!);
  let sum = 0;
  for (let output = 0; output < margins.length; output++) {
    const weight = exp(margins[output]! - largest);
    probabilities[output] = weight;
    sum += weight;
  }
  for (let output = 0; output < margins.length; output++) probabilities[output] = probabilities[output]! / sum;
}

function logistic(x: number): number {
  const small = exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + small) : small / (1 + small);
}
