// biome-ignore-all lint/a11y/useSemanticElements: a <table> cannot leave out the rows that are out of view
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus, as ARIA's pattern for grids has it
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys
import { Component } from 'preact';
import { oneSided } from '../../../src/wire/index.ts';
import type { Column } from '../model/columns.ts';
import { netVerdict, type Run } from '../model/runs.ts';
import { NetInterval, RateInterval } from './interval.tsx';

/** Height of a row of the table. */
export const rowPx = 28;

export interface RowActions {
  readonly select: (runId: string) => void;
  readonly mark: (runId: string) => void;
}

interface RowProps {
  readonly run: Run;
  readonly index: number;
  readonly columns: readonly Column[];
  readonly template: string;
  /** Ticks at either end of the scale of net PnL. */
  readonly reachTicks: number;
  readonly isSelected: boolean;
  readonly isMarked: boolean;
  readonly alias: string | null;
  readonly actions: RowActions;
}

/** One run; drawn anew only when something of it changed, since most rows of a frame stay as they are. */
export class RunRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render({ run, index, columns, template, reachTicks, isSelected, isMarked, alias, actions }: RowProps) {
    return (
      <div
        id={`run-${index}`}
        class={run.survives === true ? 'grid-row' : 'grid-row does-not-survive'}
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
          <Cell
            key={column.id}
            column={column}
            run={run}
            reachTicks={reachTicks}
            alias={column.id === 'run_id' ? alias : null}
          />
        ))}
      </div>
    );
  }
}

interface CellProps extends Pick<RowProps, 'run' | 'reachTicks' | 'alias'> {
  readonly column: Column;
}

function Cell({ column, run, reachTicks, alias }: CellProps) {
  const value = column.text(run);
  return (
    <span
      role="gridcell"
      class={`${column.kind} ${toneOf(column.id, run)}`}
      title={alias !== null ? `streams as ${alias}` : column.kind === 'text' ? String(column.value(run)) : undefined}
    >
      {column.kind === 'rate-interval' && <RateInterval run={run} />}
      {column.kind === 'net-interval' && <NetInterval run={run} reachTicks={reachTicks} />}
      {column.kind.endsWith('interval') && ' '}
      {value}
      {alias !== null && <span class="tone-good"> ▶</span>}
    </span>
  );
}

const sideOf = { n_up: 'long', n_down: 'short' } as const;

const sideTones = { above: 'gain', below: 'loss', open: '' } as const;

/** Net PnL whose interval leaves zero out has the tint of its side, as what survives has; too few signals, or of one side, are a warning. */
function toneOf(id: string, run: Run): string {
  if (id === 'mean_net_pnl_ticks') return sideTones[netVerdict(run)];
  if (id === 'survives') return run.survives === true ? 'gain' : '';
  if (id === 'n_sessions' && run.n_sessions === null) return 'warning';
  if (id === 'n_signals' && run.n_signals < run.eval_min_signals) return 'warning';
  if ((id === 'n_up' || id === 'n_down') && oneSided(run.n_up, run.n_down) === sideOf[id]) return 'warning';
  return '';
}
