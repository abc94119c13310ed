import type { ExperimentsEvent, SweepsResponse } from '../../../src/wire/index.ts';
import { useFetched } from '../../shared/use_fetched.ts';
import { count, utcTime } from '../model/format.ts';
import { fetchSweeps, logUrl } from '../model/sweeps_api.ts';
import { SweepProgress } from './sweep_progress.tsx';

interface SweepsPanelProps {
  readonly event: ExperimentsEvent | null;
  /** Grows with each start from this page. */
  readonly starts: number;
  readonly mayChange: boolean;
}

/** Sweeps that run, and how the last ones ended. */
export function SweepsPanel({ event, starts, mayChange }: SweepsPanelProps) {
  const running = event?.sweeps ?? [];
  const key = `${starts} ${event?.results_version} ${running.map(({ instance, state }) => instance + state).join()}`;
  const { value, error } = useFetched(key, fetchSweeps);
  const awaited = (value?.starting ?? []).filter(({ sweep_id }) => running.every((one) => one.sweep_id !== sweep_id));
  return (
    <section class="sweeps-panel" aria-label="Sweeps">
      <h3>Running</h3>
      {running.length + awaited.length === 0 && <p class="quiet">No sweep runs.</p>}
      {awaited.map(({ sweep_id, experiment_name }) => (
        <p key={sweep_id}>
          <strong>{experiment_name}</strong> <span class="quiet">its process starts</span>
        </p>
      ))}
      {running.map((sweep) => (
        <SweepProgress key={sweep.sweep_id} sweep={sweep} mayChange={mayChange} />
      ))}
      <h3>Ended</h3>
      {error !== null && <p class="tone-error">{error}</p>}
      {value?.ended.length === 0 && <p class="quiet">None yet.</p>}
      <ul>
        {value?.ended.map((end) => (
          <Ended key={end.sweep_id} end={end} />
        ))}
      </ul>
    </section>
  );
}

const outcomes = { done: 'done', interrupted: 'cancelled', failed: 'failed' } as const;

function Ended({ end }: { end: SweepsResponse['ended'][number] }) {
  const { outcome, ran, skipped, failed, message } = end;
  return (
    <li>
      <strong>{end.experiment_name}</strong>{' '}
      <span class={outcome === 'failed' ? 'tone-error' : outcome === 'interrupted' ? 'tone-warning' : ''}>
        {outcomes[outcome]}
      </span>{' '}
      {utcTime(end.ended_utc)} UTC, {count(ran)} evaluated
      {skipped > 0 && `, ${count(skipped)} had results`}
      {failed > 0 && `, ${count(failed)} failed`}
      {end.has_log && (
        <>
          , <a href={logUrl(end.sweep_id)}>output</a>
        </>
      )}
      {message !== '' && <p class="tone-error preserved">{message}</p>}
    </li>
  );
}
