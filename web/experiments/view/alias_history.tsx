import { useState } from 'preact/hooks';
import type { AliasHistory } from '../../../src/wire/index.ts';
import { utcTime } from '../model/format.ts';
import { rollBack } from '../model/published_api.ts';

interface AliasHistoryProps {
  readonly history: AliasHistory;
  readonly mayChange: boolean;
  readonly onChanged: () => void;
}

/** Every change of an alias with its reason, the newest first, and the way back to a version that it had. */
export function AliasHistoryTable({ history, mayChange, onChanged }: AliasHistoryProps) {
  const [to, setTo] = useState<string | null>(null);
  const current = history.events.at(-1)?.to_serving_id;
  return (
    <>
      <table>
        <caption class="quiet">History</caption>
        <thead>
          <tr>
            {['When, UTC', 'What', 'Version', 'Reason', ''].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {history.events.toReversed().map((event, index) => (
            <tr key={event.at_utc + event.to_serving_id}>
              <td>{utcTime(event.at_utc)}</td>
              <td>{event.action}</td>
              <td class="id">{event.to_serving_id}</td>
              <td>{event.reason ?? <span class="quiet">none given</span>}</td>
              <td>
                {index === 0 ? (
                  <span class="quiet">current</span>
                ) : (
                  mayChange &&
                  event.to_serving_id !== current && (
                    <button type="button" onClick={() => setTo(event.to_serving_id)}>
                      Roll back to it
                    </button>
                  )
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {to !== null && to !== current && (
        <Rollback key={to} alias={history.alias} to={to} onClose={() => setTo(null)} onChanged={onChanged} />
      )}
    </>
  );
}

interface RollbackProps {
  readonly alias: string;
  readonly to: string;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

function Rollback({ alias, to, onClose, onChanged }: RollbackProps) {
  const [error, setError] = useState<string | null>(null);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason') ?? '');
    rollBack(alias, to, reason).then(
      () => {
        onClose();
        onChanged();
      },
      (cause: Error) => setError(cause.message),
    );
  };
  return (
    <form class="rollback" onSubmit={onSubmit} aria-label="Rollback">
      <p>
        Point <strong>{alias}</strong> at <span class="id">{to}</span> again. Streams that are open go on with the
        version they have.
      </p>
      <label>
        Reason <input type="text" name="reason" required maxLength={500} />
      </label>
      <button type="submit">Roll back</button>
      <button type="button" onClick={onClose}>
        Leave it
      </button>
      {error !== null && (
        <p class="tone-error" role="alert">
          {error}
        </p>
      )}
    </form>
  );
}
