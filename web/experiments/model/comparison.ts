import { allColumns, type Column } from './columns.ts';
import { type Run, varyingParameters } from './runs.ts';

/** Columns that were chosen for a run, beside its parameters; the others are results. */
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

/** Runs side by side: the fields in which they differ, or all of them. */
export interface Comparison {
  readonly groups: readonly (readonly [name: string, columns: readonly Column[]])[];
  /** Whether a column is a setting in which the runs differ. */
  readonly isDifference: (column: Column) => boolean;
  /** The settings of a run in which it differs from others, such as `d2_weight 0.5, TP ticks 8`. */
  readonly differences: (run: Run) => string;
}

/** `others` are runs whose varying parameters are shown too when `all` fields are asked for. */
export function compareFields(marked: readonly Run[], others: readonly Run[], all: boolean): Comparison {
  const columns = allColumns(varyingParameters(all ? others : marked)).filter(({ id }) => !leftOut.includes(id));
  const differs = (column: Column) => new Set(marked.map((run) => column.text(run))).size > 1;
  const isSetting = (column: Column) => column.isParameter === true || settings.includes(column.id);
  const shown = columns.filter((column) => all || differs(column));
  const isDifference = (column: Column) => isSetting(column) && differs(column);
  const differing = columns.filter(isDifference);
  return {
    groups: [
      ['Settings', shown.filter(isSetting)],
      ['Results', shown.filter((column) => !isSetting(column))],
    ],
    isDifference,
    differences: (run) => differing.map((column) => `${column.label} ${column.text(run)}`).join(', '),
  };
}
