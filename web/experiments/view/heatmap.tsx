import { useMemo } from 'preact/hooks';
import { colourCount, colourTable, type Theme } from '../../shared/colour/colour_maps.ts';
import { count } from '../model/format.ts';
import { type Axis, type HeatCell, type Metric, scaleOf } from '../model/sweeps.ts';
import { ScrollBox } from './scroll_box.tsx';

interface HeatmapProps {
  readonly cells: readonly (readonly HeatCell[])[];
  readonly x: Axis;
  readonly y: Axis;
  readonly metric: Metric;
  readonly theme: Theme;
  /** Called with the search that finds a cell's runs. */
  readonly onPick: (search: string) => void;
}

/** A metric over two axes, each cell its number on its colour; a cell opens its runs in the table. */
export function Heatmap({ cells, x, y, metric, theme, onPick }: HeatmapProps) {
  const values = cells.flat().flatMap(({ value }) => (value === null ? [] : [value]));
  const scale = useMemo(() => scaleOf(values, metric), [cells, metric]);
  const colours = useMemo(() => colourTable(scale.diverging ? 'orange-blue' : 'ice', theme), [scale, theme]);
  const style = (value: number | null) => {
    if (value === null) return {};
    const index = Math.round(scale.at(value) * (colourCount - 1));
    const [r, g, b] = colours.subarray(index * 4, index * 4 + 3);
    return { background: `rgb(${r} ${g} ${b})`, color: isLight(r!, g!, b!) ? '#000000' : '#ffffff' };
  };
  const searchOf = (xValue: number | string, yValue: number | string) =>
    `${columnOf(x)}=${xValue} ${columnOf(y)}=${yValue}`;
  return (
    <ScrollBox label={`Heatmap of ${metric.label}`}>
      <table class="heat-table">
        <caption>
          {x.label} across, {y.label} down
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{y.label}</span>
            </th>
            {x.values.map((value) => (
              <th key={value} scope="col">
                {value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((row, rowIndex) => (
            <tr key={y.values[rowIndex]}>
              <th scope="row">{y.values[rowIndex]}</th>
              {row.map((cell, index) => (
                <td key={x.values[index]}>
                  <button
                    type="button"
                    style={style(cell.value)}
                    disabled={cell.runs.length === 0}
                    title={`${x.label} ${x.values[index]}, ${y.label} ${y.values[rowIndex]}: ${count(cell.runs.length)} runs`}
                    onClick={() => onPick(searchOf(x.values[index]!, y.values[rowIndex]!))}
                  >
                    {metric.text(cell.value)}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** The name that a search knows an axis by. */
export function columnOf({ name }: Axis): string {
  if (name === 'eval.cooldown_bins') return 'cooldown_bins';
  return name.replace(/^eval\./, 'eval_');
}

/** Whether black is read better than white on a colour (relative luminance of WCAG 2). */
function isLight(r: number, g: number, b: number): boolean {
  const linear = (byte: number) => (byte <= 10 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) > 0.179;
}
