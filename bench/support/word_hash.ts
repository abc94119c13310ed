/** What a hash begins with. */
export const firstHash = 2_166_136_261;

/** FNV-1a over 32-bit words: cheap enough to be calculated on the clock, and in every language of `bench/peers`. */
export function foldWord(hash: number, word: number): number {
  return Math.imul(hash ^ word, 16_777_619);
}

/** Eight hexadecimal digits. */
export function hashText(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, '0');
}
