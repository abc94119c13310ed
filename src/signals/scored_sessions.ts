import { SpymasterError } from '../errors.ts';

/** A session that scores were imported for. */
export interface ScoredSession {
  /** Contract, such as MNQH6. */
  readonly symbol: string;
  /** Trading date, YYYY-MM-DD. */
  readonly date: string;
}

/**
 * Refuses what only a signal can do that computes its scores; `action` is what was asked for, such as `stream the run 3f…`.
 * @throws SIGNAL_IMPORTED where the scores were imported
 */
export function assertComputed(
  { name, imported }: { readonly name: string; readonly imported?: readonly ScoredSession[] },
  action: string,
): void {
  if (imported === undefined) return;
  throw new SpymasterError(
    'SIGNAL_IMPORTED',
    `Cannot ${action}: the scores of ${name} were imported and nothing here computes them, so that it can be swept and judged, but neither ` +
      'streamed nor checked for look-ahead; import its model (`spymaster model import`), or write it as a signal.',
    { signal: name },
  );
}

/** What is wrong with the sessions that a signal declares as imported, the end of a sentence; null where nothing is. */
export function importedProblem(value: unknown): string | null {
  const isSession = (one: Partial<ScoredSession> | null) =>
    typeof one?.symbol === 'string' && typeof one.date === 'string' && /^\d{4}-\d\d-\d\d$/.test(one.date);
  if (Array.isArray(value) && value.length > 0 && value.every(isSession)) return null;
  return 'expected imported, a list of { symbol, date }';
}
