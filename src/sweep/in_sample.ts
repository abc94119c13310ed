import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import { type SignalDefinition, sampleOf } from '../signals/index.ts';
import type { SweepSession } from './sweep_session.ts';

type Session = Pick<SweepSession, 'date' | 'symbolRoot'>;

/** The sessions that a signal was fitted to, by root and date whatever dataset holds them. */
export function inSampleSessions<T extends Session>({ trained }: SignalDefinition, sessions: readonly T[]): T[] {
  if (trained === undefined) return [];
  return sessions.filter(({ date, symbolRoot }) => sampleOf(trained, { root: symbolRoot, date }) === 'in');
}

/** Most dates that an error tells. */
const maxDates = 5;

/**
 * Refuses to judge a signal on sessions that it was fitted to, unless they are asked for, and on those that it has no model for.
 * @throws MODEL_IN_SAMPLE
 */
export function assertOutOfSample(
  experiment: string,
  definition: SignalDefinition,
  sessions: readonly Session[],
  allowsInSample: boolean,
): void {
  const { name, trained = [] } = definition;
  const refuse = (dates: readonly Session[], what: string, remedy: string) => {
    const shown = dates.slice(0, maxDates).map(({ date }) => date);
    const more = dates.length > shown.length ? ` and ${dates.length - shown.length} more` : '';
    throw new SpymasterError(
      'MODEL_IN_SAMPLE',
      `Cannot judge ${experiment}: ${what} ${plural(dates.length, 'session')} of ${sessions.length} (${shown.join(', ')}${more}); leave them ` +
        `out (\`sessions: exclude\`), or ${remedy}.`,
      { experiment, signal: name, dates: dates.map(({ date }) => date) },
    );
  };
  if (trained.length === 0) return;
  const unknown = sessions.filter(
    ({ date, symbolRoot }) => sampleOf(trained, { root: symbolRoot, date }) === 'unknown',
  );
  if (unknown.length > 0) {
    refuse(unknown, `${name} has no model that was trained before`, `import one that was`);
  }
  const inSample = inSampleSessions(definition, sessions);
  if (inSample.length > 0 && !allowsInSample) {
    refuse(inSample, `${name} was trained on`, 'mark the results as in sample with --in-sample');
  }
}
