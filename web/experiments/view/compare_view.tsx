import './compare_view.css';
import { useMemo, useState } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { compareFields } from '../model/comparison.ts';
import { maxMarked, type PageState } from '../model/page_state.ts';
import type { Run } from '../model/runs.ts';
import { CompareCurves } from './compare_curves.tsx';
import { CompareTable } from './compare_table.tsx';
import { LineSample } from './line_sample.tsx';
import type { Change } from './use_page_state.ts';

interface CompareViewProps {
  readonly runs: readonly Run[];
  readonly loaded: boolean;
  readonly state: PageState;
  readonly change: Change;
  readonly onMark: (runId: string) => void;
  readonly theme: Theme;
}

/** Marked runs side by side: their curves over each other, and where they differ. */
export function CompareView({ runs, loaded, state, change, onMark, theme }: CompareViewProps) {
  const [all, setAll] = useState(false);
  const [emphasis, setEmphasis] = useState<number | null>(null);
  const marked = useMemo(
    () => state.marked.map((id) => runs.find(({ run_id }) => run_id === id)).filter((run) => run !== undefined),
    [runs, state.marked],
  );
  const missing = loaded ? state.marked.length - marked.length : 0;
  if (marked.length < 2) return <TooFew marked={marked.length} missing={missing} change={change} />;
  const comparison = compareFields(marked, runs, all);
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
        <Legend
          marked={marked}
          differences={comparison.differences}
          theme={theme}
          onEmphasis={setEmphasis}
          onOpen={(run) => change({ view: 'runs', run, threshold: null })}
          onMark={onMark}
        />
      </div>
      <CompareCurves runs={marked} theme={theme} minSignals={state.minSignals} emphasis={emphasis} />
      <CompareTable marked={marked} comparison={comparison} all={all} emphasis={emphasis} theme={theme} />
    </section>
  );
}

function TooFew({ marked, missing, change }: { marked: number; missing: number; change: Change }) {
  return (
    <div class="empty">
      <h2>Nothing to compare yet</h2>
      <p>
        Mark 2 to {maxMarked} runs in the table, with their checkboxes or the space key; {marked} marked now.
      </p>
      {missing > 0 && <p>{missing} of the marked runs are not among the results with the threshold filter of now.</p>}
      <button type="button" onClick={() => change({ view: 'runs' })}>
        Back to the runs
      </button>
    </div>
  );
}

interface LegendProps {
  readonly marked: readonly Run[];
  readonly differences: (run: Run) => string;
  readonly theme: Theme;
  /** Called with the run, from 1, that is pointed at or focused; null for none. */
  readonly onEmphasis: (index: number | null) => void;
  readonly onOpen: (runId: string) => void;
  readonly onMark: (runId: string) => void;
}

/** The marked runs by name, colour and dash. */
function Legend({ marked, differences, theme, onEmphasis, onOpen, onMark }: LegendProps) {
  return (
    <ul class="legend" aria-label="Legend" onPointerLeave={() => onEmphasis(null)}>
      {marked.map((run, index) => (
        <li key={run.run_id} onPointerEnter={() => onEmphasis(index + 1)}>
          <button
            type="button"
            class="link"
            title={`Opens the run in the table. ${differences(run)}`}
            onFocus={() => onEmphasis(index + 1)}
            onBlur={() => onEmphasis(null)}
            onClick={() => onOpen(run.run_id)}
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
  );
}
