/** What steps and bands are traced into: a path. */
export type PathSink = Pick<Path2D, 'moveTo' | 'lineTo' | 'rect'>;

/** Edges of steps: value `i` holds from x[i] to x[i + 1]. */
export type StepEdges = Float64Array;

/** Adds a step line of heights `y`, NaN for none, with a point wherever it changes. */
export function traceSteps(path: PathSink, x: StepEdges, y: Float64Array): void {
  let drawn = Number.NaN;
  for (let at = 0; at < y.length; at++) {
    const next = y[at]!;
    if (next === drawn) continue;
    const isNone = Number.isNaN(next);
    if (Number.isNaN(drawn)) {
      if (isNone) continue;
      path.moveTo(x[at]!, next);
    } else {
      path.lineTo(x[at]!, drawn);
      if (!isNone) path.lineTo(x[at]!, next);
    }
    drawn = next;
  }
  if (!Number.isNaN(drawn)) path.lineTo(x[y.length]!, drawn);
}

/** Adds the area between two step lines, a rectangle for each stretch over which neither changes; none where they meet or one has no value. */
export function traceBand(path: PathSink, x: StepEdges, low: Float64Array, high: Float64Array): void {
  for (let at = 0; at < low.length; ) {
    const [from, to] = [low[at]!, high[at]!];
    const start = at++;
    if (from === to || Number.isNaN(from - to)) continue;
    while (low[at] === from && high[at] === to) at++;
    path.rect(x[start]!, to, x[at]! - x[start]!, from - to);
  }
}
