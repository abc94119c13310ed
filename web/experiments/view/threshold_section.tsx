import './figures.css';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { RunDetail } from '../../../src/wire/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { count, fixed, parameter, percent, probability, signed } from '../model/format.ts';
import { verdict } from '../model/runs.ts';
import { Plot, plotAxis, zeroLine } from './plot.tsx';
import { ScrollBox } from './scroll_box.tsx';

type ThresholdRow = RunDetail['threshold_results'][number];

interface ThresholdSectionProps {
  readonly rows: readonly ThresholdRow[];
  readonly threshold: number;
  readonly onThreshold: (threshold: number) => void;
  readonly theme: Theme;
}

/** Where the interval lies. */
const words = { above: 'above', below: 'below', open: 'around' } as const;

/** All thresholds of a run as plots and table; a row chooses the threshold that the rest of the panel is about. */
export function ThresholdSection({ rows, threshold, onThreshold, theme }: ThresholdSectionProps) {
  const rates = useMemo<uPlot.AlignedData>(() => {
    const share = (value: number | null) => (value === null ? null : value * 100);
    return [
      rows.map((row) => row.threshold),
      rows.map((row) => (row.n_signals === 0 ? null : share(row.tp_rate_high))),
      rows.map((row) => (row.n_signals === 0 ? null : share(row.tp_rate_low))),
      rows.map((row) => share(row.tp_rate)),
      rows.map((row) => share(row.break_even_rate)),
    ];
  }, [rows]);
  const gains = useMemo<uPlot.AlignedData>(
    () => [
      rows.map((row) => row.threshold),
      rows.map((row) => row.mean_net_pnl_ticks),
      rows.map((row) => row.n_signals),
    ],
    [rows],
  );
  return (
    <section>
      <h3>Thresholds</h3>
      <div class="plots">
        <figure>
          <figcaption>
            <i class="key-line mark-text" /> TP rate, %, and its interval <i class="key-line mark-neutral dashed" />{' '}
            break-even
          </figcaption>
          <Plot
            label={`TP rate over ${rows.length} thresholds, as in the table below`}
            theme={theme}
            heightPx={150}
            data={rates}
            options={rateOptions}
          />
        </figure>
        <figure>
          <figcaption>
            <i class="key-line mark-text" /> net PnL, ticks a signal <i class="key-line mark-neutral dashed" /> signals
            (right)
          </figcaption>
          <Plot
            label="Net PnL and signals over the thresholds, as in the table below"
            theme={theme}
            heightPx={150}
            data={gains}
            options={gainOptions}
          />
        </figure>
      </div>
      <ThresholdTable rows={rows} threshold={threshold} onThreshold={onThreshold} />
    </section>
  );
}

/** The thresholds of a run in figures; a row's button chooses it. */
function ThresholdTable({ rows, threshold, onThreshold }: Omit<ThresholdSectionProps, 'theme'>) {
  return (
    <ScrollBox label="Table of thresholds">
      <table class="figures">
        <thead>
          <tr>
            {['Thr.', 'n', '↑ / ↓', 'TP rate', '95 % interval', 'Break-even', 'Net', 'At mid', 'p', 'Sharpe'].map(
              (label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.threshold} class={row.threshold === threshold ? 'is-chosen' : ''}>
              <th scope="row">
                <button
                  type="button"
                  aria-pressed={row.threshold === threshold}
                  onClick={() => onThreshold(row.threshold)}
                >
                  {parameter(row.threshold)}
                </button>
              </th>
              <td>{count(row.n_signals)}</td>
              <td
                class={row.one_sided === null ? '' : 'warning'}
                title={row.one_sided === null ? undefined : `at least 95 % are ${row.one_sided}`}
              >
                {row.n_up} / {row.n_down}
                {row.one_sided !== null && '*'}
              </td>
              <td>{percent(row.tp_rate)}</td>
              <td>{row.n_signals === 0 ? '–' : `${percent(row.tp_rate_low)} – ${percent(row.tp_rate_high)}`}</td>
              <td>{row.n_signals === 0 ? '–' : words[verdict(row)]}</td>
              <td>{signed(row.mean_net_pnl_ticks, 2)}</td>
              <td>{signed(row.mean_mid_pnl_ticks, 2)}</td>
              <td>{probability(row.p_profit)}</td>
              <td>{fixed(row.sharpe, 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

const rateOptions: Parameters<typeof Plot>[0]['options'] = (palette) => ({
  padding: [8, 8, 0, 0],
  scales: { x: { time: false }, y: { range: (_plot, low, high) => [Math.max(0, low - 3), Math.min(100, high + 3)] } },
  axes: [plotAxis(palette, { size: 26, text: parameter }), plotAxis(palette, { size: 36 })],
  series: [
    {},
    { stroke: 'transparent', points: { show: false } },
    { stroke: 'transparent', points: { show: false } },
    { stroke: palette.text, width: 2, points: { show: true, size: 5 } },
    { stroke: palette.neutral, width: 1.5, dash: [5, 4], points: { show: false } },
  ],
  bands: [{ series: [1, 2], fill: `${palette.text}33` }],
});

const gainOptions: Parameters<typeof Plot>[0]['options'] = (palette) => ({
  padding: [8, 0, 0, 0],
  plugins: [zeroLine(palette.neutral)],
  scales: { x: { time: false }, n: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.05)] } },
  axes: [
    plotAxis(palette, { size: 26, text: parameter }),
    plotAxis(palette, { size: 40 }),
    plotAxis(palette, { scale: 'n', side: 1, size: 44, grid: { show: false } }),
  ],
  series: [
    {},
    { stroke: palette.text, width: 2, points: { show: true, size: 5 } },
    { scale: 'n', stroke: palette.neutral, width: 1.5, dash: [5, 4], points: { show: false } },
  ],
});
