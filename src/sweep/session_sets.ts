import { canonicalJson, contentHash } from '../config/light.ts';
import type { SweepSession } from './sweep_session.ts';

/** What tells sessions apart that were looked at or tested on: the market's time, whatever dataset holds it. */
export type SessionTime = Pick<SweepSession, 'date' | 'symbolRoot' | 'startUtc' | 'endUtc'>;

/** A set of sessions as the ledger has it. */
export function sessionSet(sessions: readonly SessionTime[]): {
  readonly sessionsHash: string;
  readonly sessionsJson: string;
} {
  const times = sessions.map(({ date, symbolRoot, startUtc, endUtc }) => ({ date, symbolRoot, startUtc, endUtc }));
  return { sessionsHash: contentHash(times, 32), sessionsJson: canonicalJson(times) };
}

/** The sessions of a set of the ledger. */
export function sessionTimes(sessionsJson: string): SessionTime[] {
  return JSON.parse(sessionsJson) as SessionTime[];
}

/** Whether two sessions have time of one market in common, as sessions of a family do. */
export function overlaps(a: SessionTime, b: SessionTime): boolean {
  return a.date === b.date && a.symbolRoot === b.symbolRoot && a.startUtc < b.endUtc && a.endUtc > b.startUtc;
}
