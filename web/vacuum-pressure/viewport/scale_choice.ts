import type { ColumnName } from '../../../src/engine/index.ts';
import { present } from '../../../src/errors.ts';
import { colourMaps } from '../../shared/colour/colour_maps.ts';
import { noTick, type SessionStore } from '../session/session_store.ts';
import { type ColourScale, sizePercentile } from './colour_scale.ts';
import type { Layer } from './layers.ts';
import { reductionOf } from './level_of_detail.ts';
import type { LayerScale } from './settings.ts';

/** The scale of a layer that nobody has set: its whole range where it has one, else what is in view. */
export function defaultScale(layer: Layer): LayerScale {
  const map = present(colourMaps.find(({ kind }) => kind === layer.kind)).id;
  // Most scores are far below their bound, and means of many further: their scale follows what is in view.
  if (layer.column === 'flow_score' || layer.column === 'composite') {
    return { map, cutoffs: 'percent', low: 0, high: 98, gamma: 1, contrast: 1 };
  }
  if (layer.bound !== null) return { map, cutoffs: 'value', low: 0, high: layer.bound, gamma: 1, contrast: 1 };
  // Of depth one looks for walls: what is usual stays dark.
  if (layer.column.endsWith('_depth')) return { map, cutoffs: 'percent', low: 10, high: 99.5, gamma: 1.1, contrast: 1 };
  return { map, cutoffs: 'percent', low: 5, high: 99, gamma: 0.8, contrast: 1 };
}

const sampledBins = 96;
/** Of more bins a mean changes little. */
const mostAveraged = 16;

/** Copies a bin's cells to `out` from `at` on; false without any. */
function copyBin(store: SessionStore, column: ColumnName, seq: number, out: Float32Array, at: number): boolean {
  return store.baseTick(seq) !== noTick && store.copyCells(column, seq, out, at);
}

/** As `copyBin`, the mean of each tick of bin `seq` over bins [seq, seq + bins). */
function copyMeans(store: SessionStore, column: ColumnName, seq: number, bins: number, out: Float32Array, at: number) {
  if (!copyBin(store, column, seq, out, at)) return false;
  const base = store.baseTick(seq);
  for (let row = 0; row < store.contract.rows; row++) {
    let [sum, count] = [0, 0];
    for (let each = seq; each < seq + bins; each++) {
      const value = store.value(column, each, base + row);
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    out[at + row] = count === 0 ? 0 : sum / count;
  }
  return true;
}

/**
 * Cut-offs in the layer's unit. Percentiles are taken over bins spread evenly over [first, end), or over the whole
 * session when nothing of it is in view; of values whose mean is shown, over means of `binsPerPx` bins.
 */
export function resolveScale(
  layer: Layer,
  choice: LayerScale,
  store: SessionStore,
  first: number,
  end: number,
  binsPerPx = 1,
): ColourScale {
  const { gamma, contrast } = choice;
  const make = (low: number, high: number): ColourScale => {
    const above = high > low ? high : low + Math.max(1e-9, Math.abs(low) * 1e-6);
    return { kind: layer.kind, low, high: above, gamma, contrast };
  };
  if (choice.cutoffs === 'value') return make(choice.low, choice.high);
  const isInView = first <= store.newest && end > store.oldest;
  const from = isInView ? Math.max(first, store.oldest) : store.oldest;
  const to = isInView ? Math.min(end, store.newest + 1) : store.newest + 1;
  const { rows } = store.contract;
  const values = new Float32Array(sampledBins * rows);
  let count = 0;
  const stride = Math.max(1, (to - from) / sampledBins);
  for (let at = from; at < to && count + rows <= values.length; at += stride) {
    const seq = Math.floor(at);
    const meanOf = reductionOf(layer.kind) === 'mean' ? Math.min(Math.floor(binsPerPx), mostAveraged) : 1;
    if (
      meanOf > 1
        ? copyMeans(store, layer.column, seq, meanOf, values, count)
        : copyBin(store, layer.column, seq, values, count)
    )
      count += rows;
  }
  const high = sizePercentile(values, count, choice.high);
  const low = choice.low === 0 ? 0 : sizePercentile(values, count, choice.low);
  return make(low, high === 0 ? 1 : high);
}

/** Whether two scales differ enough to redraw for: automatic cut-offs should not flicker with every bin. */
export function differs(shown: ColourScale, wanted: ColourScale): boolean {
  const far = (a: number, b: number) => Math.abs(a - b) > 0.08 * Math.max(Math.abs(a), Math.abs(b));
  return (
    shown.kind !== wanted.kind ||
    shown.gamma !== wanted.gamma ||
    shown.contrast !== wanted.contrast ||
    far(shown.high, wanted.high) ||
    Math.abs(shown.low - wanted.low) > 0.08 * wanted.high
  );
}
