import type { RunSortKey } from '../../../src/wire/index.ts';
import type { Filters } from './query.ts';

export const views = ['runs', 'sweep', 'compare', 'start', 'published'] as const;
export type View = (typeof views)[number];

/** Everything of the page that its address holds. */
export interface PageState extends Filters {
  readonly view: View;
  readonly search: string;
  readonly sort: string;
  readonly descending: boolean;
  /** By what the threshold is chosen that stands for a run. */
  readonly by: RunSortKey;
  /** Thresholds with fewer signals do not count; null: than each run's experiment asks for. */
  readonly minSignals: number | null;
  /** Run and threshold in the detail panel. */
  readonly run: string | null;
  readonly threshold: number | null;
  /** Date of the session whose trades the panel shows; null for the first with trades. */
  readonly session: string | null;
  /** Runs to compare. */
  readonly marked: readonly string[];
  /** Columns shown against their default, or hidden. */
  readonly toggled: readonly string[];
  /** Sweep view: which sweep, of what and over which axes. */
  readonly sweep: string;
  readonly metric: string;
  readonly x: string;
  readonly y: string;
  readonly rest: 'median' | 'best';
  /** Published view: the alias that is open. */
  readonly alias: string;
  /** Start view: the spec that is open. */
  readonly spec: string;
  /** Order of the axes of the parallel coordinates; those that are not named come after. */
  readonly axes: readonly string[];
}

export const thresholdChoices: readonly (readonly [RunSortKey, string])[] = [
  ['evidence', 'evidence'],
  ['mean_net_pnl_ticks', 'net PnL'],
  ['mean_pnl_ticks', 'gross PnL'],
  ['tp_rate', 'TP rate'],
  ['sharpe', 'Sharpe'],
  ['p_profit', 'p value'],
  ['events_per_hour', 'signals an hour'],
];

/** The most runs that are compared at once. */
export const maxMarked = 20;

export const defaultState: PageState = {
  view: 'runs',
  signals: [],
  datasets: [],
  experiments: [],
  aboveOnly: false,
  search: '',
  sort: 'survives',
  descending: false,
  by: 'evidence',
  minSignals: null,
  run: null,
  threshold: null,
  session: null,
  marked: [],
  toggled: [],
  sweep: '',
  metric: 'mean_net_pnl_ticks',
  x: '',
  y: '',
  rest: 'median',
  alias: '',
  spec: '',
  axes: [],
};

/** The number of a field of an address; NaN when it is missing or empty. */
const numberIn = (text: string | null) => (text === null || text.trim() === '' ? Number.NaN : Number(text));

/** Reads an address's query; what it does not say, or says wrongly, takes its default. */
export function parseState(query: string): PageState {
  const given = new URLSearchParams(query);
  const d = defaultState;
  const sort = given.get('sort') ?? (d.descending ? `-${d.sort}` : d.sort);
  const by = thresholdChoices.find(([key]) => key === given.get('by'))?.[0] ?? d.by;
  const minSignals = numberIn(given.get('min_n'));
  const threshold = numberIn(given.get('at'));
  return {
    view: views.find((view) => view === given.get('view')) ?? d.view,
    signals: given.getAll('signal'),
    datasets: given.getAll('dataset'),
    experiments: given.getAll('experiment'),
    aboveOnly: given.get('above') === '1',
    search: given.get('q') ?? '',
    sort: sort.replace(/^-/, ''),
    descending: sort.startsWith('-'),
    by,
    minSignals: Number.isSafeInteger(minSignals) && minSignals >= 0 ? minSignals : d.minSignals,
    run: given.get('run'),
    threshold: Number.isFinite(threshold) ? threshold : null,
    session: given.get('session'),
    marked: [...new Set(given.getAll('mark'))].slice(0, maxMarked),
    toggled: given.getAll('column'),
    sweep: given.get('sweep') ?? '',
    metric: given.get('metric') ?? d.metric,
    x: given.get('x') ?? '',
    y: given.get('y') ?? '',
    rest: given.get('rest') === 'best' ? 'best' : 'median',
    alias: given.get('alias') ?? '',
    spec: given.get('spec') ?? '',
    axes: given.getAll('axis'),
  };
}

/** The query that says what differs from the default; empty when nothing does. */
export function formatState(state: PageState): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string, fallback: string) => {
    if (value !== fallback) query.set(name, value);
  };
  const sortText = ({ sort, descending }: PageState) => `${descending ? '-' : ''}${sort}`;
  put('view', state.view, defaultState.view);
  for (const name of state.signals) query.append('signal', name);
  for (const name of state.datasets) query.append('dataset', name);
  for (const name of state.experiments) query.append('experiment', name);
  put('above', state.aboveOnly ? '1' : '', '');
  put('q', state.search, '');
  put('sort', sortText(state), sortText(defaultState));
  put('by', state.by, defaultState.by);
  put('min_n', String(state.minSignals ?? ''), '');
  put('run', state.run ?? '', '');
  put('at', state.threshold === null ? '' : String(state.threshold), '');
  put('session', state.session ?? '', '');
  for (const id of state.marked) query.append('mark', id);
  for (const id of state.toggled) query.append('column', id);
  put('sweep', state.sweep, '');
  put('metric', state.metric, defaultState.metric);
  put('x', state.x, '');
  put('y', state.y, '');
  put('rest', state.rest, defaultState.rest);
  put('alias', state.alias, '');
  put('spec', state.spec, '');
  for (const name of state.axes) query.append('axis', name);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The marked runs with `runId` marked or no longer marked; the same where there are already as many as can be compared. */
export function withToggledMark(marked: readonly string[], runId: string | null): readonly string[] {
  if (runId === null) return marked;
  const without = marked.filter((id) => id !== runId);
  if (without.length < marked.length) return without;
  return marked.length < maxMarked ? [...marked, runId] : marked;
}
