import { Menu } from '../../shared/menu.tsx';
import type { Terminal } from '../playback/terminal.ts';
import type { BarKind } from '../session/bars.ts';
import { formatDuration } from '../session/format.ts';
import { barOptions, binsPerPxFor, readableRowPx } from '../viewport/chart_bars.ts';
import { barSizes, type ChartKind, chartKinds } from '../viewport/chart_kind.ts';
import type { Settings } from '../viewport/settings.ts';
import { useTerminal } from './use_terminal.ts';

export const chartKindWords: Readonly<Record<ChartKind, string>> = {
  heatmap: 'Heatmap',
  footprint: 'Footprint',
  candles: 'Candles',
};
const barWords: Readonly<Record<BarKind, string>> = {
  time: 'Time',
  volume: 'Volume',
  trades: 'Trades',
  range: 'Range',
};

function sizeWords(kind: BarKind, size: number, unit: string): string {
  if (kind === 'time') return formatDuration(size * 1000);
  return `${size} ${{ volume: unit, trades: 'trades', range: 'ticks' }[kind]}`;
}

/** Changes the kind of chart or its bars, and zooms to where bars by time can be read. */
export function changeChart({ settings, chart, data }: Terminal, patch: Partial<Settings>): void {
  settings.change(patch);
  const { chartKind } = settings.current;
  const { kind, size } = barOptions(settings.current, data);
  const { view } = chart;
  const binsPerPx = kind === 'time' ? binsPerPxFor(chartKind, size) : null;
  if (binsPerPx !== null) chart.zoomAt(binsPerPx / view.binsPerPx, view.widthPx, 0, 'time');
  if (chartKind === 'footprint' && view.ticksPerPx * readableRowPx > 1) {
    chart.zoomPriceAboutSpot(1 / (view.ticksPerPx * readableRowPx));
  }
}

const followWords = { centre: 'Spot centred', margin: 'Spot with margin', locked: 'Price locked' } as const;

/** Heatmap, footprint or candles, what their bars are made of, and how the prices follow spot. */
export function ChartKindMenu({ open, onToggle }: { open: boolean; onToggle: (open: boolean) => void }) {
  const terminal = useTerminal('settings', 'session');
  const { chartKind, barKind, barSizes: sizes, followMode } = terminal.settings.current;
  const unit = terminal.data.session?.contract.quantityUnit ?? '';
  const choice = <Value extends string>(
    label: string,
    value: Value,
    words: Readonly<Record<Value, string>>,
    patch: (value: Value) => Partial<Settings>,
  ) => (
    <label class="row">
      <span>{label}</span>
      <select
        value={value}
        onChange={({ currentTarget }) => changeChart(terminal, patch(currentTarget.value as Value))}
      >
        {(Object.keys(words) as Value[]).map((name) => (
          <option key={name} value={name}>
            {words[name]}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Menu name={chartKindWords[chartKind]} open={open} onToggle={onToggle}>
      {choice('Chart (H)', chartKind, chartKindWords, (kind) => ({ chartKind: kind }))}
      {choice('Bars by', barKind, barWords, (kind) => ({ barKind: kind }))}
      <label class="row">
        <span>Size of a bar</span>
        <select
          value={sizes[barKind]}
          onChange={({ currentTarget }) =>
            changeChart(terminal, { barSizes: { ...sizes, [barKind]: Number(currentTarget.value) } })
          }
        >
          {[...new Set([...barSizes[barKind], sizes[barKind]])]
            .sort((a, b) => a - b)
            .map((size) => (
              <option key={size} value={size}>
                {sizeWords(barKind, size, unit)}
              </option>
            ))}
        </select>
      </label>
      {choice('Price axis (F)', followMode, followWords, (mode) => ({ followMode: mode }))}
    </Menu>
  );
}

/** Heatmap, footprint, candles, and round again. */
export function nextChart(terminal: Terminal): void {
  const at = chartKinds.indexOf(terminal.settings.current.chartKind);
  changeChart(terminal, { chartKind: chartKinds[(at + 1) % chartKinds.length] ?? 'heatmap' });
}
