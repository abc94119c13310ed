import './top_bar.css';
import type { SweepProgress } from '../../../src/wire/index.ts';
import { count, duration } from '../model/format.ts';
import { type PageState, type View, views } from '../model/page_state.ts';
import type { Change } from './use_page_state.ts';
import type { Live } from './use_runs.ts';

interface TopBarProps {
  readonly state: PageState;
  readonly change: Change;
  readonly live: Live;
  readonly loading: boolean;
  readonly theme: 'dark' | 'light';
  readonly onTheme: () => void;
  readonly onHelp: () => void;
}

const labels: Readonly<Record<View, string>> = { runs: 'Runs', sweep: 'Sweep', compare: 'Compare' };

export function TopBar({ state, change, live, loading, theme, onTheme, onHelp }: TopBarProps) {
  return (
    <header class="top-bar">
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
          <Progress key={sweep.sweep_id} sweep={sweep} />
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

/** A sweep that runs: how far it is, how fast, and how long it will take. */
function Progress({ sweep }: { sweep: SweepProgress & { is_stalled: boolean } }) {
  const { done, total, started_utc, updated_utc, is_stalled, experiment_name } = sweep;
  const tookMs = Date.parse(updated_utc) - Date.parse(started_utc);
  const left = done === 0 ? null : (tookMs / done) * (total - done);
  const state = is_stalled
    ? 'stopped without an end; run it again and it goes on'
    : left === null
      ? 'starting'
      : `${count(Math.round((done / Math.max(tookMs, 1)) * 60_000))} a minute, ${duration(left)} left`;
  return (
    <div class={`progress ${is_stalled ? 'tone-warning' : ''}`}>
      <span>
        <strong>{experiment_name}</strong> {count(done)} of {count(total)} cells <span class="quiet">{state}</span>
      </span>
      <progress max={total} value={done} aria-label={`Cells of ${experiment_name}`} />
    </div>
  );
}
