import type { DrawnFeature } from '../session/feature_ledger.ts';
import type { Extremes, GroupSummary } from '../session/group_summary.ts';
import type { Session } from '../session/session.ts';
import { type SessionStore, seriesFields } from '../session/session_store.ts';
import { type Viewport, visibleGroups } from '../viewport/viewport.ts';

/**
 * Lines over the groups of bins in view: a bin each, or, where bins are narrower than a pixel, as many as a pixel has. Value `i` of a
 * line holds over group `first + i`, NaN where there is none.
 */
export interface StepColumns {
  readonly first: number;
  /** Bins of a group. */
  readonly step: number;
  /** Where the last group ends, in bins: at the newest bin when that is in it. */
  readonly endBin: number;
  readonly lines: readonly Float64Array[];
}

/** `count` lines of the groups in view that bins have come for; `fill` writes them from the groups' slots. */
function groupColumns<Field extends string>(
  summary: GroupSummary<Field>,
  store: SessionStore,
  view: Viewport,
  count: number,
  fill: (lines: readonly Float64Array[], slots: Int32Array) => void,
): StepColumns {
  const step = Math.max(1, view.binsPerPx);
  summary.setStep(step);
  const [visibleFirst, visibleEnd] = visibleGroups(view);
  const first = Math.max(visibleFirst, Math.floor(Math.max(0, store.oldest) / step));
  const end = Math.max(first, Math.min(visibleEnd, Math.ceil((store.newest + 1) / step)));
  const slots = new Int32Array(end - first);
  for (let at = 0; at < slots.length; at++) slots[at] = summary.slot(first + at);
  const lines = Array.from({ length: count }, () => new Float64Array(slots.length));
  fill(lines, slots);
  return { first, step, endBin: Math.min(end * step, store.newest + 1), lines };
}

/** Copies what a summary keeps of a field into a line. */
function copyLine<Field extends string>(
  line: Float64Array | undefined,
  slots: Int32Array,
  summary: GroupSummary<Field>,
  extreme: keyof Extremes,
  field: Field,
): void {
  const kept = summary.kept(extreme, field);
  if (line === undefined || kept === undefined) {
    line?.fill(Number.NaN);
    return;
  }
  for (let at = 0; at < slots.length; at++) line[at] = kept[slots[at]!]!;
}

/** Columns of the score: the smallest and the largest of each group, equal for single bins, and the threshold on both sides. */
export function scoreColumns({ summary, store }: Session, view: Viewport): StepColumns {
  return groupColumns(summary, store, view, 4, ([low, high, above, below], slots) => {
    copyLine(low, slots, summary, 'low', 'score');
    copyLine(high, slots, summary, 'high', 'score');
    copyLine(above, slots, summary, 'high', 'threshold');
    for (let at = 0; at < slots.length; at++) below![at] = -above![at]!;
  });
}

/** Columns of the signal's own series: means of the groups. */
export function ownColumns({ summary, store, contract }: Session, view: Viewport): StepColumns {
  const fields = seriesFields.slice(0, contract.config.signal.series?.length ?? 0);
  return groupColumns(summary, store, view, fields.length, (lines, slots) => {
    for (const [at, field] of fields.entries()) copyLine(lines[at], slots, summary, 'mean', field);
  });
}

/** Columns of the state shares, stacked: nothing, bull, bull and mixed, all. */
export function shareColumns({ summary, store }: Session, view: Viewport): StepColumns {
  return groupColumns(summary, store, view, 4, ([, bull, mixed, all], slots) => {
    copyLine(bull, slots, summary, 'mean', 'bull');
    copyLine(mixed, slots, summary, 'mean', 'mixed');
    copyLine(all, slots, summary, 'mean', 'bear');
    for (let at = 0; at < slots.length; at++) {
      mixed![at]! += bull![at]!;
      all![at]! += mixed![at]!;
    }
  });
}

/** Columns of a feature: the smallest and the largest of each group, equal for single bins. */
export function featureColumns({ features, store }: Session, view: Viewport, name: DrawnFeature): StepColumns {
  const { summary } = features;
  return groupColumns(summary, store, view, 2, ([low, high], slots) => {
    copyLine(low, slots, summary, 'low', name);
    copyLine(high, slots, summary, 'high', name);
  });
}
