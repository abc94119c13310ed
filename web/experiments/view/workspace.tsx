import type { Theme } from '../../shared/colour/colour_maps.ts';
import type { PageState } from '../model/page_state.ts';
import type { Run } from '../model/runs.ts';
import { type SweepGroup, sweepOf } from '../model/sweeps.ts';
import type { Table } from '../model/table.ts';
import { CompareView } from './compare_view.tsx';
import { DetailPanel } from './detail_panel.tsx';
import { RunsView } from './runs_view.tsx';
import { SweepView } from './sweep_view.tsx';
import { useDocument } from './use_document.ts';
import type { Change } from './use_page_state.ts';
import type { Shown } from './use_shown.ts';

interface WorkspaceProps {
  readonly table: Table | null;
  readonly shown: Shown;
  /** The run of the detail panel, when the table has it. */
  readonly selected: Run | null;
  /** The sweep of the sweep view. */
  readonly group: SweepGroup | undefined;
  readonly state: PageState;
  readonly change: Change;
  readonly onMark: (runId: string | null) => void;
  readonly mayChange: boolean;
  readonly theme: Theme;
  /** The first table is on its way. */
  readonly loading: boolean;
}

/** The view that was chosen, and the detail panel beside it. */
export function Workspace({ table, shown, selected, group, loading, mayChange, ...shared }: WorkspaceProps) {
  const { state } = shared;
  const run = state.view === 'compare' ? null : state.run;
  const sweep = state.view === 'sweep' ? (group?.summary ?? null) : null;
  const runSweep = run === null || selected === null ? null : sweepOf(selected, table?.sweeps ?? []);
  const document = useDocument(sweep);
  const other = useDocument(runSweep === sweep ? null : runSweep);
  return (
    <main class={`workspace ${run === null ? '' : 'with-detail'}`}>
      {state.view === 'runs' && <RunsView {...shared} table={table} shown={shown} loading={loading} />}
      {state.view === 'sweep' && (
        <SweepView {...shared} group={group} groups={shown.groups} passing={shown.passing} document={document} />
      )}
      {state.view === 'compare' && <CompareView {...shared} runs={shown.runs} loaded={table !== null} />}
      {run !== null && (
        <DetailPanel
          {...shared}
          mayChange={mayChange}
          key={run}
          runId={run}
          run={selected}
          alias={table?.served[run] ?? null}
          document={runSweep === sweep ? document : other}
        />
      )}
    </main>
  );
}
