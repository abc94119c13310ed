/**
 * Benjamini–Hochberg q-values, in the order of `pValues`: the smallest false discovery rate at which each would be
 * called a finding. A p-value that is not a number gives NaN and is not counted as a test.
 *
 * Source: Benjamini & Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995).
 */
export function benjaminiHochberg(pValues: Float64Array): Float64Array {
  const qValues = new Float64Array(pValues.length).fill(Number.NaN);
  const order = new Uint32Array(pValues.length);
  let tests = 0;
  for (let index = 0; index < pValues.length; index++) {
    if (!Number.isNaN(pValues[index]!)) order[tests++] = index;
  }
  const ranked = order.subarray(0, tests).sort((a, b) => pValues[a]! - pValues[b]!);
  let smallest = 1;
  for (let rank = tests; rank >= 1; rank--) {
    const index = ranked[rank - 1]!;
    smallest = Math.min(smallest, (pValues[index]! * tests) / rank);
    qValues[index] = smallest;
  }
  return qValues;
}
