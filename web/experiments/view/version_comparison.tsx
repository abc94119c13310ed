import { useState } from 'preact/hooks';
import type { AliasHistory } from '../../../src/wire/index.ts';
import { useFetched } from '../../shared/use_fetched.ts';
import { parameter } from '../model/format.ts';
import { fetchComparison } from '../model/published_api.ts';

/** Two versions of an alias field by field; the one before and the current one at first. */
export function VersionComparison({ history }: { history: AliasHistory }) {
  const versions = [...new Set(history.events.map(({ to_serving_id }) => to_serving_id))];
  const last = history.events.at(-1);
  const [chosen, setChosen] = useState<readonly [string | null, string | null]>([null, null]);
  const before = chosen[0] ?? last?.from_serving_id ?? versions[0] ?? '';
  const after = chosen[1] ?? last?.to_serving_id ?? '';
  const { value, error } = useFetched(versions.length < 2 ? null : `${before} ${after}`, (signal) =>
    fetchComparison(before, after, signal),
  );
  if (versions.length < 2) return <p class="quiet">It has had one version; another is compared with it here.</p>;
  return (
    <section aria-label="Comparison">
      <h3>What differs</h3>
      <p class="comparison-tools">
        <Choice label="Before" value={before} versions={versions} onChoose={(id) => setChosen([id, chosen[1]])} />
        <Choice label="After" value={after} versions={versions} onChoose={(id) => setChosen([chosen[0], id])} />
      </p>
      {error !== null && <p class="tone-error">{error}</p>}
      {value?.differences.length === 0 && <p>Nothing but the id.</p>}
      {value !== null && value.differences.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {value.differences.map((one) => (
              <tr key={one.field}>
                <th scope="row">{one.field}</th>
                <td>{shown(one.before)}</td>
                <td>{shown(one.after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Of measured numbers six digits tell. */
const digits = 6;

function shown(value: unknown): string {
  if (value === null) return '–';
  return parameter(typeof value === 'number' ? Number(value.toPrecision(digits)) : value);
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly versions: readonly string[];
  readonly onChoose: (id: string) => void;
}

function Choice({ label, value, versions, onChoose }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {versions.map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </label>
  );
}
