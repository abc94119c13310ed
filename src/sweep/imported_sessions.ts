import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { ScoredSession, SignalDefinition } from '../signals/index.ts';

/** Most sessions that an error tells. */
const maxShown = 5;

/** Refuses to judge imported scores on sessions that there are none of. @throws SIGNAL_IMPORTED */
export function assertScored(
  experiment: string,
  { name, imported }: SignalDefinition,
  sessions: readonly ScoredSession[],
): void {
  if (imported === undefined) return;
  const has = new Set(imported.map(({ symbol, date }) => `${symbol} ${date}`));
  const missing = sessions.filter(({ symbol, date }) => !has.has(`${symbol} ${date}`));
  if (missing.length === 0) return;
  const shown = missing.slice(0, maxShown).map(({ symbol, date }) => `${symbol} on ${date}`);
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : '';
  throw new SpymasterError(
    'SIGNAL_IMPORTED',
    `Cannot judge ${experiment}: ${name} has no scores of ${plural(missing.length, 'session')} of ${sessions.length} ` +
      `(${shown.join(', ')}${more}); leave them out (\`sessions: exclude\`), or import scores of them.`,
    { experiment, signal: name, dates: missing.map(({ date }) => date) },
  );
}
