/** Sum of `column` over ticks `near` ≤ |k| ≤ `far` of one side (−1 below spot: bids; 1 above: asks). */
export function sideSum(
  column: Float64Array,
  at: number,
  radius: number,
  side: 1 | -1,
  near: number,
  far: number,
): number {
  const centre = at + radius;
  let sum = 0;
  for (let distance = near; distance <= far; distance++) sum += column[centre + side * distance]!;
  return sum;
}

/** Mean of `column` over ticks `near` ≤ |k| ≤ `far` of one side. */
export function sideMean(
  column: Float64Array,
  at: number,
  radius: number,
  side: 1 | -1,
  near: number,
  far: number,
): number {
  return sideSum(column, at, radius, side, near, far) / (far - near + 1);
}

/** Sum of `weights[|k|]`·column over one side; `weights[0]` is unused. */
export function sideWeightedSum(
  column: Float64Array,
  at: number,
  radius: number,
  side: 1 | -1,
  weights: Float64Array,
): number {
  const centre = at + radius;
  let sum = 0;
  for (let distance = 1; distance < weights.length; distance++) {
    sum += weights[distance]! * column[centre + side * distance]!;
  }
  return sum;
}

/** 1/|k| for distances 1 … far, at index |k|. */
export function inverseDistances(far: number): Float64Array {
  return Float64Array.from({ length: far + 1 }, (_, distance) => (distance === 0 ? 0 : 1 / distance));
}

/** For `SignalDefinition.conflict`: what is wrong when the window does not reach `far` ticks from spot. */
export function tooNarrow(radius: number, far: number): string | null {
  return radius >= far ? null : `it reads ${far} ticks to each side of spot, but grid_radius_ticks is ${radius}`;
}
