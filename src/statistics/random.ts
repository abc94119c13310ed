/** A seeded source of uniform integers: `below(n)` is in [0, n) for n up to 2^32. */
export interface RandomSource {
  below(bound: number): number;
}

/**
 * Seeded generator (sfc32 by Chris Doty-Humphrey, PractRand): the same seed gives the same sequence everywhere.
 * Bounds are met by rejection, so no value is favoured.
 */
export function randomSource(seed: number): RandomSource {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return {
    below(bound: number): number {
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let value = next();
      while (value >= limit) value = next();
      return value % bound;
    },
  };
}
