import { type ResultsStore, walkForwardRows } from '../lake/index.ts';
import { defaultSplit } from './experiment_verdict.ts';
import type { Judgement } from './plan.ts';
import { overlaps, type SessionTime, sessionSet, sessionTimes } from './session_sets.ts';

/** Which of the walk-forwards that were tried on an experiment's sessions its own is; 1 is the first that was declared. */
export interface WalkForwardCount {
  readonly number: number;
  readonly tried: number;
}

/** The only walk-forward there is. */
export const onlyWalkForward: WalkForwardCount = { number: 1, tried: 1 };

/** How sessions are split and a trial is chosen: walk-forwards that differ in it are different tries. */
function ruleOf({ split, choose, minSignals }: Judgement) {
  const { trainSessions, testSessions, anchored } = split ?? defaultSplit;
  return { trainSessions, testSessions, anchored, choose: choose as string, minSignals };
}

type Rule = ReturnType<typeof ruleOf>;

const keyOf = ({ trainSessions, testSessions, anchored, choose, minSignals }: Rule) =>
  [trainSessions, testSessions, anchored, choose, minSignals].join();

/**
 * Counts the different walk-forwards on sessions that these have time in common with, by the time of their first
 * declaration there. `timestampUtc` declares the experiment's own, where it is new or has new sessions; with null it is
 * counted as the last. An experiment without sessions left to test has tried none.
 */
export async function countWalkForwards(
  store: ResultsStore,
  sessions: readonly SessionTime[],
  judgement: Judgement,
  timestampUtc: string | null,
): Promise<WalkForwardCount> {
  const rule = ruleOf(judgement);
  const own = keyOf(rule);
  if (sessions.length < 2 || rule.trainSessions >= sessions.length) return onlyWalkForward;
  // The rows come in order of time: the first of a rule on these sessions is its declaration.
  const declared: string[] = [];
  const known: SessionTime[] = [];
  for (const row of await walkForwardRows(store)) {
    const tested = sessionTimes(row.sessionsJson);
    const key = keyOf(row);
    if (key === own) known.push(...tested);
    if (!declared.includes(key) && sessions.some((one) => tested.some((other) => overlaps(one, other)))) {
      declared.push(key);
    }
  }
  if (!declared.includes(own)) declared.push(own);
  const isKnown = new Set(known.map((one) => sessionSet([one]).sessionsHash));
  const added = sessions.filter((one) => !isKnown.has(sessionSet([one]).sessionsHash));
  if (timestampUtc !== null && added.length > 0) {
    await store.append({ walk_forwards: [{ timestampUtc, ...sessionSet(added), ...rule }] });
  }
  return { number: declared.indexOf(own) + 1, tried: declared.length };
}

/** "2nd of the 3 walk-forwards that were tried on these sessions"; empty for the only one. */
export function walkForwardCountText({ number, tried }: WalkForwardCount): string {
  if (tried === 1) return '';
  const last = number % 10;
  const isTeen = number % 100 > 10 && number % 100 < 14;
  const suffix = isTeen ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th';
  const text = `${number}${suffix} walk-forward of ${tried} that were tried on these sessions`;
  return number === 1
    ? `${text}.`
    : `${text}: the interval belongs to the first that was declared, and this one has none.`;
}
