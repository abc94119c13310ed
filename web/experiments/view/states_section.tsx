import { fetchStates } from '../model/api.ts';
import { count, percent } from '../model/format.ts';
import { ScrollBox } from './scroll_box.tsx';
import { useFetched } from './use_fetched.ts';

const names = ['Bear vacuum', 'Bear pressure', 'Mixed', 'Bull pressure', 'Bull vacuum'];

/** Which of the five states leads how often on the run's dataset, and which follows which. */
export function StatesSection({ datasetId }: { datasetId: string }) {
  const { value: states, error } = useFetched(datasetId, (signal) => fetchStates(datasetId, signal), 300);
  return (
    <section>
      <h3>
        States of the dataset <span class="quiet">most frequent state5 of each bin</span>
      </h3>
      {error !== null && (
        <p class="tone-error" role="alert">
          {error}
        </p>
      )}
      {states === null && error === null && <p class="quiet waiting">Counting the states…</p>}
      {states !== null && (
        <ScrollBox label="Table of states">
          <table class="figures states">
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Bins</th>
                <th scope="col">Share</th>
                {names.map((name) => (
                  <th key={name} scope="col">
                    → {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {states.codes.map((code, from) => {
                const leaving = states.transitions[from]!.reduce((a, b) => a + b, 0);
                return (
                  <tr key={code}>
                    <th scope="row">{names[from]}</th>
                    <td>{count(states.dominant[from]!)}</td>
                    <td>
                      <Share value={states.bins === 0 ? null : states.dominant[from]! / states.bins} />
                    </td>
                    {states.transitions[from]!.map((bins, to) => (
                      <td key={names[to]}>
                        <Share value={leaving === 0 ? null : bins / leaving} />
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {states !== null && <p class="quiet">A row says what leads in the bin after one that its state leads.</p>}
    </section>
  );
}

/** A share of one, its ground filled as far. */
function Share({ value }: { value: number | null }) {
  return (
    <span class="share" style={{ '--share': value ?? 0 }}>
      {percent(value, 0)}
    </span>
  );
}
