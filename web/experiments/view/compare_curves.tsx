import './compare_curves.css';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { clock, equityOf, inRealBook, onOneAxis } from '../model/curves.ts';
import { count, parameter } from '../model/format.ts';
import { edgeOf, type Run } from '../model/runs.ts';
import { seriesColour, seriesDash } from '../model/series_style.ts';
import { Plot, plotAxis, stepped, zeroLine } from './plot.tsx';
import { useCurves } from './use_curves.ts';

interface CompareCurvesProps {
  readonly runs: readonly Run[];
  readonly theme: Theme;
  /** Thresholds with fewer signals are left out: they say nothing, and would stretch the scale. Null: than a run's experiment asks for. */
  readonly minSignals: number | null;
  /** The run, from 1, that stands out. */
  readonly emphasis: number | null;
}

const nothing = { x: [], y: [] };

/** Thresholds and equity of all runs over each other, each in its colour and dash. */
export function CompareCurves({ runs, theme, minSignals, emphasis }: CompareCurvesProps) {
  const { details, outcomes, errors } = useCurves(runs);
  const [net, edge] = useMemo(() => {
    const curves = (read: (row: ThresholdRow) => number | null) =>
      onOneAxis(
        details.map((detail) =>
          detail === null
            ? nothing
            : {
                x: detail.threshold_results.map((row) => row.threshold),
                y: detail.threshold_results.map((row) =>
                  row.n_signals < (minSignals ?? detail.meta.eval_min_signals) ? null : read(row),
                ),
              },
        ),
      ) as uPlot.AlignedData;
    return [curves((row) => row.mean_net_pnl_ticks), curves(edgeOf)] as const;
  }, [details, minSignals]);
  const equity = useMemo(() => {
    const curves = outcomes.map((one) => {
      if (one === null) return nothing;
      const { seconds, netTicks } = equityOf(one.is_executed ? inRealBook(one) : one);
      return { x: seconds, y: netTicks };
    });
    return onOneAxis(curves) as uPlot.AlignedData;
  }, [outcomes]);
  const [detailed, listed] = [details, outcomes].map((all) => all.filter((one) => one !== null).length) as [
    number,
    number,
  ];
  const shared = { theme, emphasis, total: runs.length };
  return (
    <>
      {errors.length > 0 && (
        <p class="tone-error" role="alert">
          {errors.join(' ')}
        </p>
      )}
      <div class="compare-plots">
        <Overlay
          {...shared}
          name={`Net PnL, ticks a signal, over thresholds with n ≥ ${minSignals ?? 'min_signals'}`}
          data={net}
          came={detailed}
          text={parameter}
        />
        <Overlay {...shared} name="TP rate above break-even, points" data={edge} came={detailed} text={parameter} />
        <Overlay
          {...shared}
          name={`Net equity, ticks over time, each at its best threshold${firstSessions(runs, outcomes)}`}
          data={equity}
          came={listed}
          text={clock}
          isStepped
        />
      </div>
    </>
  );
}

/** Of runs over several sessions the equity is that of their first: says which. */
function firstSessions(runs: readonly Run[], outcomes: ReturnType<typeof useCurves>['outcomes']): string {
  const dates = outcomes.flatMap((one, at) => ((runs[at]?.n_sessions ?? 1) > 1 && one !== null ? [one.session] : []));
  return dates.length === 0 ? '' : `, of several sessions the first, ${[...new Set(dates)].join(', ')}`;
}

type ThresholdRow = NonNullable<ReturnType<typeof useCurves>['details'][number]>['threshold_results'][number];

interface OverlayProps {
  readonly name: string;
  readonly data: uPlot.AlignedData;
  /** Curves that have come, of `total`. */
  readonly came: number;
  readonly total: number;
  readonly text: (value: number) => string;
  readonly theme: Theme;
  readonly emphasis: number | null;
  readonly isStepped?: true;
}

function Overlay({ name, data, came, total, text, theme, emphasis, isStepped }: OverlayProps) {
  return (
    <figure>
      <figcaption>
        {name}
        {came < total && (
          <span class="quiet waiting-inline">
            {' '}
            {count(came)} of {count(total)}…
          </span>
        )}
      </figcaption>
      {came === 0 ? (
        <div class="quiet plot-place">Loading the curves…</div>
      ) : (
        <Plot
          label={`${name}: ${data.length - 1} runs`}
          theme={theme}
          heightPx={240}
          data={data}
          emphasis={emphasis}
          options={(palette) => ({
            padding: [8, 10, 0, 0],
            plugins: [zeroLine(palette.quiet)],
            scales: { x: { time: false } },
            axes: [
              plotAxis(palette, {
                size: 26,
                text,
                ...(isStepped ? { incrs: [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200] } : {}),
              }),
              plotAxis(palette, { size: 46 }),
            ],
            series: [
              {},
              ...data.slice(1).map((_, index) => ({
                stroke: seriesColour(index, theme),
                dash: seriesDash(index),
                width: 1.75,
                spanGaps: true,
                points: { show: false },
                ...(isStepped ? { paths: stepped } : {}),
              })),
            ],
          })}
        />
      )}
    </figure>
  );
}
