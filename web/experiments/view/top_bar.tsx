import './top_bar.css';
import { type PageState, type View, views } from '../model/page_state.ts';
import { SweepProgress } from './sweep_progress.tsx';
import type { Change } from './use_page_state.ts';
import type { Live } from './use_runs.ts';

interface TopBarProps {
  readonly state: PageState;
  readonly change: Change;
  readonly live: Live;
  /** Whether this page may cancel sweeps. */
  readonly mayChange: boolean;
  readonly loading: boolean;
  readonly theme: 'dark' | 'light';
  readonly onTheme: () => void;
  readonly onHelp: () => void;
}

const labels: Readonly<Record<View, string>> = {
  runs: 'Runs',
  sweep: 'Sweep',
  compare: 'Compare',
  start: 'Start',
  published: 'Published',
};

export function TopBar({ state, change, live, mayChange, loading, theme, onTheme, onHelp }: TopBarProps) {
  return (
    <header class="top-bar">
      <a href="./" title="All servings and experiments of this server">
        Servings
      </a>
      <h1>Experiments</h1>
      <nav class="group" aria-label="Views">
        {views.map((view, index) => (
          <button
            key={view}
            type="button"
            aria-current={state.view === view ? 'page' : undefined}
            title={`Key ${index + 1}`}
            onClick={() => change({ view })}
          >
            {labels[view]}
            {view === 'compare' && state.marked.length > 0 ? ` (${state.marked.length})` : ''}
          </button>
        ))}
      </nav>
      <div class="sweeps-running" aria-live="polite">
        {live.event?.sweeps.map((sweep) => (
          <SweepProgress key={sweep.sweep_id} sweep={sweep} mayChange={mayChange} />
        ))}
      </div>
      <span class="spring" />
      <span class={`connection ${live.connected ? 'tone-good' : 'tone-warning'}`}>
        <span class="dot" aria-hidden="true" />
        {live.connected ? (loading ? 'Loading' : 'Live') : 'Not connected'}
      </span>
      <button type="button" onClick={onTheme}>
        {theme === 'dark' ? 'Light' : 'Dark'}
      </button>
      <button type="button" onClick={onHelp} aria-label="Keys and search">
        ?
      </button>
    </header>
  );
}
