/** A session by what tells it apart whatever dataset holds it. */
export interface TrainedSession {
  /** Root of the product. */
  readonly root: string;
  /** Trading date, YYYY-MM-DD. */
  readonly date: string;
}

/** Sessions that a signal was fitted to, and the date from which on it may be asked. */
export interface TrainedStretch {
  /** YYYY-MM-DD; null: any date. */
  readonly from: string | null;
  readonly sessions: readonly TrainedSession[];
}

/**
 * The stretch of a date, of stretches in the order of their first dates: the last that begins on it or before; null before the first. Without a
 * date it is the newest.
 */
export function trainedStretchOf<T extends TrainedStretch>(
  stretches: readonly T[],
  date: string | undefined,
): T | null {
  return stretches.findLast(({ from }) => from === null || date === undefined || from <= date) ?? null;
}

/** What a session is to a signal that was fitted: `unknown` where it has no model of that date. */
export function sampleOf(
  stretches: readonly TrainedStretch[],
  { root, date }: TrainedSession,
): 'in' | 'out' | 'unknown' {
  const stretch = trainedStretchOf(stretches, date);
  if (stretch === null) return 'unknown';
  return stretch.sessions.some((session) => session.root === root && session.date === date) ? 'in' : 'out';
}

/** What is wrong with the stretches that a signal declares, the end of a sentence; null where nothing is. */
export function trainedProblem(value: unknown): string | null {
  const isDate = (date: unknown) => typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date);
  const isStretch = (stretch: TrainedStretch) =>
    (stretch?.from === null || isDate(stretch?.from)) &&
    Array.isArray(stretch.sessions) &&
    stretch.sessions.every(({ root, date }) => typeof root === 'string' && isDate(date));
  if (!Array.isArray(value) || value.length === 0 || !value.every(isStretch)) {
    return 'expected trained, a list of { from: date or null, sessions: [{ root, date }] }';
  }
  const starts = (value as readonly TrainedStretch[]).map(({ from }) => from ?? '');
  const isOrdered = starts.every((from, index) => index === 0 || from > (starts[index - 1] ?? ''));
  return isOrdered ? null : 'expected the stretches of trained in the order of their first dates';
}
