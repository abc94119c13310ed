import { useMemo } from 'preact/hooks';
import { present } from '../../../src/errors.ts';
import { allColumns, type Column, hiddenAtFirst } from '../model/columns.ts';
import type { PageState } from '../model/page_state.ts';
import { inGroups, matching, parseSearch, sorted } from '../model/query.ts';
import { netReachTicks, type Run, varyingParameters } from '../model/runs.ts';
import { type SweepGroup, sweepGroups } from '../model/sweeps.ts';
import type { Table } from '../model/table.ts';

/** The results as the page's state filters and sorts them. */
export interface Shown {
  /** All runs, whatever the filters. */
  readonly runs: readonly Run[];
  /** Runs of the table, in its order. */
  readonly rows: readonly Run[];
  /** Their ids. */
  readonly passing: ReadonlySet<string>;
  /** Sweeps of the runs that the filters of signal, dataset and experiment leave. */
  readonly groups: readonly SweepGroup[];
  readonly columns: readonly Column[];
  readonly shownColumns: readonly Column[];
  /** Ticks at either end of the scale that intervals of net PnL are drawn on. */
  readonly reachTicks: number;
  /** Parts of the search that name no column. */
  readonly unknown: readonly string[];
}

const noRuns: readonly Run[] = [];

export function useShown(table: Table | null, state: PageState): Shown {
  const runs = table?.runs ?? noRuns;
  const { signals, datasets, experiments, aboveOnly, search: searchText, sort, descending, toggled } = state;
  const grouped = useMemo(
    () => inGroups(runs, { signals, datasets, experiments, aboveOnly }),
    [runs, signals, datasets, experiments],
  );
  const columns = useMemo(() => allColumns(varyingParameters(grouped)), [grouped]);
  const shownColumns = useMemo(
    () => columns.filter(({ id }) => hiddenAtFirst.includes(id) === toggled.includes(id)),
    [columns, toggled],
  );
  const reachTicks = useMemo(() => netReachTicks(grouped), [grouped]);
  const search = useMemo(() => parseSearch(searchText, columns), [searchText, columns]);
  const rows = useMemo(() => {
    const column =
      columns.find(({ id }) => id === sort) ?? present(columns.find(({ id }) => id === 'mean_net_pnl_ticks'));
    return sorted(matching(grouped, search, aboveOnly), column, descending);
  }, [grouped, search, aboveOnly, columns, sort, descending]);
  const passing = useMemo(() => new Set(rows.map(({ run_id }) => run_id)), [rows]);
  const groups = useMemo(() => sweepGroups(grouped, table?.sweeps ?? []), [grouped, table]);
  return { runs, rows, passing, groups, columns, shownColumns, reachTicks, unknown: search.unknown };
}
