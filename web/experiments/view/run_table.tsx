// biome-ignore-all lint/a11y/useSemanticElements: a <table> cannot leave out the rows that are out of view
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus, as ARIA's pattern for grids has it
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys
import { notNull, present } from '../../../src/errors.ts';
import './run_table.css';
import { Component } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { oneSided } from '../../../src/wire/index.ts';
import type { Column } from '../model/columns.ts';
import type { PageState } from '../model/page_state.ts';
import type { Run } from '../model/runs.ts';
import { Interval } from './interval.tsx';
import type { Change } from './use_page_state.ts';

interface RunTableProps {
  readonly rows: readonly Run[];
  /** By run, an alias that serves it. */
  readonly served: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  readonly state: PageState;
  readonly change: Change;
  /** Marks a run, or the selected one, or takes its mark away. */
  readonly onMark: (runId: string | null) => void;
  readonly loading: boolean;
}

const rowPx = 28;
const headPx = 32;
const markPx = 34;
/** Rows drawn beyond the edges, so that a fast scroll finds them there. */
const overscan = 6;

/** The runs in view out of any number of them. Rows are recycled: scrolling changes texts, it makes no elements. */
export function RunTable({ rows, served, columns, state, change, onMark, loading }: RunTableProps) {
  const grid = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [fit, setFit] = useState(30);
  useLayoutEffect(() => {
    const measure = () => setFit(Math.ceil((notNull(grid.current).clientHeight - headPx) / rowPx) + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(notNull(grid.current));
    return () => observer.disconnect();
  }, []);
  const selected = rows.findIndex(({ run_id }) => run_id === state.run);
  const scrollTo = (index: number) => {
    const { scrollTop, clientHeight } = notNull(grid.current);
    const top = index * rowPx;
    if (top < scrollTop) notNull(grid.current).scrollTop = top;
    else if (top + rowPx > scrollTop + clientHeight - headPx)
      notNull(grid.current).scrollTop = top + rowPx + headPx - clientHeight;
  };
  // A run that was selected, or that the address names, is brought into view once it is known.
  useEffect(() => {
    if (selected >= 0) scrollTo(selected);
  }, [state.run, rows.length > 0]);

  /** Selects a row by its distance from the one that is selected by then: keys may come faster than pictures. */
  const step = (rowCount: number) =>
    change(({ run, threshold }) => {
      const to = Math.max(0, Math.min(rows.length - 1, rows.findIndex(({ run_id }) => run_id === run) + rowCount));
      return rows.length === 0 ? { run, threshold } : { run: present(rows[to]).run_id, threshold: null };
    });
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, fit - 2);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const rowCount = steps[event.key];
    if (rowCount !== undefined) step(rowCount);
    else if (event.key === ' ' || event.key === 'm') onMark(null);
    else return;
    event.preventDefault();
  };
  const actions = useMemo<RowActions>(
    () => ({ select: (runId) => change({ run: runId, threshold: null }), mark: onMark }),
    [change, onMark],
  );
  const start = Math.max(0, Math.min(first, rows.length - fit) - overscan);
  const end = Math.min(rows.length, start + fit + 2 * overscan);
  const slots = fit + 2 * overscan;
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
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget }) => setFirst(Math.floor(currentTarget.scrollTop / rowPx))}
    >
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
      <div class="grid-body" role="rowgroup" style={{ height: `${rows.length * rowPx}px`, width: `${widthPx}px` }}>
        {visible.map(({ run, index }) => (
          <Row
            key={index % slots}
            run={run}
            index={index}
            columns={columns}
            template={template}
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

interface RowActions {
  readonly select: (runId: string) => void;
  readonly mark: (runId: string) => void;
}

interface RowProps {
  readonly run: Run;
  readonly index: number;
  readonly columns: readonly Column[];
  readonly template: string;
  readonly isSelected: boolean;
  readonly isMarked: boolean;
  readonly alias: string | null;
  readonly actions: RowActions;
}

/** One run; drawn anew only when something of it changed, since most rows of a frame stay as they are. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render({ run, index, columns, template, isSelected, isMarked, alias, actions }: RowProps) {
    return (
      <div
        id={`run-${index}`}
        class="grid-row"
        role="row"
        aria-rowindex={index + 2}
        aria-selected={isSelected}
        style={`transform:translateY(${index * rowPx}px);grid-template-columns:${template}`}
        onClick={() => actions.select(run.run_id)}
      >
        <span role="gridcell" class="mark-cell">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Compare ${run.run_id.slice(0, 8)}`}
            checked={isMarked}
            onClick={(event) => event.stopPropagation()}
            onChange={() => actions.mark(run.run_id)}
          />
        </span>
        {columns.map((column) => (
          <Cell key={column.id} column={column} run={run} alias={column.id === 'run_id' ? alias : null} />
        ))}
      </div>
    );
  }
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

function Cell({ column, run, alias }: { column: Column; run: Run; alias: string | null }) {
  const value = column.text(run);
  return (
    <span
      role="gridcell"
      class={`${column.kind} ${toneOf(column.id, run)}`}
      title={alias !== null ? `streams as ${alias}` : column.kind === 'text' ? String(column.value(run)) : undefined}
    >
      {column.kind === 'interval' ? (
        <>
          <Interval run={run} /> {value}
        </>
      ) : (
        value
      )}
      {alias !== null && <span class="up"> ▶</span>}
    </span>
  );
}

const sideOf = { n_up: 'long', n_down: 'short' } as const;

/** Gains and losses have the two sides' colours, a q value that stands the gains'; too few signals, or of one side, are a warning. */
function toneOf(id: string, run: Run): string {
  if (id === 'mean_net_pnl_ticks' || id === 'mean_pnl_ticks') {
    const value = run[id];
    return value === null || value === 0 ? '' : value > 0 ? 'up' : 'down';
  }
  if (id === 'n_signals' && run.n_signals < run.eval_min_signals) return 'warning';
  if ((id === 'n_up' || id === 'n_down') && oneSided(run.n_up, run.n_down) === sideOf[id]) return 'warning';
  if (id === 'q_value' && run.q_value !== null) return run.q_value <= 0.05 ? 'up' : 'quiet';
  return '';
}
