import './promote_form.css';
import { useState } from 'preact/hooks';
import type { RunDetail } from '../../../src/wire/index.ts';
import { useFetched } from '../../shared/use_fetched.ts';
import { fetchConcerns, promoteRun } from '../model/published_api.ts';

interface PromoteFormProps {
  readonly detail: RunDetail;
  /** The threshold that is shown, and would be published. */
  readonly threshold: number;
}

/** Publishes a run under an alias, with a reason; what is known against it comes first. */
export function PromoteForm({ detail, threshold }: PromoteFormProps) {
  const { run_id: runId, experiment_name } = detail.meta;
  const { value: known, error } = useFetched(`${runId} ${threshold}`, (signal) =>
    fetchConcerns(runId, threshold, signal),
  );
  const [alias, setAlias] = useState(detail.aliases[0] ?? experiment_name);
  const [reason, setReason] = useState('');
  const [accepts, setAccepts] = useState(false);
  const [told, setTold] = useState<{ text: string; isError: boolean } | null>(null);
  const [busy, setBusy] = useState(false);
  const concerns = known?.concerns ?? [];
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    promoteRun(runId, { alias, threshold, reason, despite_concerns: accepts })
      .then(({ serving_id, reused }) => {
        setTold({
          text: `${reused ? 'Published before as' : 'Published'} ${serving_id}; ${alias} points at it.`,
          isError: false,
        });
        setReason('');
        setAccepts(false);
      })
      .catch((cause: Error) => setTold({ text: cause.message, isError: true }))
      .finally(() => setBusy(false));
  };
  return (
    <details class="promote">
      <summary>Promote it at threshold {threshold}</summary>
      <form onSubmit={onSubmit}>
        {error !== null && <p class="tone-error">{error}</p>}
        {known !== null && concerns.length === 0 && <p>Nothing is known against this run.</p>}
        {concerns.length > 0 && <Concerns concerns={concerns} accepts={accepts} onAccept={setAccepts} />}
        <label>
          Alias <input type="text" required value={alias} onInput={(event) => setAlias(event.currentTarget.value)} />
        </label>
        <label>
          Reason{' '}
          <input
            type="text"
            required
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={busy || known === null || (concerns.length > 0 && !accepts)}>
          Promote
        </button>
      </form>
      {told !== null && (
        <p class={told.isError ? 'tone-error' : ''} role={told.isError ? 'alert' : 'status'}>
          {told.text}
        </p>
      )}
    </details>
  );
}

interface ConcernsProps {
  readonly concerns: readonly string[];
  readonly accepts: boolean;
  readonly onAccept: (accepts: boolean) => void;
}

function Concerns({ concerns, accepts, onAccept }: ConcernsProps) {
  return (
    <>
      <p class="tone-warning">Against this run:</p>
      <ul>
        {concerns.map((concern) => (
          <li key={concern}>{concern}</li>
        ))}
      </ul>
      <label>
        <input type="checkbox" checked={accepts} onChange={(event) => onAccept(event.currentTarget.checked)} /> publish
        it all the same
      </label>
    </>
  );
}
