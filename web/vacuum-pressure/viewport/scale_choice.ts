import { present } from '../../../src/errors.ts';
import { colourMaps } from '../../shared/colour/colour_maps.ts';
import { noTick, type SessionStore } from '../session/session_store.ts';
import { type ColourScale, sizePercentile } from './colour_scale.ts';
import type { Layer } from './layers.ts';
import type { LayerScale } from './settings.ts';

/** The scale of a layer that nobody has set: its whole range where it has one, else what is in view. */
export function defaultScale(layer: Layer): LayerScale {
  const map = present(colourMaps.find(({ kind }) => kind === layer.kind)).id;
  if (layer.bound !== null) return { map, cutoffs: 'value', low: 0, high: layer.bound, gamma: 1, contrast: 1 };
  // Of depth one looks for walls: what is usual stays dark.
  if (layer.column.endsWith('_depth')) return { map, cutoffs: 'percent', low: 10, high: 99.5, gamma: 1.4, contrast: 1 };
  return { map, cutoffs: 'percent', low: 5, high: 99, gamma: 0.8, contrast: 1 };
}

const sampledBins = 96;

/**
 * Cut-offs in the layer's unit. Percentiles are taken over bins spread evenly over [first, end), or over the whole
 * session when nothing of it is in view.
 */
export function resolveScale(
  layer: Layer,
  choice: LayerScale,
  store: SessionStore,
  first: number,
  end: number,
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
    if (store.baseTick(seq) !== noTick && store.copyCells(layer.column, seq, values, count)) count += rows;
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
