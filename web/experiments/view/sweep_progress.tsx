import './sweep_progress.css';
import { useState } from 'preact/hooks';
import type { RunningSweep } from '../../../src/wire/index.ts';
import { paceText, progressText } from '../model/sweep_text.ts';
import { cancelSweep } from '../model/sweeps_api.ts';

interface SweepProgressProps {
  readonly sweep: RunningSweep;
  /** Whether this page may change something. */
  readonly mayChange: boolean;
}

/** A sweep that runs: how far it is, how fast, how long it will take, and the way to end it. */
export function SweepProgress({ sweep, mayChange }: SweepProgressProps) {
  const { experiment_name, sweep_id, state, done, total, host, pid } = sweep;
  const [error, setError] = useState<string | null>(null);
  const [isAsked, setAsked] = useState(false);
  const end = () => {
    setAsked(true);
    setError(null);
    cancelSweep(sweep_id)
      .catch((cause: Error) => setError(cause.message))
      .finally(() => setAsked(false));
  };
  const isKilled = state === 'killed';
  const canEnd = mayChange && (isKilled || (sweep.is_cancellable && state !== 'cancelling'));
  return (
    <div
      class={`progress ${sweep.is_stalled ? 'tone-warning' : ''}`}
      title={pid === null ? '' : `Process ${pid} on ${host}`}
    >
      <span>
        <strong>{experiment_name}</strong> {progressText(sweep)} <span class="quiet">{paceText(sweep)}</span>
      </span>
      <progress max={Math.max(total, 1)} value={done} aria-label={`Progress of ${experiment_name}`} />
      {canEnd && (
        <button
          type="button"
          disabled={isAsked}
          title={isKilled ? 'Remove what it left behind' : 'End it as Ctrl-C does; what is finished is kept'}
          onClick={end}
        >
          {isKilled ? 'Dismiss' : 'Cancel'}
        </button>
      )}
      {error !== null && (
        <span class="tone-error" role="alert">
          {error}
        </span>
      )}
    </div>
  );
}
