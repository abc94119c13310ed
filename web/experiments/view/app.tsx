import { present } from '../../../src/errors.ts';
import './app.css';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { applyTheme } from '../../shared/theme.ts';
import { allColumns, hiddenAtFirst } from '../model/columns.ts';
import { mostMarked, views } from '../model/page_state.ts';
import { inGroups, matching, parseSearch, sorted } from '../model/query.ts';
import { type Run, varyingParameters } from '../model/runs.ts';
import { sweepGroups, sweepKeyOf } from '../model/sweeps.ts';
import { CompareView } from './compare_view.tsx';
import { DetailPanel } from './detail_panel.tsx';
import { FilterBar } from './filter_bar.tsx';
import { HelpSheet } from './help_sheet.tsx';
import { RunTable } from './run_table.tsx';
import { SweepView } from './sweep_view.tsx';
import { TestingStrip } from './testing_strip.tsx';
import { TopBar } from './top_bar.tsx';
import { usePageState } from './use_page_state.ts';
import { useLive, useRuns } from './use_runs.ts';

const themeKey = 'spymaster.experiments.theme';

function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = localStorage.getItem(themeKey);
    if (stored === 'dark' || stored === 'light') return stored;
    return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  });
  applyTheme(document.documentElement, theme);
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    localStorage.setItem(themeKey, next);
    setTheme(next);
  };
  return [theme, toggle];
}

const noRuns: readonly Run[] = [];
const nobody: Readonly<Record<string, string>> = {};

/** The page: every run judged against chance, one in detail, some side by side, a sweep as a whole. */
export function App() {
  const [state, change] = usePageState();
  const [theme, toggleTheme] = useTheme();
  const [help, setHelp] = useState(false);
  const live = useLive();
  const results = useRuns(state.by, state.minSignals, live.event?.results_version ?? '');
  const { table } = results;
  const runs = table?.runs ?? noRuns;
  const { signals, datasets, experiments, aboveOnly, search: searchText, sort, descending, toggled, marked } = state;
  const grouped = useMemo(
    () => inGroups(runs, { signals, datasets, experiments, aboveOnly }),
    [runs, signals, datasets, experiments],
  );
  const columns = useMemo(() => allColumns(varyingParameters(grouped)), [grouped]);
  const shownColumns = useMemo(
    () => columns.filter(({ id }) => hiddenAtFirst.includes(id) === toggled.includes(id)),
    [columns, toggled],
  );
  const search = useMemo(() => parseSearch(searchText, columns), [searchText, columns]);
  const rows = useMemo(() => {
    const column =
      columns.find(({ id }) => id === sort) ?? present(columns.find(({ id }) => id === 'mean_net_pnl_ticks'));
    return sorted(matching(grouped, search, aboveOnly), column, descending);
  }, [grouped, search, aboveOnly, columns, sort, descending]);
  const passing = useMemo(() => new Set(rows.map(({ run_id }) => run_id)), [rows]);
  const groups = useMemo(() => sweepGroups(grouped, table?.sweeps ?? []), [grouped, table]);

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const inField = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape' && !inField) change({ run: null, threshold: null });
      if (inField) return;
      const number = Number(event.key);
      if (number >= 1 && number <= views.length) change({ view: present(views[number - 1]) });
      else if (event.key === '?') setHelp(true);
      else if (event.key === 't') toggleTheme();
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('.search')?.focus();
      }
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [theme]);

  const mark = useCallback(
    (runId: string | null) =>
      change(({ marked: before, run }) => {
        const id = runId ?? run;
        return { marked: id === null ? before : withToggled(before, id) };
      }),
    [change],
  );
  const selected = state.run === null ? null : (runs.find(({ run_id }) => run_id === state.run) ?? null);
  const group = groups.find(({ key }) => key === state.sweep) ?? groups[0];
  const seen =
    state.view === 'compare'
      ? runs.filter(({ run_id }) => marked.includes(run_id))
      : selected === null
        ? []
        : [selected];
  const focus =
    state.view === 'sweep'
      ? group === undefined
        ? []
        : [group.key]
      : [...new Set(seen.map((run) => sweepKeyOf(run)))];
  const hasNothing = table !== null && table.family.runs === 0;
  return (
    <div class="app">
      <TopBar
        state={state}
        change={change}
        live={live}
        loading={results.loading}
        theme={theme}
        onTheme={toggleTheme}
        onHelp={() => setHelp(true)}
      />
      {results.error !== null && (
        <div class="notice error" role="alert">
          <p>
            {results.error}
            {table !== null && ' What is shown is from before.'}
          </p>
          <button type="button" onClick={results.retry}>
            Try again
          </button>
        </div>
      )}
      {table !== null && !hasNothing && (
        <TestingStrip
          focus={focus}
          groups={groups}
          family={table.family}
          onOpen={(key) => change({ view: 'sweep', sweep: key })}
        />
      )}
      {hasNothing ? (
        <NoResults />
      ) : (
        <main class={`workspace ${state.run !== null && state.view !== 'compare' ? 'with-detail' : ''}`}>
          {state.view === 'runs' && (
            <section class="runs" aria-label="Runs">
              <FilterBar
                state={state}
                change={change}
                columns={columns}
                unknown={search.unknown}
                choices={{
                  signals: table?.filters.signals ?? [],
                  datasets: table?.filters.datasets ?? [],
                  experiments: [...new Set(runs.map((run) => run.experiment_name))].sort(),
                }}
                shown={rows.length}
                total={table?.family.runs ?? null}
              />
              <RunTable
                rows={rows}
                served={table?.served ?? nobody}
                columns={shownColumns}
                state={state}
                change={change}
                onMark={mark}
                loading={table === null && results.error === null}
              />
            </section>
          )}
          {state.view === 'sweep' && (
            <SweepView group={group} groups={groups} passing={passing} state={state} change={change} theme={theme} />
          )}
          {state.view === 'compare' && (
            <CompareView
              runs={runs}
              loaded={table !== null}
              state={state}
              change={change}
              onMark={mark}
              theme={theme}
            />
          )}
          {state.run !== null && state.view !== 'compare' && (
            <DetailPanel
              key={state.run}
              runId={state.run}
              run={selected}
              alias={table?.served[state.run] ?? null}
              state={state}
              change={change}
              theme={theme}
              onMark={mark}
            />
          )}
        </main>
      )}
      <HelpSheet open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** The marked runs with one more or one less; nothing changes where there are as many as can be compared. */
function withToggled(marked: readonly string[], runId: string): readonly string[] {
  const without = marked.filter((id) => id !== runId);
  if (without.length < marked.length) return without;
  return marked.length < mostMarked ? [...marked, runId] : marked;
}

function NoResults() {
  return (
    <main class="empty">
      <h2>No results yet</h2>
      <p>This lake holds no run. Sweep an experiment, and its runs appear here while it goes on:</p>
      <pre>
        <code>npx spymaster run configs/experiments/sweep_derivative.yaml</code>
      </pre>
    </main>
  );
}
