import { present } from '../../../src/errors.ts';
import { projectedScore } from './projection.ts';
import type { SessionStore } from './session_store.ts';

/** Bins that are judged in one go, so that a frame stays short; of a longer backlog the newest. */
const mostBins = 24;

/** How far projections of one horizon were off, beside taking the score of the bin as it is. */
export interface HorizonSkill {
  readonly horizonMs: number;
  /** 1 − mean absolute error over that of persistence: 0 is no better, below 0 worse; NaN before anything came. */
  readonly skill: number;
}

/**
 * Skill of the projected flow score against persistence, over the bins that have come since the page was opened: each is
 * judged once, when the furthest of its horizons has come, at every tick of both windows.
 */
export class ProjectionSkill {
  readonly #store: SessionStore;
  readonly #horizonsMs: readonly number[];
  /** Sums of absolute errors per horizon. */
  readonly #projected: Float64Array;
  readonly #persistent: Float64Array;
  readonly #aheadBins: readonly number[];
  #judged = -1;
  /** Bins judged. */
  bins = 0;

  constructor(store: SessionStore, horizonsMs: readonly number[]) {
    this.#store = store;
    this.#horizonsMs = horizonsMs;
    this.#aheadBins = horizonsMs.map((ms) => Math.max(1, Math.round((ms * 1e6) / store.contract.cellNs)));
    this.#projected = new Float64Array(horizonsMs.length);
    this.#persistent = new Float64Array(horizonsMs.length);
  }

  /** Judges the bins that can be since the last call. */
  update(): void {
    const last = this.#store.newest - Math.max(0, ...this.#aheadBins);
    for (let seq = Math.max(this.#judged + 1, last - mostBins + 1); seq <= last; seq++) this.#judge(seq);
    this.#judged = Math.max(this.#judged, last);
  }

  #judge(seq: number): void {
    const store = this.#store;
    // The projection needs three bins before.
    if (!store.has(seq) || !store.has(seq - 3) || this.#aheadBins.some((ahead) => !store.has(seq + ahead))) return;
    const base = store.baseTick(seq);
    this.bins++;
    for (let tick = base; tick < base + store.contract.rows; tick++) {
      const score = store.value('flow_score', seq, tick);
      for (const [index, ahead] of this.#aheadBins.entries()) {
        const came = store.value('flow_score', seq + ahead, tick);
        if (Number.isNaN(came) || Number.isNaN(score)) continue;
        const projected = projectedScore(store, seq, tick, present(this.#horizonsMs[index]) / 1000);
        this.#projected[index] = present(this.#projected[index]) + Math.abs(projected - came);
        this.#persistent[index] = present(this.#persistent[index]) + Math.abs(score - came);
      }
    }
  }

  /** Skill of each horizon. */
  horizons(): HorizonSkill[] {
    return this.#horizonsMs.map((horizonMs, index) => ({
      horizonMs,
      skill: 1 - present(this.#projected[index]) / present(this.#persistent[index]),
    }));
  }

  /** Skill over all horizons. */
  overall(): number {
    const sum = (errors: Float64Array) => errors.reduce((total, error) => total + error, 0);
    return 1 - sum(this.#projected) / sum(this.#persistent);
  }
}

/** A skill in words: how much larger or smaller the error is than without a projection. */
export function skillWords(skill: number): string {
  if (!Number.isFinite(skill)) return 'not yet measured';
  const percent = Math.round(Math.abs(skill) * 100);
  if (percent === 0) return 'error as large as with no change';
  return `error ${percent} % ${skill < 0 ? 'larger' : 'smaller'} than with no change`;
}
