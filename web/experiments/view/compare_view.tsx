import { useMemo, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Outcomes, RunDetail } from '../../../src/wire/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { fetchDetail, fetchOutcomes } from '../model/api.ts';
import { allColumns, type Column } from '../model/columns.ts';
import { clock, equityOf, onOneAxis } from '../model/curves.ts';
import { parameter } from '../model/format.ts';
import { mostMarked, type PageState } from '../model/page_state.ts';
import { type Run, varyingParameters } from '../model/runs.ts';
import { seriesColour, seriesDash } from '../model/series_style.ts';
import { Interval } from './interval.tsx';
import { Plot, plotAxis } from './plot.tsx';
import { ScrollBox } from './scroll_box.tsx';
import { useFetched } from './use_fetched.ts';
import type { Change } from './use_page_state.ts';

interface CompareViewProps {
  readonly runs: readonly Run[];
  readonly loaded: boolean;
  readonly state: PageState;
  readonly change: Change;
  readonly onMark: (runId: string) => void;
  readonly theme: Theme;
}

/** Marked runs side by side: where they differ, and their curves over each other. */
export function CompareView({ runs, loaded, state, change, onMark, theme }: CompareViewProps) {
  const [all, setAll] = useState(false);
  const marked = useMemo(
    () => state.marked.map((id) => runs.find(({ run_id }) => run_id === id)).filter((run) => run !== undefined),
    [runs, state.marked],
  );
  const missing = loaded ? state.marked.length - marked.length : 0;
  if (marked.length < 2) {
    return (
      <div class="empty">
        <h2>Nothing to compare yet</h2>
        <p>
          Mark 2 to {mostMarked} runs in the table, with their checkboxes or the space key; {marked.length} marked now.
        </p>
        {missing > 0 && <p>{missing} of the marked runs are not among the results with the threshold filter of now.</p>}
        <button type="button" onClick={() => change({ view: 'runs' })}>
          Back to the runs
        </button>
      </div>
    );
  }
  const columns = allColumns(varyingParameters(all ? runs : marked));
  const differs = (column: Column) => new Set(marked.map((run) => column.text(run))).size > 1;
  return (
    <section class="compare" aria-label="Comparison">
      <div class="compare-tools">
        <label>
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> also what they have in common
        </label>
        <button type="button" onClick={() => change({ marked: [] })}>
          Clear the marks
        </button>
        {missing > 0 && (
          <span class="tone-warning">
            {missing} marked runs have no threshold with enough signals and are left out.
          </span>
        )}
      </div>
      <ScrollBox label="Table of marked runs">
        <table class="figures compare-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Field</span>
              </th>
              {marked.map((run, index) => (
                <th key={run.run_id} scope="col">
                  <i class="swatch" style={{ background: seriesColour(index, theme) }} />
                  <button
                    type="button"
                    class="link"
                    onClick={() => change({ view: 'runs', run: run.run_id, threshold: null })}
                  >
                    {run.run_id.slice(0, 8)}
                  </button>
                  <button
                    type="button"
                    class="remove"
                    aria-label={`Leave out ${run.run_id.slice(0, 8)}`}
                    onClick={() => onMark(run.run_id)}
                  >
                    ✕
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns
              .filter((column) => column.id !== 'run_id' && (all || differs(column)))
              .map((column) => (
                <tr key={column.id} class={column.isParameter && differs(column) ? 'is-chosen' : ''}>
                  <th scope="row" title={column.title}>
                    {column.label}
                  </th>
                  {marked.map((run) => (
                    <td key={run.run_id}>{column.kind === 'interval' ? <Interval run={run} /> : column.text(run)}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </ScrollBox>
      <Curves runs={marked} theme={theme} />
    </section>
  );
}

/** Thresholds and equity of all runs, each in its colour. */
function Curves({ runs, theme }: { runs: readonly Run[]; theme: Theme }) {
  const key = runs.map(({ run_id, threshold, timestamp_utc }) => `${run_id}/${threshold}/${timestamp_utc}`).join();
  const details = useFetched(`detail ${key}`, (signal) =>
    Promise.all(runs.map(({ run_id }) => fetchDetail(run_id, signal))),
  );
  const outcomes = useFetched(`outcomes ${key}`, (signal) =>
    Promise.all(runs.map(({ run_id, threshold }) => fetchOutcomes(run_id, threshold, signal))),
  );
  return (
    <div class="compare-plots">
      <ThresholdCurves
        details={details.value}
        error={details.error}
        name="Net PnL, ticks a signal, over thresholds"
        field="mean_net_pnl_ticks"
        theme={theme}
      />
      <ThresholdCurves
        details={details.value}
        error={details.error}
        name="TP rate above break-even, points, over thresholds"
        field="edge"
        theme={theme}
      />
      <EquityCurves outcomes={outcomes.value} error={outcomes.error} theme={theme} />
    </div>
  );
}

interface ThresholdCurvesProps {
  readonly details: readonly RunDetail[] | null;
  readonly error: string | null;
  readonly name: string;
  readonly field: 'mean_net_pnl_ticks' | 'edge';
  readonly theme: Theme;
}

function ThresholdCurves({ details, error, name, field, theme }: ThresholdCurvesProps) {
  const data = useMemo(() => {
    const curves = (details ?? []).map(({ threshold_results: rows }) => ({
      x: rows.map((row) => row.threshold),
      y: rows.map((row) =>
        field === 'mean_net_pnl_ticks'
          ? row.mean_net_pnl_ticks
          : row.tp_rate === null || row.break_even_rate === null
            ? null
            : 100 * (row.tp_rate - row.break_even_rate),
      ),
    }));
    return onOneAxis(curves) as uPlot.AlignedData;
  }, [details, field]);
  return <Overlay name={name} data={data} isReady={details !== null} error={error} text={parameter} theme={theme} />;
}

function EquityCurves({
  outcomes,
  error,
  theme,
}: {
  outcomes: readonly Outcomes[] | null;
  error: string | null;
  theme: Theme;
}) {
  const data = useMemo(() => {
    const curves = (outcomes ?? []).map((one) => {
      const { seconds, netTicks } = equityOf(one);
      return { x: seconds, y: netTicks };
    });
    return onOneAxis(curves) as uPlot.AlignedData;
  }, [outcomes]);
  return (
    <Overlay
      name="Net equity, ticks over time, each at its best threshold"
      data={data}
      isReady={outcomes !== null}
      error={error}
      text={clock}
      theme={theme}
    />
  );
}

interface OverlayProps {
  readonly name: string;
  readonly data: uPlot.AlignedData;
  readonly isReady: boolean;
  readonly error: string | null;
  readonly text: (value: number) => string;
  readonly theme: Theme;
}

function Overlay({ name, data, isReady, error, text, theme }: OverlayProps) {
  return (
    <figure>
      <figcaption>{name}</figcaption>
      {error !== null && (
        <p class="tone-error" role="alert">
          {error}
        </p>
      )}
      {!isReady && error === null && <p class="quiet waiting">Loading the curves…</p>}
      {isReady && (
        <Plot
          label={`${name}: ${data.length - 1} runs`}
          theme={theme}
          heightPx={240}
          data={data}
          options={(palette) => ({
            padding: [8, 10, 0, 0],
            scales: { x: { time: false } },
            axes: [plotAxis(palette, { size: 26, text }), plotAxis(palette, { size: 46 })],
            series: [
              {},
              ...data.slice(1).map((_, index) => ({
                stroke: seriesColour(index, theme),
                dash: seriesDash(index),
                width: 1.75,
                spanGaps: true,
                points: { show: false },
              })),
            ],
          })}
        />
      )}
    </figure>
  );
}
