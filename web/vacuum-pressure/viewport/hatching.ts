import type { Session } from '../session/session.ts';
import { timeAt, type Viewport, visibleBins, visibleGroups } from './viewport.ts';

export const hatchingKinds = ['noBins', 'notReceived', 'invalid'] as const;
export type HatchingKind = (typeof hatchingKinds)[number];

/** Lines a hatching has: their distance along the page in CSS pixels, and their share of the hatching's colour. */
export interface Hatching {
  readonly words: string;
  readonly spacingPx: number;
  readonly strength: number;
}

/** What is hatched; the less is known of what, the closer the lines. */
export const hatchings: Readonly<Record<HatchingKind, Hatching>> = {
  noBins: { words: 'no bins: before the start, or after the newest', spacingPx: 16, strength: 0.22 },
  notReceived: { words: 'bins that were not received', spacingPx: 9, strength: 0.4 },
  invalid: { words: 'book not valid', spacingPx: 5, strength: 0.6 },
};

/** A strip without bins that is narrower goes unnamed: at the edge of a chart that follows there may be one. */
const narrowestPx = 8;

/** The hatchings that a view shows; `hatchInvalid`: whether invalid books are hatched at all. */
export function hatchingsInView(
  { store, summary }: Pick<Session, 'store' | 'summary'>,
  view: Viewport,
  hatchInvalid: boolean,
): HatchingKind[] {
  const [first, end] = visibleBins(view);
  const known = Math.min(end, store.newest + 1);
  const step = Math.max(1, view.binsPerPx);
  const isMissing = () => {
    for (let seq = Math.max(0, first); seq < known; seq += step) if (!store.has(Math.floor(seq))) return true;
    return false;
  };
  const isInvalid = () => {
    const [firstGroup, endGroup] = visibleGroups(view);
    for (let group = firstGroup; group < endGroup; group++) {
      if (summary.low('bookValid', summary.slot(group)) === 0) return true;
    }
    return false;
  };
  const shown: Readonly<Record<HatchingKind, boolean>> = {
    noBins: Math.max(-view.left, timeAt(view, view.widthPx) - store.newest - 1) / view.binsPerPx >= narrowestPx,
    notReceived: isMissing(),
    invalid: hatchInvalid && isInvalid(),
  };
  return hatchingKinds.filter((kind) => shown[kind]);
}
