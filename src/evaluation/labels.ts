import { firstTouch } from './first_touch.ts';

/** What a label says: the sign of the first large move, or how a long trade ends. */
export const labelKinds = ['first_move', 'first_touch'] as const;
export type LabelKind = (typeof labelKinds)[number];

export interface LabelRules {
  readonly kind: LabelKind;
  readonly tpTicks: number;
  readonly slTicks: number;
  readonly maxHoldBins: number;
}

/** Labels of a session's bins; one element a bin. */
export interface Labels {
  /** −1, 0 or 1; 0 where there is none. */
  readonly label: Int8Array;
  /** 1 where there is a label. */
  readonly hasLabel: Uint8Array;
  /** The bin at whose end the label is known. */
  readonly knownBin: Int32Array;
}

/** Bins that a label looks ahead. */
export function labelHorizon({ kind, maxHoldBins }: Pick<LabelRules, 'kind' | 'maxHoldBins'>): number {
  return kind === 'first_move' ? maxHoldBins - 1 : maxHoldBins;
}

/**
 * Labels every bin of a session. `first_move`: the sign of the first move of the mid by min(tp, sl) ticks within max_hold − 1 bins,
 * 0 if there is none. `first_touch`: 1 where the mid is tp above within max_hold bins before it is sl below, −1 the other way
 * round, 0 for neither. A bin has none where a signal may not fire, and where its horizon leaves the session, however early
 * the move came: those that moved fast alone would be kept.
 * @param mids - NaN where a bin has none
 * @param tradable - 1 where the book is valid and has a mid
 * @param tickSize - in the unit of the mids
 */
export function labelBins(mids: Float64Array, tradable: Uint8Array, tickSize: number, rules: LabelRules): Labels {
  const count = mids.length;
  const isMove = rules.kind === 'first_move';
  const nearest = Math.min(rules.tpTicks, rules.slTicks);
  const above = new Int32Array(count);
  const below = new Int32Array(count);
  firstTouch(mids, (isMove ? nearest : rules.tpTicks) * tickSize, 1, above);
  firstTouch(mids, (isMove ? nearest : rules.slTicks) * tickSize, -1, below);
  const horizon = labelHorizon(rules);
  const label = new Int8Array(count);
  const hasLabel = new Uint8Array(count);
  const knownBin = new Int32Array(count);
  for (let bin = 0; bin < count; bin++) {
    const last = bin + horizon;
    if (tradable[bin] === 0 || last >= count) continue;
    hasLabel[bin] = 1;
    const [up, down] = [above[bin]!, below[bin]!];
    const first = Math.min(up, down);
    knownBin[bin] = Math.min(first, last);
    if (first <= last) label[bin] = up < down ? 1 : -1;
  }
  return { label, hasLabel, knownBin };
}
