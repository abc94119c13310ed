// biome-ignore-all lint/a11y/useSemanticElements: a <table> cannot leave out the rows that are out of view
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus, as ARIA's pattern for grids has it
import { present } from '../../../src/errors.ts';
import './run_table.css';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { listenToPageKeys } from '../../shared/page_keys.ts';
import type { Column } from '../model/columns.ts';
import type { PageState } from '../model/page_state.ts';
import type { Run } from '../model/runs.ts';
import { type RowActions, RunRow, rowPx } from './run_row.tsx';
import type { Change } from './use_page_state.ts';
import { useRowWindow } from './use_row_window.ts';

interface RunTableProps {
  readonly rows: readonly Run[];
  /** By run, an alias that serves it. */
  readonly served: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** Ticks at either end of the scale of net PnL. */
  readonly reachTicks: number;
  readonly state: PageState;
  readonly change: Change;
  /** Marks a run, or the selected one, or takes its mark away. */
  readonly onMark: (runId: string | null) => void;
  readonly loading: boolean;
}

const markPx = 34;

/** The runs in view out of any number of them. Rows are recycled: scrolling changes texts, it makes no elements. */
export function RunTable({ rows, served, columns, reachTicks, state, change, onMark, loading }: RunTableProps) {
  const selected = rows.findIndex(({ run_id }) => run_id === state.run);
  const { grid, window, onScroll } = useRowWindow(rows.length, selected, state.run);
  const { start, end, slots, pageRows } = window;
  /** Selects a row by its distance from the one that is selected by then: keys may come faster than pictures. */
  const step = (rowCount: number) =>
    change(({ run, threshold }) => {
      const to = Math.max(0, Math.min(rows.length - 1, rows.findIndex(({ run_id }) => run_id === run) + rowCount));
      return rows.length === 0 ? { run, threshold } : { run: present(rows[to]).run_id, threshold: null };
    });
  const onKeyDown = (event: KeyboardEvent) => {
    const rowCount = rowSteps(rows.length, pageRows)[event.key];
    if (rowCount !== undefined) step(rowCount);
    else if (event.key === ' ' || event.key === 'm') onMark(null);
    else return;
    event.preventDefault();
  };
  // Wherever the focus is, but in text fields and in what has a use for these keys.
  const latest = useRef(onKeyDown);
  latest.current = onKeyDown;
  useEffect(() => listenToPageKeys((event) => latest.current(event)), []);
  const actions = useMemo<RowActions>(
    () => ({ select: (runId) => change({ run: runId, threshold: null }), mark: onMark }),
    [change, onMark],
  );
  const template = `${markPx}px ${columns.map(({ widthPx }) => `${widthPx}px`).join(' ')}`;
  const widthPx = columns.reduce((sum, column) => sum + column.widthPx, markPx);
  const visible = rows.slice(start, end).map((run, offset) => ({ run, index: start + offset }));
  return (
    <div
      ref={grid}
      class="grid"
      role="grid"
      tabIndex={0}
      aria-label="Runs"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={selected >= start && selected < end ? `run-${selected}` : undefined}
      onScroll={onScroll}
    >
      <Head columns={columns} template={template} widthPx={widthPx} state={state} change={change} />
      <div class="grid-body" role="rowgroup" style={{ height: `${rows.length * rowPx}px`, width: `${widthPx}px` }}>
        {visible.map(({ run, index }) => (
          <RunRow
            key={index % slots}
            run={run}
            index={index}
            columns={columns}
            template={template}
            reachTicks={reachTicks}
            isSelected={index === selected}
            isMarked={state.marked.includes(run.run_id)}
            alias={served[run.run_id] ?? null}
            actions={actions}
          />
        ))}
      </div>
      {rows.length === 0 && (
        <p class="grid-empty">
          {loading ? 'Loading the runs…' : 'No run passes the filters. Clear them, or ask for fewer signals.'}
        </p>
      )}
    </div>
  );
}

/** Rows that a key moves the selection by. */
function rowSteps(count: number, pageRows: number): Readonly<Record<string, number>> {
  return { ArrowDown: 1, ArrowUp: -1, PageDown: pageRows, PageUp: -pageRows, Home: -count, End: count };
}

interface HeadProps extends Pick<RunTableProps, 'columns' | 'state' | 'change'> {
  readonly template: string;
  readonly widthPx: number;
}

function Head({ columns, template, widthPx, state, change }: HeadProps) {
  return (
    <div
      class="grid-head"
      role="row"
      aria-rowindex={1}
      style={{ gridTemplateColumns: template, width: `${widthPx}px` }}
    >
      <span role="columnheader" class="mark-cell">
        <span class="visually-hidden">Compare</span>
      </span>
      {columns.map((column) => (
        <HeadCell key={column.id} column={column} state={state} change={change} />
      ))}
    </div>
  );
}

function HeadCell({ column, state, change }: { column: Column; state: PageState; change: Change }) {
  const { id, label, title, kind, largeFirst } = column;
  const isSorted = state.sort === id;
  const sort = isSorted ? (state.descending ? 'descending' : 'ascending') : 'none';
  return (
    <span role="columnheader" class={kind} aria-sort={sort}>
      <button
        type="button"
        tabIndex={-1}
        title={title}
        onClick={() => change({ sort: id, descending: isSorted ? !state.descending : largeFirst })}
      >
        {label}
        <span aria-hidden="true">{isSorted ? (state.descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </span>
  );
}
