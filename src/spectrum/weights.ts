/** Weights of the same proportions that sum to 1; the weights given must not sum to 0. */
export function normalisedWeights(weights: ArrayLike<number>): Float64Array {
  const given = Float64Array.from(weights);
  const sum = given.reduce((a, b) => a + b, 0);
  return given.map((weight) => weight / sum);
}
