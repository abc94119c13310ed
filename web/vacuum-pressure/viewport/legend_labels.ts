import { colourCount } from '../../shared/colour/colour_maps.ts';
import { formatScore } from '../session/format.ts';
import { type ColourScale, legendValue } from './colour_scale.ts';
import { formatCell, type Layer } from './layers.ts';

/** A label of the colour bar, at a share of its length. */
export interface LegendLabel {
  readonly text: string;
  readonly share: number;
}

/** A digit at 11 pixels, and what stays free between two labels. */
const digitPx = 6.6;
const labelGapPx = 6;

const widthOf = (text: string) => text.length * digitPx;

/** Where a label begins: the first and the last end with the bar, the others stand about their place. */
function leftOf({ text, share }: LegendLabel, barPx: number): number {
  return Math.min(Math.max(share * barPx - widthOf(text) / 2, 0), barPx - widthOf(text));
}

/** Of `labels`, most important first, those that do not touch one before them; from left to right. */
export function labelsThatFit(labels: readonly LegendLabel[], barPx: number): LegendLabel[] {
  const kept: LegendLabel[] = [];
  for (const label of labels) {
    const left = leftOf(label, barPx);
    const right = left + widthOf(label.text);
    const isFree = kept.every((other) => {
      const otherLeft = leftOf(other, barPx);
      return right + labelGapPx <= otherLeft || otherLeft + widthOf(other.text) + labelGapPx <= left;
    });
    if (isFree) kept.push(label);
  }
  return kept.sort((a, b) => a.share - b.share);
}

/**
 * Labels of a layer's colour bar: the cut-offs at its ends, zero, and values between them as far as there is room, those in
 * the middle last.
 */
export function legendLabels(layer: Layer, scale: ColourScale, barPx: number): LegendLabel[] {
  const words = (value: number) =>
    layer.kind === 'diverging' && layer.bound === 1 ? formatScore(value) : formatCell(layer, value, scale.high);
  const at = (share: number, before = ''): LegendLabel => ({
    text: `${before}${words(legendValue(scale, Math.round(share * (colourCount - 1))))}`,
    share,
  });
  if (layer.kind === 'diverging') {
    return labelsThatFit(
      [at(0, '≤ '), at(1, '≥ '), { text: '0', share: 0.5 }, at(0.2), at(0.8), at(0.35), at(0.65)],
      barPx,
    );
  }
  const lowest: LegendLabel = scale.low === 0 ? { text: '0', share: 0 } : at(0, '≤ ');
  return labelsThatFit([lowest, at(1, '≥ '), at(0.75), at(0.25), at(0.5)], barPx);
}
