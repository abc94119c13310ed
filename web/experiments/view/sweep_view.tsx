import { present } from '../../../src/errors.ts';
import './sweep_view.css';
import { useMemo } from 'preact/hooks';
import type { ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import type { Fetched } from '../../shared/use_fetched.ts';
import type { PageState } from '../model/page_state.ts';
import { axesOf, landscapeAxes, metrics, type SweepGroup } from '../model/sweeps.ts';
import { Choice } from './choice.tsx';
import { HeatStrip } from './heat_strip.tsx';
import { Landscape } from './landscape.tsx';
import { ParallelCoordinates } from './parallel_coordinates.tsx';
import { SweepSummary } from './sweep_summary.tsx';
import type { Change } from './use_page_state.ts';
import { WalkForwardSection } from './walk_forward_section.tsx';

interface SweepViewProps {
  readonly group: SweepGroup | undefined;
  readonly groups: readonly SweepGroup[];
  /** Ids of the runs that the search and the filters let pass. */
  readonly passing: ReadonlySet<string>;
  readonly document: Fetched<ExperimentDocumentResponse>;
  readonly state: PageState;
  readonly change: Change;
  readonly theme: Theme;
}

/** A sweep as a whole: what its trials together say, its landscape over two axes, and all its runs as lines. */
export function SweepView({ group, groups, passing, document, state, change, theme }: SweepViewProps) {
  const axes = useMemo(() => (group === undefined ? [] : axesOf(group.runs)), [group]);
  const metric = metrics.find(({ id }) => id === state.metric) ?? present(metrics[0]);
  if (group === undefined) {
    return (
      <div class="empty">
        <h2>No sweep to show</h2>
        <p>No run passes the filters of signal, experiment and dataset, or none has enough signals.</p>
      </div>
    );
  }
  const pair = landscapeAxes(axes, state);
  const shared = { axes, metric, passing, theme };
  const openRun = (run: string) => change({ run, threshold: null });
  return (
    <section class="sweep" aria-label="Sweep">
      <div class="sweep-tools">
        <Choice
          label="Sweep"
          value={group.key}
          options={groups.map(({ key, experiment }) => [key, key, experiment])}
          onChange={(sweep) => change({ sweep, x: '', y: '', axes: [] })}
        />
        <Choice
          label="Metric"
          value={metric.id}
          options={metrics.map(({ id, label }) => [id, label])}
          onChange={(id) => change({ metric: id })}
        />
        {state.search !== '' && (
          <>
            <span>
              Filter <code>{state.search}</code>
            </span>
            <button type="button" onClick={() => change({ search: '' })}>
              Clear the filter
            </button>
          </>
        )}
      </div>
      <SweepSummary group={group} document={document} metric={metric} onRun={openRun} />
      {document.value !== null && document.value.sessions.length > 1 && (
        <OverSessions value={document.value} passing={passing} theme={theme} change={change} />
      )}
      {pair === null ? (
        <p>
          {axes.length === 0
            ? 'All runs of this sweep have the same parameters.'
            : `This sweep varies ${present(axes[0]).label} alone; a heatmap needs two axes.`}
        </p>
      ) : (
        <Landscape {...shared} {...pair} group={group} state={state} change={change} />
      )}
      {axes.length > 0 && (
        <ParallelCoordinates
          {...shared}
          runs={group.runs}
          selected={state.run}
          search={state.search}
          order={state.axes}
          onRun={openRun}
          onSearch={(search) => change({ search })}
          onOrder={(order) => change({ axes: order })}
        />
      )}
    </section>
  );
}

type OverSessionsProps = Pick<SweepViewProps, 'passing' | 'theme' | 'change'> & {
  readonly value: ExperimentDocumentResponse;
};

/** What an experiment of several sessions shows over them. */
function OverSessions({ value, passing, theme, change }: OverSessionsProps) {
  const { walk_forward: walk, sessions } = value;
  return (
    <>
      {walk === null ? (
        <section class="words">
          <h3>Walk-forward</h3>
          <p class="quiet">
            There is none: of {sessions.length} sessions none is left to test after the first train stretch; eval.split
            sets how long it is.
          </p>
        </section>
      ) : (
        <WalkForwardSection walk={walk} theme={theme} onRun={(run, threshold) => change({ run, threshold })} />
      )}
      <HeatStrip
        document={value}
        passing={passing}
        theme={theme}
        onOpen={({ run_id, threshold }, date) => change({ run: run_id, threshold, session: date })}
      />
    </>
  );
}
