import { notNull } from '../../../src/errors.ts';
import './heatmap.css';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { palettes } from '../../shared/theme.ts';
import { count, fixed } from '../model/format.ts';
import { type Axis, type HeatCell, type Metric, scaleOf } from '../model/sweeps.ts';
import { cssColour, heatColour } from './heat_colour.ts';
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

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** A metric over two axes, each cell its number on its colour, hatched on too few signals; a cell opens its runs in the table. */
export function Heatmap({ cells, x, y, metric, theme, onPick }: HeatmapProps) {
  const table = useRef<HTMLTableElement>(null);
  const [[row, column], setAt] = useState<readonly [number, number]>([0, 0]);
  const values = cells.flat().flatMap(({ value }) => (value === null ? [] : [value]));
  const scale = useMemo(() => scaleOf(values, metric), [cells, metric]);
  const colourOf = useMemo(() => heatColour(scale, theme), [scale, theme]);
  const style = (value: number | null) => {
    if (value === null) return {};
    const colour = colourOf(value);
    return {
      backgroundColor: cssColour(colour),
      color: isLight(...colour) ? palettes.light.accent : palettes.dark.accent,
    };
  };
  const name = (rowIndex: number, index: number) => `${x.label} ${x.values[index]}, ${y.label} ${y.values[rowIndex]}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = moves[event.key];
    if (by === undefined) return;
    const [toRow, toColumn] = [row + by[0], column + by[1]];
    const next = notNull(table.current).querySelector<HTMLElement>(`[data-at="${toRow} ${toColumn}"]`);
    if (next !== null) next.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  const cell = cells[row]?.[column];
  return (
    <>
      <ScrollBox label={`Heatmap of ${metric.label}`}>
        <table class="heat-table" ref={table} onKeyDown={onKeyDown}>
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
            {cells.map((members, rowIndex) => (
              <tr key={y.values[rowIndex]}>
                <th scope="row">{y.values[rowIndex]}</th>
                {members.map((one, index) => (
                  <td key={x.values[index]}>
                    <button
                      type="button"
                      class={one.isThin ? 'is-thin' : ''}
                      style={style(one.value)}
                      data-at={`${rowIndex} ${index}`}
                      tabIndex={rowIndex === row && index === column ? 0 : -1}
                      aria-disabled={one.runs.length === 0}
                      aria-label={`${metric.text(one.value)}${one.isThin ? ', on too few signals' : ''}: ${name(rowIndex, index)}`}
                      onFocus={() => setAt([rowIndex, index])}
                      onPointerEnter={() => setAt([rowIndex, index])}
                      onClick={() => {
                        if (one.runs.length > 0)
                          onPick(`${x.column}=${x.values[index]} ${y.column}=${y.values[rowIndex]}`);
                      }}
                    >
                      {metric.text(one.value)}
                    </button>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <div class="heat-legend">
        <Legend metric={metric} values={values} colourAt={(value) => cssColour(colourOf(value))} />
        <span>
          <i class="key-thin" /> fewer signals than the experiment’s min_signals
        </span>
        {cell !== undefined && (
          <span class="readout">
            {name(row, column)}: <strong>{metric.text(cell.value)}</strong>, n {fixed(cell.signals, 0)},{' '}
            {count(cell.runs.length)} runs
          </span>
        )}
      </div>
    </>
  );
}

interface LegendProps {
  readonly metric: Metric;
  readonly values: readonly number[];
  readonly colourAt: (value: number) => string;
}

/** The colours from the least value to the largest, its ends named. */
function Legend({ metric, values, colourAt }: LegendProps) {
  if (values.length === 0) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const steps = Array.from({ length: 17 }, (_, index) => colourAt(low + (index / 16) * (high - low)));
  return (
    <span class="ramp">
      {metric.text(low)}
      <i style={{ background: `linear-gradient(to right, ${steps.join(', ')})` }} />
      {metric.text(high)} {metric.label}
    </span>
  );
}

/** Whether black is read better than white on a colour (relative luminance of WCAG 2). */
function isLight(r: number, g: number, b: number): boolean {
  const linear = (byte: number) => (byte <= 10 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) > 0.179;
}
