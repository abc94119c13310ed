import type { ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import { count, signed } from './format.ts';

/** What a trial did in a session; nulls where it did not run there. */
export interface SessionResult {
  readonly date: string;
  readonly netTicks: number | null;
  readonly signals: number | null;
}

/** A trial's sessions in their order; none when the document does not have the trial. */
export function sessionsOf(
  { sessions, trials }: Pick<ExperimentDocumentResponse, 'sessions' | 'trials'>,
  runId: string,
  threshold: number,
): readonly SessionResult[] {
  const trial = trials.find((one) => one.run_id === runId && one.threshold === threshold);
  if (trial === undefined) return [];
  return sessions.map(({ date }, at) => ({
    date,
    netTicks: trial.session_net_ticks[at] ?? null,
    signals: trial.session_signals[at] ?? null,
  }));
}

/** The session that is asked for, else the first in which the trial fired. */
export function chosenSession(sessions: readonly SessionResult[], date: string | null): SessionResult | null {
  return sessions.find((one) => one.date === date) ?? sessions.find(({ signals }) => signals) ?? sessions[0] ?? null;
}

/** A session's result in words. */
export function sessionWords({ date, netTicks, signals }: SessionResult): string {
  if (signals === null) return `${date}: not run`;
  if (signals === 0) return `${date}: no trades`;
  return `${date}: ${signed(netTicks, 1)} ticks net in ${count(signals)} ${signals === 1 ? 'trade' : 'trades'}`;
}

/** How many sessions ended above zero, below, and without trades, and the mean of a session in ticks. */
export function sessionSummary(sessions: readonly SessionResult[]): string {
  const ran = sessions.filter(({ signals }) => signals !== null);
  const nets = ran.map(({ netTicks }) => netTicks ?? 0);
  const up = nets.filter((net) => net > 0).length;
  const down = nets.filter((net) => net < 0).length;
  const total = nets.reduce((sum, net) => sum + net, 0);
  const even = ran.length - up - down;
  return `${count(up)} of ${count(ran.length)} sessions gain, ${count(down)} lose${even === 0 ? '' : `, ${count(even)} neither`}; ${signed(total, 1)} ticks net in all.`;
}
