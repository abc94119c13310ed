import './app.css';
import { useCallback, useState } from 'preact/hooks';
import { withToggledMark } from '../model/page_state.ts';
import { focusedSweeps } from '../model/sweeps.ts';
import { HelpSheet } from './help_sheet.tsx';
import { PublishedView } from './published_view.tsx';
import { StartView } from './start_view.tsx';
import { TestingStrip } from './testing_strip.tsx';
import { TopBar } from './top_bar.tsx';
import { useChanges } from './use_changes.ts';
import { usePageKeys } from './use_page_keys.ts';
import { usePageState } from './use_page_state.ts';
import { useLive, useRuns } from './use_runs.ts';
import { useShown } from './use_shown.ts';
import { useTheme } from './use_theme.ts';
import { Workspace } from './workspace.tsx';

/** The page: every run judged against chance, one in detail, some side by side, a sweep as a whole. */
export function App() {
  const [state, change] = usePageState();
  const [theme, toggleTheme] = useTheme();
  const [help, setHelp] = useState(false);
  const openHelp = useCallback(() => setHelp(true), []);
  const live = useLive();
  const changes = useChanges();
  const results = useRuns(state.by, state.minSignals, live.event?.results_version ?? '');
  const { table } = results;
  const shown = useShown(table, state);
  usePageKeys({ change, onTheme: toggleTheme, onHelp: openHelp });
  const onMark = useCallback(
    (runId: string | null) => change(({ marked, run }) => ({ marked: withToggledMark(marked, runId ?? run) })),
    [change],
  );
  const selected = shown.runs.find(({ run_id }) => run_id === state.run) ?? null;
  const group = shown.groups.find(({ key }) => key === state.sweep) ?? shown.groups[0];
  const isApart = state.view === 'start' || state.view === 'published';
  const hasNothing = table !== null && table.family.runs === 0;
  return (
    <div class="app">
      <TopBar
        state={state}
        change={change}
        live={live}
        mayChange={changes.state === 'allowed'}
        loading={results.loading}
        theme={theme}
        onTheme={toggleTheme}
        onHelp={openHelp}
      />
      {results.error !== null && <Trouble error={results.error} isOutdated={table !== null} onRetry={results.retry} />}
      {table !== null && !hasNothing && !isApart && (
        <TestingStrip
          focus={focusedSweeps(state, shown.runs, selected, group)}
          groups={shown.groups}
          family={table.family}
          onOpen={(key) => change({ view: 'sweep', sweep: key })}
        />
      )}
      {state.view === 'start' ? (
        <StartView state={state} change={change} changes={changes} event={live.event} />
      ) : state.view === 'published' ? (
        <PublishedView
          version={live.event?.results_version ?? ''}
          changes={changes}
          alias={state.alias}
          onAlias={(alias) => change({ alias })}
        />
      ) : hasNothing ? (
        <NoResults onStart={() => change({ view: 'start' })} />
      ) : (
        <Workspace
          table={table}
          shown={shown}
          selected={selected}
          group={group}
          state={state}
          change={change}
          onMark={onMark}
          mayChange={changes.state === 'allowed'}
          theme={theme}
          loading={table === null && results.error === null}
        />
      )}
      <HelpSheet open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function Trouble({ error, isOutdated, onRetry }: { error: string; isOutdated: boolean; onRetry: () => void }) {
  return (
    <div class="notice error" role="alert">
      <p>
        {error}
        {isOutdated && ' What is shown is from before.'}
      </p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

function NoResults({ onStart }: { onStart: () => void }) {
  return (
    <main class="empty">
      <h2>No results yet</h2>
      <p>This lake holds no run. Sweep an experiment, and its runs appear here while it goes on:</p>
      <pre>
        <code>npx spymaster run configs/experiments/sweep_derivative.yaml</code>
      </pre>
      <button type="button" onClick={onStart}>
        Start one here
      </button>
    </main>
  );
}
