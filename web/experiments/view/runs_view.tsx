import './runs_view.css';
import type { PageState } from '../model/page_state.ts';
import type { Table } from '../model/table.ts';
import { FilterBar } from './filter_bar.tsx';
import { RunTable } from './run_table.tsx';
import type { Change } from './use_page_state.ts';
import type { Shown } from './use_shown.ts';

interface RunsViewProps {
  readonly table: Table | null;
  readonly shown: Shown;
  readonly state: PageState;
  readonly change: Change;
  readonly onMark: (runId: string | null) => void;
  readonly loading: boolean;
}

const nobody: Readonly<Record<string, string>> = {};

/** All runs as a table, and the filters above it. */
export function RunsView({ table, shown, state, change, onMark, loading }: RunsViewProps) {
  const { runs, rows, columns, shownColumns, reachTicks, unknown } = shown;
  const choices = {
    signals: table?.filters.signals ?? [],
    datasets: table?.filters.datasets ?? [],
    experiments: [...new Set(runs.map((run) => run.experiment_name))].sort(),
  };
  return (
    <section class="runs" aria-label="Runs">
      <FilterBar
        state={state}
        change={change}
        columns={columns}
        unknown={unknown}
        choices={choices}
        shown={rows.length}
        total={table?.family.runs ?? null}
      />
      <RunTable
        rows={rows}
        served={table?.served ?? nobody}
        columns={shownColumns}
        reachTicks={reachTicks}
        state={state}
        change={change}
        onMark={onMark}
        loading={loading}
      />
    </section>
  );
}
