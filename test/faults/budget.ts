import { seeded } from '../helpers/seeded.ts';

/** How much a scenario may do: a number of rounds, or as many as fit into a time. */
export interface Budget {
  readonly random: () => number;
  /**
   * Whether another round is due after so many, of which `struck` met a fault: while none did, one is due whatever the time,
   * since nothing has been shown yet.
   * @throws {Error} when many rounds went by without a fault
   */
  more(rounds: number, struck: number): boolean;
}

const mostRoundsUnstruck = 100;

/** A budget of rounds, or of milliseconds from now on. */
export function budgetOf(seed: number, size: { readonly rounds: number } | { readonly ms: number }): Budget {
  const startMs = performance.now();
  const isDue = (rounds: number) => ('rounds' in size ? rounds < size.rounds : performance.now() < startMs + size.ms);
  const more = (rounds: number, struck: number) => {
    if (struck > 0) return isDue(rounds);
    if (rounds >= mostRoundsUnstruck) throw new Error(`${rounds} rounds met no fault`);
    return true;
  };
  return { random: seeded(seed), more };
}
