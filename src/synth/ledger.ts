import { away, opposite, type QueueBook, type Side } from './book.ts';
import type { Aggressor, Execution } from './execution.ts';
import type { TruthLog } from './truth.ts';

/** Prices of a sweep, stops of a run, and how long a price was the best before it counts as exhausted. */
const sweepLevels = 3;
const runStops = 3;
const exhaustedNs = 2e9;
const youngNs = 1e9;

/**
 * Writes down what the market knows of its own executions: moved aggressors, stops, sweeps, hidden quantity that comes to
 * light, best prices that are executed away. docs/synth.md names the lookalikes that it notes beside them.
 */
export class Ledger {
  readonly #truth: TruthLog;
  readonly #book: QueueBook;
  /** Icebergs that have shown themselves at their price, while they rest there. */
  readonly #revealed = new Set<number>();
  readonly #best = Int32Array.of(-1, -1);
  readonly #sinceNs = new Float64Array(2);

  constructor(truth: TruthLog, book: QueueBook) {
    this.#truth = truth;
    this.#book = book;
  }

  /** An order left its price by its owner's will. */
  left(id: number): void {
    this.#revealed.delete(id);
  }

  /** Ends an event without executions. */
  ends(tsNs: number, sequence: number): void {
    this.#settle({ tsNs, sequence, aggressors: [], orders: [] });
  }

  /** Ends an event with executions. */
  executed(execution: Execution): void {
    const [first, ...others] = execution.aggressors;
    if (first?.type === 'modified') this.#trade('trade', null, execution, [first]);
    for (const stop of others) this.#trade('stop', null, execution, [stop]);
    if (others.length > 0) {
      this.#trade('stop_run', others.length >= runStops ? null : 'few_stops', execution, others);
    }
    this.#sweeps(execution);
    this.#icebergs(execution);
    this.#settle(execution);
  }

  #sweeps(execution: Execution): void {
    const { aggressors } = execution;
    const swept = aggressors.filter(({ levels }) => levels.length >= sweepLevels);
    for (const one of swept) this.#trade('sweep', null, execution, [one]);
    if (swept.length > 0) return;
    const levels = new Set(aggressors.flatMap((one) => one.levels));
    if (levels.size >= sweepLevels) this.#trade('sweep', null, execution, aggressors);
    else if (levels.size === 2) this.#trade('sweep', 'two_levels', execution, aggressors);
  }

  #trade(
    kind: 'trade' | 'stop' | 'stop_run' | 'sweep',
    lookalike: string | null,
    { tsNs }: Execution,
    by: readonly Aggressor[],
  ): void {
    const levels = new Set(by.flatMap((one) => one.levels));
    this.#truth.add({
      ...{ kind, lookalike, tsNs, startNs: tsNs, side: by[0]!.taker, level: by[0]!.levels[0]! },
      size: by.reduce((sum, { size }) => sum + size, 0),
      levels: levels.size,
      orderIds: by.map(({ id }) => id),
      sequences: by.map(({ sequence }) => sequence),
    });
  }

  #icebergs({ tsNs, sequence, aggressors, orders }: Execution): void {
    for (const { id, level, size, isRevealed, isGone } of orders) {
      if (isRevealed && !this.#revealed.has(id)) {
        this.#revealed.add(id);
        const by = aggressors.filter(({ fillIds }) => fillIds.includes(id)).map((one) => one.sequence);
        const side = opposite(aggressors[0]!.taker);
        this.#truth.add({
          ...{ kind: 'iceberg', lookalike: null, tsNs, startNs: tsNs, side, level, size, levels: 1 },
          ...{ orderIds: [id], sequences: [...by, sequence] },
        });
      }
      if (isGone) this.#revealed.delete(id);
    }
  }

  /** Compares the best prices with those at the end of the event before. */
  #settle(execution: Execution): void {
    for (const side of [0, 1] as const) {
      const best = this.#book.best[side]!;
      const from = this.#best[side]!;
      if (best === from) continue;
      const ageNs = execution.tsNs - this.#sinceNs[side]!;
      if (from >= 0 && (best - from) * away(side) > 0 && ageNs >= youngNs) {
        this.#fell(side, from, ageNs, execution);
      }
      this.#best[side] = best;
      this.#sinceNs[side] = execution.tsNs;
    }
  }

  #fell(side: Side, level: number, ageNs: number, { tsNs, sequence, aggressors, orders }: Execution): void {
    const isResting = aggressors.length > 0 && side === opposite(aggressors[0]!.taker);
    const executed = isResting ? orders.filter((one) => one.level === level) : [];
    const isOld = ageNs >= exhaustedNs;
    // A young price that is pulled resembles nothing.
    if (executed.length === 0 && !isOld) return;
    const lookalike = executed.length === 0 ? 'pulled' : isOld ? null : 'young';
    this.#truth.add({
      ...{ kind: 'exhausted_level', lookalike, tsNs, startNs: tsNs - ageNs, side, level, levels: 1 },
      size: executed.reduce((sum, { size }) => sum + size, 0),
      orderIds: executed.map(({ id }) => id),
      sequences: [...new Set(aggressors.map((one) => one.sequence)), sequence],
    });
  }
}
