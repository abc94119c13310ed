import './pair_tiles.css';
import { useMemo } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import type { Run } from '../model/runs.ts';
import { type Axis, axisPairs, heatCells, type Metric, scaleOf } from '../model/sweeps.ts';
import { cssColour, heatColour } from './heat_colour.ts';

interface PairTilesProps {
  readonly runs: readonly Run[];
  readonly axes: readonly Axis[];
  /** The pair that the landscape shows. */
  readonly x: Axis;
  readonly y: Axis;
  readonly metric: Metric;
  readonly rest: 'median' | 'best';
  readonly theme: Theme;
  readonly onPick: (x: Axis, y: Axis) => void;
}

/** The landscape over every pair of axes, small and on one scale: the pair whose tile varies is the one to look at. */
export function PairTiles({ runs, axes, x, y, metric, rest, theme, onPick }: PairTilesProps) {
  const tiles = useMemo(
    () =>
      axisPairs(axes).map(([across, down]) => ({ across, down, cells: heatCells(runs, across, down, metric, rest) })),
    [runs, axes, metric, rest],
  );
  const colourOf = useMemo(() => {
    const values = tiles.flatMap(({ cells }) => cells.flat().flatMap(({ value }) => (value === null ? [] : [value])));
    return heatColour(scaleOf(values, metric), theme);
  }, [tiles, metric, theme]);
  const isShown = (across: Axis, down: Axis) =>
    (across.name === x.name && down.name === y.name) || (across.name === y.name && down.name === x.name);
  return (
    <ul class="pair-tiles" aria-label="Landscapes of all pairs of axes">
      {tiles.map(({ across, down, cells }) => (
        <li key={`${across.name} ${down.name}`}>
          <button type="button" aria-pressed={isShown(across, down)} onClick={() => onPick(across, down)}>
            <span
              class="pair-cells"
              style={{ gridTemplateColumns: `repeat(${across.values.length}, 1fr)` }}
              aria-hidden="true"
            >
              {cells.flatMap((row, rowIndex) =>
                row.map(({ value }, index) => (
                  <i
                    key={`${rowIndex} ${index}`}
                    style={value === null ? {} : { backgroundColor: cssColour(colourOf(value)) }}
                  />
                )),
              )}
            </span>
            <span>
              {across.label} <span class="quiet">by</span> {down.label}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
