import './line_sample.css';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { seriesColour, seriesDash } from '../model/series_style.ts';

/** A run's curve in small: its colour and its dash. */
export function LineSample({ index, theme }: { index: number; theme: Theme }) {
  return (
    <svg class="line-sample" width="26" height="8" aria-hidden="true">
      <line
        x1="0"
        y1="4"
        x2="26"
        y2="4"
        stroke={seriesColour(index, theme)}
        stroke-width="3"
        stroke-dasharray={seriesDash(index).join(' ')}
      />
    </svg>
  );
}
