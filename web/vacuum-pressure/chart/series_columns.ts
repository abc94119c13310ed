import { present } from '../../../src/errors.ts';
import type { DrawnFeature } from '../session/feature_ledger.ts';
import type { GroupSummary } from '../session/group_summary.ts';
import type { Session } from '../session/session.ts';
import { type SessionStore, seriesFields } from '../session/session_store.ts';
import { type Viewport, visibleGroups } from '../viewport/viewport.ts';

/** Columns of a plot, the first of them the time in bins; null is a gap, undefined a step that goes on. */
export type Columns = (number | null | undefined)[][];

/** The last point again at the end of its bin, so that its step is as wide as the others. */
function closed(columns: Columns, end: number): Columns {
  if (present(columns[0]).length === 0) return columns;
  return columns.map((column, index) => [...column, index === 0 ? end : present(column.at(-1))]);
}

/** Leaves out values that are those before and behind them, in place: a threshold has two points and not one a pixel. */
function thinOut(column: Columns[number]): void {
  let before: number | null | undefined = null;
  for (let at = 0; at < column.length - 1; at++) {
    const value = column[at];
    if (value !== null && value === before && value === column[at + 1]) column[at] = undefined;
    else before = value;
  }
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);

/**
 * The groups in view, of the summary's step: a bin each, or, where bins are narrower than a pixel, as many as a pixel has.
 * `row` gives the values of one group's slot. Where a line ends before a gap, its last values stand once more at the end of their
 * group: a step is as wide as its bin, also where it stands alone.
 */
function groupColumns(
  summary: Pick<GroupSummary<never>, 'slot'>,
  store: SessionStore,
  view: Viewport,
  count: number,
  row: (slot: number) => readonly number[],
): Columns {
  const step = Math.max(1, view.binsPerPx);
  const [first, visibleEnd] = visibleGroups(view);
  const from = Math.max(first, Math.floor(Math.max(0, store.oldest) / step));
  const end = Math.min(visibleEnd, Math.ceil((store.newest + 1) / step));
  const columns: Columns = Array.from({ length: count + 1 }, () => new Array(Math.max(0, end - from)));
  let length = 0;
  const put = (time: number, values: readonly number[]) => {
    present(columns[0])[length] = time;
    for (const [index, value] of values.entries()) present(columns[index + 1])[length] = known(value);
    length++;
  };
  let before: readonly number[] = [];
  for (let group = from; group < end; group++) {
    const values = row(summary.slot(group));
    if (before.some((value, at) => !Number.isNaN(value) && Number.isNaN(values[at]))) put(group * step, before);
    put(group * step, values);
    before = values;
  }
  const all = closed(columns, Math.min(end * step, store.newest + 1));
  for (const column of all.slice(1)) thinOut(column);
  return all;
}

/** Columns of the score: the smallest and the largest of each group, equal for single bins, and the threshold on both sides. */
export function scoreColumns(session: Session, view: Viewport): Columns {
  const { summary } = session;
  return groupColumns(summary, session.store, view, 4, (slot) => {
    const threshold = summary.high('threshold', slot);
    return [summary.low('score', slot), summary.high('score', slot), threshold, -threshold];
  });
}

/** Columns of the signal's own series: means of the groups. */
export function ownColumns(session: Session, view: Viewport): Columns {
  const { summary, contract } = session;
  const fields = seriesFields.slice(0, contract.config.signal.series?.length ?? 0);
  return groupColumns(summary, session.store, view, fields.length, (slot) =>
    fields.map((field) => summary.mean(field, slot)),
  );
}

/** Columns of the state shares, stacked: bull, bull and mixed, all. */
export function shareColumns(session: Session, view: Viewport): Columns {
  const { summary } = session;
  return groupColumns(summary, session.store, view, 3, (slot) => {
    const bull = summary.mean('bull', slot);
    const upToMixed = bull + summary.mean('mixed', slot);
    return [bull, upToMixed, upToMixed + summary.mean('bear', slot)];
  });
}

/** Columns of a feature: the smallest and the largest of each group, equal for single bins. */
export function featureColumns(session: Session, view: Viewport, name: DrawnFeature): Columns {
  const { summary } = session.features;
  return groupColumns(summary, session.store, view, 2, (slot) => [summary.low(name, slot), summary.high(name, slot)]);
}
