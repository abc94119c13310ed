import { present } from '../errors.ts';

/** No known word is longer; a longer one is compared by its start. */
const maxLength = 64;

/**
 * The candidate with the smallest edit distance (insert, delete, replace, swap neighbours), the part before its last dot left
 * out where that is nearer; null when there is none.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const start = word.slice(0, maxLength).toLowerCase();
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const last = candidate.slice(candidate.lastIndexOf('.') + 1);
    const [whole, part] = [candidate, last].map((text) => editDistance(start, text.toLowerCase()));
    const distance = Math.min(present(whole), present(part) + (last === candidate ? 0 : 0.5));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Whether a word is probably the candidate misspelt: a third of its letters apart at most. */
export function isMisspelt(word: string, candidate: string): boolean {
  const last = candidate.slice(candidate.lastIndexOf('.') + 1);
  const distances = [candidate, last].map((text) =>
    editDistance(word.slice(0, maxLength).toLowerCase(), text.toLowerCase()),
  );
  return Math.min(...distances) <= Math.max(2, word.length / 3);
}

/** Optimal string alignment distance of two strings, in edits. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = present(previous[j - 1]) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(present(previous[j]) + 1, present(current[j - 1]) + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, present(before[j - 2]) + 1);
      }
      current.push(distance);
    }
    before = previous;
    previous = current;
  }
  return present(previous[b.length]);
}
