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

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

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

/** A random element. */
export function pick<T>(random: () => number, from: readonly T[]): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}
