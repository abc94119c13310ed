import { present } from '../../../src/errors.ts';
import type { TableColumn, TableResponse, TableRow } from '../../../src/wire/index.ts';
import { type Parameters, type Run, toRun } from './runs.ts';

/** All runs as the server's answers up to `cursor` have them. */
export interface Table extends Pick<TableResponse, 'cursor' | 'served' | 'filters' | 'family' | 'sweeps'> {
  readonly runs: readonly Run[];
  /** Parameters that were read, by their text. */
  readonly parameters: Map<string, Parameters>;
}

/** The table after an answer: anew for a whole one, else with what changed. Runs that did not change stay the same objects. */
export function grown(before: Table | null, answer: TableResponse): Table {
  const { cursor, served, filters, family, sweeps } = answer;
  const parameters = before?.parameters ?? new Map<string, Parameters>();
  const changed = rowsOf(answer.columns).map((row) => toRun(row, parameters));
  const gone = new Set(answer.removed);
  for (const { run_id } of changed) gone.add(run_id);
  const kept = answer.is_whole ? [] : (before?.runs ?? []).filter(({ run_id }) => !gone.has(run_id));
  return { cursor, served, filters, family, sweeps, parameters, runs: [...kept, ...changed] };
}

function rowsOf(columns: TableResponse['columns']): TableRow[] {
  const fields = Object.entries(columns);
  const count = fields[0] === undefined ? 0 : lengthOf(fields[0][1]);
  const rows = Array.from({ length: count }, () => ({}) as Record<string, unknown>);
  for (const [field, column] of fields) {
    if (Array.isArray(column)) for (let index = 0; index < count; index++) present(rows[index])[field] = column[index];
    else
      for (let index = 0; index < count; index++) present(rows[index])[field] = column.texts[present(column.at[index])];
  }
  return rows as unknown as TableRow[];
}

const lengthOf = (column: TableColumn) => (Array.isArray(column) ? column.length : column.at.length);
