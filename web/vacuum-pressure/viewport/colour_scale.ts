import { type ColourMapKind, colourCount } from '../../shared/colour/colour_maps.ts';

/** How values become entries of a colour table; the heatmap's shader computes the same (`gl/heatmap.frag.glsl`). */
export interface ColourScale {
  readonly kind: ColourMapKind;
  /** Sizes at and below `low` take the weakest colour, at and above `high` the strongest; in units of the layer. */
  readonly low: number;
  readonly high: number;
  /** Exponent of the size: below 1 lifts weak values, above 1 hides them. */
  readonly gamma: number;
  /** Steepness about the middle of the range: 1 is linear. */
  readonly contrast: number;
}

/** Strength of a value's colour, 0 to 1, whatever its sign. */
export function colourStrength(scale: ColourScale, value: number): number {
  const size = scale.kind === 'sequential' ? value : Math.abs(value);
  const share = Math.min(Math.max((size - scale.low) / (scale.high - scale.low), 0), 1);
  const lifted = share ** scale.gamma;
  const rising = lifted ** scale.contrast;
  return rising / (rising + (1 - lifted) ** scale.contrast);
}

/** Index of a value's colour in the table of `colourTable`. */
export function colourIndex(scale: ColourScale, value: number): number {
  const strength = colourStrength(scale, value);
  if (scale.kind === 'sequential') return Math.floor(strength * (colourCount - 1) + 0.5);
  const half = (colourCount - 1) / 2;
  return half + Math.sign(value) * Math.floor(strength * half + 0.5);
}

/** The value in the middle of what index `index` stands for: the inverse of `colourIndex`, for the legend. */
export function legendValue(scale: ColourScale, index: number): number {
  const half = (colourCount - 1) / 2;
  const signed = scale.kind === 'sequential' ? index / (colourCount - 1) : index / half - 1;
  const strength = Math.abs(signed);
  const root = strength ** (1 / scale.contrast);
  const lifted = root / (root + (1 - strength) ** (1 / scale.contrast));
  const size = scale.low + lifted ** (1 / scale.gamma) * (scale.high - scale.low);
  return signed < 0 ? -size : size;
}

/**
 * The value below which `percent` of the sizes lie, over `values[0..count)`; zeros do not count, since most cells of a
 * quiet book are zero. Sorts `values` in place. 0 when there is nothing to rank.
 */
export function sizePercentile(values: Float32Array, count: number, percent: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const size = Math.abs(values[i]!);
    if (size > 0) values[kept++] = size;
  }
  if (kept === 0) return 0;
  const sizes = values.subarray(0, kept).sort();
  return sizes[Math.min(kept - 1, Math.floor((percent / 100) * kept))]!;
}
