import './figures.css';
import './compare_view.css';
import { useMemo, useState } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { allColumns, type Column } from '../model/columns.ts';
import { mostMarked, type PageState } from '../model/page_state.ts';
import { type Run, varyingParameters } from '../model/runs.ts';
import { seriesColour, seriesDash } from '../model/series_style.ts';
import { CompareCurves } from './compare_curves.tsx';
import { Interval } from './interval.tsx';
import { ScrollBox } from './scroll_box.tsx';
import type { Change } from './use_page_state.ts';

interface CompareViewProps {
  readonly runs: readonly Run[];
  readonly loaded: boolean;
  readonly state: PageState;
  readonly change: Change;
  readonly onMark: (runId: string) => void;
  readonly theme: Theme;
}

/** What was chosen for a run, and not found. */
const settings = [
  'signal_name',
  'experiment_name',
  'dataset_id',
  'threshold',
  'eval_tp_ticks',
  'eval_sl_ticks',
  'cooldown_bins',
];
const leftOut = ['run_id', 'tp_sl', 'timestamp_utc'];

/** Marked runs side by side: their curves over each other, and where they differ. */
export function CompareView({ runs, loaded, state, change, onMark, theme }: CompareViewProps) {
  const [all, setAll] = useState(false);
  const [emphasis, setEmphasis] = useState<number | null>(null);
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
  const columns = allColumns(varyingParameters(all ? runs : marked)).filter(({ id }) => !leftOut.includes(id));
  const differs = (column: Column) => new Set(marked.map((run) => column.text(run))).size > 1;
  const isSetting = (column: Column) => column.isParameter === true || settings.includes(column.id);
  const differing = (run: Run) =>
    columns
      .flatMap((column) => (isSetting(column) && differs(column) ? [`${column.label} ${column.text(run)}`] : []))
      .join(', ');
  const shown = columns.filter((column) => all || differs(column));
  const groups = [
    ['Settings', shown.filter(isSetting)],
    ['Results', shown.filter((column) => !isSetting(column))],
  ] as const;
  return (
    <section class="compare" aria-label="Comparison">
      <div class="compare-head">
        <div class="compare-tools">
          <strong>{marked.length} runs</strong>
          <span class="quiet">A name stands out among the curves while it is pointed at or focused.</span>
          <span class="spring" />
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
        <ul class="legend" aria-label="Legend" onPointerLeave={() => setEmphasis(null)}>
          {marked.map((run, index) => (
            <li key={run.run_id} onPointerEnter={() => setEmphasis(index + 1)}>
              <button
                type="button"
                class="link"
                title={`Opens the run in the table. ${differing(run)}`}
                onFocus={() => setEmphasis(index + 1)}
                onBlur={() => setEmphasis(null)}
                onClick={() => change({ view: 'runs', run: run.run_id, threshold: null })}
              >
                <LineSample index={index} theme={theme} /> {run.run_id.slice(0, 8)}
              </button>
              <button
                type="button"
                class="remove"
                aria-label={`Leave out ${run.run_id.slice(0, 8)}`}
                onClick={() => onMark(run.run_id)}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      </div>
      <CompareCurves runs={marked} theme={theme} minSignals={state.minSignals} emphasis={emphasis} />
      <ScrollBox label="Table of marked runs">
        <table class="figures compare-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Field</span>
              </th>
              {marked.map((run, index) => (
                <th key={run.run_id} scope="col" class={emphasis === index + 1 ? 'is-chosen' : ''}>
                  <LineSample index={index} theme={theme} /> {run.run_id.slice(0, 8)}
                </th>
              ))}
            </tr>
          </thead>
          {groups.map(([name, members]) => (
            <tbody key={name}>
              {members.length > 0 && (
                <tr class="group-head">
                  <th scope="rowgroup" colSpan={marked.length + 1}>
                    {name} {all ? '' : 'that differ'}
                  </th>
                </tr>
              )}
              {members.map((column) => (
                <tr key={column.id} class={isSetting(column) && differs(column) ? 'is-chosen' : ''}>
                  <th scope="row" title={column.title}>
                    {column.label}
                  </th>
                  {marked.map((run) => (
                    <td key={run.run_id}>{column.kind === 'interval' ? <Interval run={run} /> : column.text(run)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </ScrollBox>
    </section>
  );
}

/** A run's curve in small: its colour and its dash. */
function LineSample({ index, theme }: { index: number; theme: Theme }) {
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
