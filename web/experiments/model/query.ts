import type { Column } from './columns.ts';
import { type Run, verdict } from './runs.ts';

/** What a search asks for: words, and comparisons with columns. */
export interface Search {
  readonly words: readonly string[];
  readonly conditions: readonly Condition[];
  /** Parts that look like a comparison with a column that there is not. */
  readonly unknown: readonly string[];
}

interface Condition {
  readonly column: Column;
  readonly operator: string;
  readonly operand: string;
}

/**
 * Reads a search such as `ads tp_rate>0.6 d2_weight=0.5`: words must occur, comparisons (`= != < <= > >=`) must hold; `=`
 * and `!=` take alternatives with `|` between. A column goes by its id, or by its label without unit, in lower case without spaces.
 */
export function parseSearch(text: string, columns: readonly Column[]): Search {
  const words: string[] = [];
  const conditions: Condition[] = [];
  const unknown: string[] = [];
  for (const part of text.trim().split(/\s+/).filter(Boolean)) {
    const match = /^([\w./]+?)(<=|>=|!=|=|<|>)(.+)$/.exec(part);
    if (match === null) {
      words.push(part.toLowerCase());
      continue;
    }
    const [, name, operator, operand] = match as unknown as [string, string, string, string];
    const column = columns.find(
      ({ id, label }) =>
        id === name || label.replace(/,.*/, '').replaceAll(' ', '').toLowerCase() === name.toLowerCase(),
    );
    if (column === undefined) unknown.push(part);
    else conditions.push({ column, operator, operand });
  }
  return { words, conditions, unknown };
}

/** What a brush on an axis lets pass: an interval, or some of the values that there are. */
export type Brush = { readonly low: number; readonly high: number } | { readonly values: readonly string[] };

const brushPart = (column: string) => (part: string) =>
  part.startsWith(column) && /^(>=|<=|=)/.test(part.slice(column.length));

/** A search in which the conditions on a column are those of a brush; null takes them away. */
export function withBrush(text: string, column: string, brush: Brush | null): string {
  const rest = text.split(/\s+/).filter((part) => part !== '' && !brushPart(column)(part));
  if (brush !== null && 'values' in brush) rest.push(`${column}=${brush.values.join('|')}`);
  else if (brush !== null && brush.low === brush.high) rest.push(`${column}=${brush.low}`);
  else if (brush !== null) {
    if (Number.isFinite(brush.low)) rest.push(`${column}>=${brush.low}`);
    if (Number.isFinite(brush.high)) rest.push(`${column}<=${brush.high}`);
  }
  return rest.join(' ');
}

/** The brush that a search has on a column; null for none. */
export function brushOf(text: string, column: string): Brush | null {
  const parts = text.split(/\s+/).filter(brushPart(column));
  const operands = (operator: string) =>
    parts
      .filter((part) => part.startsWith(column + operator))
      .map((part) => part.slice(column.length + operator.length));
  const [exact] = operands('=');
  if (exact !== undefined) {
    const one = Number(exact);
    return Number.isNaN(one) ? { values: exact.split('|') } : { low: one, high: one };
  }
  const [low, high] = [operands('>=')[0], operands('<=')[0]];
  if (low === undefined && high === undefined) return null;
  return { low: Number(low ?? Number.NEGATIVE_INFINITY), high: Number(high ?? Number.POSITIVE_INFINITY) };
}

function holds({ column, operator, operand }: Condition, run: Run): boolean {
  const value = column.value(run);
  const wanted = Number(operand);
  const isNumber = typeof value === 'number' && !Number.isNaN(wanted);
  const is = (one: string) => (typeof value === 'number' && one !== '' ? value === Number(one) : String(value) === one);
  if (operator === '=') return operand.split('|').some(is);
  if (operator === '!=') return !operand.split('|').some(is);
  if (!isNumber) return false;
  if (operator === '<') return value < wanted;
  if (operator === '<=') return value <= wanted;
  return operator === '>' ? value > wanted : value >= wanted;
}

/** Names to keep; an empty list keeps all. */
export interface Filters {
  readonly signals: readonly string[];
  readonly datasets: readonly string[];
  readonly experiments: readonly string[];
  /** Only runs whose interval lies above break-even. */
  readonly aboveOnly: boolean;
}

/** The runs that belong to the named signals, datasets and experiments. */
export function inGroups(runs: readonly Run[], { signals, datasets, experiments }: Filters): readonly Run[] {
  const keeps = (names: readonly string[], name: string) => names.length === 0 || names.includes(name);
  if (signals.length + datasets.length + experiments.length === 0) return runs;
  return runs.filter(
    (run) =>
      keeps(signals, run.signal_name) && keeps(datasets, run.dataset_id) && keeps(experiments, run.experiment_name),
  );
}

/** The runs that a search and the filter of the verdict let pass. */
export function matching(runs: readonly Run[], search: Search, aboveOnly: boolean): readonly Run[] {
  if (search.words.length + search.conditions.length === 0 && !aboveOnly) return runs;
  return runs.filter(
    (run) =>
      (!aboveOnly || verdict(run) === 'above') &&
      search.words.every((word) => run.searchText.includes(word)) &&
      search.conditions.every((condition) => holds(condition, run)),
  );
}

/** Sorted copy; runs without a value (null or NaN) come last either way, equal ones in the order of their ids. */
export function sorted(runs: readonly Run[], column: Column, descending: boolean): Run[] {
  const { compare } = column;
  if (compare !== undefined) {
    const byId = (a: Run, b: Run) => (a.run_id < b.run_id ? -1 : 1);
    return runs.toSorted((a, b) => (descending ? compare(b, a) : compare(a, b)) || byId(a, b));
  }
  const keyed = runs.map((run) => {
    const value = column.value(run);
    return { run, value: Number.isNaN(value) ? null : value };
  });
  const direction = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1;
    } else if (a.value !== b.value) {
      const isLess = typeof a.value === typeof b.value ? a.value < b.value : typeof a.value === 'number';
      return isLess ? -direction : direction;
    }
    return a.run.run_id < b.run.run_id ? -1 : 1;
  });
  return keyed.map(({ run }) => run);
}
