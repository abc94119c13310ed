import { tanh } from '../../src/elementary.ts';
import type { SpectrumParams } from '../../src/spectrum/index.ts';
import type { NaiveGrid } from './grid.ts';

/** Composite, its derivatives and the flow score of every tick of the grid; the scores by sorting each history anew. */
export class NaiveSpectrum {
  /** composite, d1, d2, d3 of every tick at the last bin. */
  readonly current: Float64Array[];
  readonly scores: Float64Array;
  readonly codes: Int8Array;
  readonly #params: SpectrumParams;
  /** Of the last bins, newest last: every tick's ratio, and d1, d2, d3. */
  readonly #ratios: Float64Array[] = [];
  readonly #histories: Float64Array[][] = [[], [], []];

  constructor(slots: number, params: SpectrumParams) {
    this.#params = params;
    this.current = Array.from({ length: 4 }, () => new Float64Array(slots));
    this.scores = new Float64Array(slots);
    this.codes = new Int8Array(slots);
  }

  push({ pressure, vacuum, slots }: NaiveGrid): void {
    const { windows, rollupWeights, binS, zscoreWindowBins } = this.#params;
    const first = this.#ratios.length === 0;
    const ratio = (p: number, v: number) => (p - v) / (Math.abs(p) + Math.abs(v) + 1e-12);
    this.#ratios.push(pressure.map((p, slot) => ratio(p, vacuum[slot]!)));
    if (this.#ratios.length > Math.max(...windows)) this.#ratios.shift();
    const weightSum = rollupWeights.reduce((a, b) => a + b, 0);
    const composite = new Float64Array(slots);
    windows.forEach((window, i) => {
      const recent = this.#ratios.slice(-window);
      const sum = new Float64Array(slots);
      for (const ratios of recent) for (let slot = 0; slot < slots; slot++) sum[slot]! += ratios[slot]!;
      const weight = rollupWeights[i]! / weightSum;
      for (let slot = 0; slot < slots; slot++) composite[slot]! += weight * (sum[slot]! / recent.length);
    });
    let next = composite;
    for (let order = 0; order < 4; order++) {
      const previous = this.current[order]!;
      this.current[order] = next;
      if (order > 0) {
        const history = this.#histories[order - 1]!;
        history.push(next);
        if (history.length > zscoreWindowBins) history.shift();
      }
      next = first ? new Float64Array(slots) : next.map((value, slot) => (value - previous[slot]!) / binS);
    }
  }

  /** Scores every tick. */
  score(): void {
    const { derivativeWeights, tanhScale, neutralThreshold } = this.#params;
    const weightSum = derivativeWeights.reduce((a, b) => a + b, 0);
    for (let slot = 0; slot < this.scores.length; slot++) {
      let score = 0;
      this.#histories.forEach((history, i) => {
        const z = this.#robustZ(Float64Array.from(history, (values) => values[slot]!));
        score += (derivativeWeights[i]! / weightSum) * tanh(z / tanhScale);
      });
      this.scores[slot] = Math.min(Math.max(score, -1), 1);
      this.codes[slot] = score >= neutralThreshold ? 1 : score <= -neutralThreshold ? -1 : 0;
    }
  }

  #robustZ(history: Float64Array): number {
    if (history.length < this.#params.zscoreMinPeriods) return 0;
    const median = medianOfSorted(history.toSorted());
    const scale = 1.4826 * medianOfSorted(history.map((value) => Math.abs(value - median)).sort());
    return scale <= 1e-9 ? 0 : (history.at(-1)! - median) / scale;
  }
}

function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
