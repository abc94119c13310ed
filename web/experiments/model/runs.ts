import type { TableRow } from '../../../src/wire/index.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** A run as the page shows it: its row, and its parameters by name. */
export interface Run extends TableRow {
  /** Parameters of the signal, and the flow scoring as `scoring.<field>`. */
  readonly parameters: Parameters;
  /** Lower-case text that a search looks through. */
  readonly searchText: string;
}

/** Reads a row's parameters; rows that share them share the object, kept in `known`. */
export function toRun(row: TableRow, known: Map<string, Parameters>): Run {
  const key = `${row.signal_params_json}\n${row.scoring_json}`;
  let parameters = known.get(key);
  if (parameters === undefined) {
    const scoring = Object.entries(JSON.parse(row.scoring_json) as object);
    parameters = {
      ...(JSON.parse(row.signal_params_json) as object),
      ...Object.fromEntries(scoring.map(([name, value]) => [`scoring.${name}`, value])),
    };
    known.set(key, parameters);
  }
  const { run_id, signal_name, dataset_id, experiment_name, serving_spec_name } = row;
  const searchText = `${run_id} ${signal_name} ${dataset_id} ${experiment_name} ${serving_spec_name}`.toLowerCase();
  return { ...row, parameters, searchText };
}

/** Names of parameters that have more than one value among `runs`, in the order of the alphabet. */
export function varyingParameters(runs: readonly Run[]): string[] {
  const first = new Map<string, string>();
  const varying = new Set<string>();
  const seen = new Set<object>();
  for (const { parameters } of runs) {
    if (seen.has(parameters)) continue;
    seen.add(parameters);
    for (const [name, value] of Object.entries(parameters)) {
      const text = JSON.stringify(value);
      const known = first.get(name);
      if (known === undefined) first.set(name, text);
      else if (known !== text) varying.add(name);
    }
  }
  return [...varying].sort();
}

/** TP rate above break-even, in points. */
export function edgeOf({ tp_rate, break_even_rate }: Pick<TableRow, 'tp_rate' | 'break_even_rate'>): number | null {
  return tp_rate === null || break_even_rate === null ? null : 100 * (tp_rate - break_even_rate);
}

/** What the tp rate's interval says of the break-even rate: above it, below it, or either. */
export function verdict(
  run: Pick<TableRow, 'tp_rate_low' | 'tp_rate_high' | 'break_even_rate'>,
): 'above' | 'below' | 'open' {
  const { tp_rate_low: low, tp_rate_high: high, break_even_rate: even } = run;
  if (low === null || high === null || even === null) return 'open';
  return low > even ? 'above' : high < even ? 'below' : 'open';
}

/** What the interval of net PnL says of zero: above it, below it, or either. */
export function netVerdict(
  run: Pick<TableRow, 'mean_net_pnl_ticks_low' | 'mean_net_pnl_ticks_high'>,
): 'above' | 'below' | 'open' {
  const { mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = run;
  if (low === null || high === null) return 'open';
  return low > 0 ? 'above' : high < 0 ? 'below' : 'open';
}

/**
 * Ticks at either end of a scale that holds the intervals of net PnL of all runs that survive, and of nine in ten runs; the
 * widest stand on few trades.
 */
export function netReachTicks(
  runs: readonly Pick<TableRow, 'mean_net_pnl_ticks_low' | 'mean_net_pnl_ticks_high' | 'survives'>[],
): number {
  const reaches: number[] = [];
  let ofSurvivors = 0;
  for (const { mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high, survives } of runs) {
    if (low === null || high === null) continue;
    const reach = Math.max(Math.abs(low), Math.abs(high));
    reaches.push(reach);
    if (survives === true) ofSurvivors = Math.max(ofSurvivors, reach);
  }
  reaches.sort((a, b) => a - b);
  return Math.max(ofSurvivors, reaches[Math.ceil(reaches.length * 0.9) - 1] ?? 0) || 1;
}

/** The place of a net PnL on a scale from 0 to 1 with zero in its middle; what lies beyond the reach is at its end. */
export function onNetScale(ticks: number, reachTicks: number): number {
  return Math.min(1, Math.max(0, 0.5 + (0.5 * ticks) / reachTicks));
}
