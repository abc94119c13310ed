import { present } from '../../../src/errors.ts';
import './figures.css';
import './states_section.css';
import type { Outcomes } from '../../../src/wire/index.ts';
import type { Fetched } from '../../shared/use_fetched.ts';
import { count, percent } from '../model/format.ts';
import { ScrollBox } from './scroll_box.tsx';

const names = ['Bear vacuum', 'Bear pressure', 'Mixed', 'Bull pressure', 'Bull vacuum'];
const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

/** Which of the five states leads how often, where the run fires, and which follows which. */
export function StatesSection({ outcomes: { value, error } }: { outcomes: Fetched<Outcomes> }) {
  const states = value?.states ?? null;
  return (
    <section>
      <h3>
        States <span class="quiet">the dominant one of each bin, after the warm-up</span>
      </h3>
      {states === null && (
        <p class="quiet waiting">{error === null ? 'Counting the states…' : 'Not counted: see the error above.'}</p>
      )}
      {states !== null && (
        <>
          <ScrollBox label="Table of states">
            <table class="figures states">
              <thead>
                <tr>
                  <th scope="col">State</th>
                  <th scope="col">All {count(states.bins)} bins</th>
                  <th scope="col">At {count(sum(states.long))} longs</th>
                  <th scope="col">At {count(sum(states.short))} shorts</th>
                </tr>
              </thead>
              <tbody>
                {names.map((name, code) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    {[states.all, states.long, states.short].map((counts, index) => (
                      <td key={index} title={`${count(present(counts[code]))} bins`}>
                        <Share of={counts} at={code} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollBox>
          <ScrollBox label="Table of transitions">
            <table class="figures states">
              <thead>
                <tr>
                  <th scope="col">After \ next</th>
                  {names.map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {names.map((name, from) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    {names.map((to, index) => (
                      <td key={to} title={`${count(present(present(states.transitions[from])[index]))} times`}>
                        <Share of={present(states.transitions[from])} at={index} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollBox>
          <p class="quiet">The second table: which state leads the bin that follows one led by the row’s state.</p>
        </>
      )}
    </section>
  );
}

/** A count's share of all, its ground filled as far; a dash where there is nothing to share. */
function Share({ of, at }: { of: readonly number[]; at: number }) {
  const all = sum(of);
  const share = all === 0 ? null : present(of[at]) / all;
  return (
    <span class="share" style={{ '--share': share ?? 0 }}>
      {percent(share, share !== null && share > 0 && share < 0.01 ? 1 : 0)}
    </span>
  );
}
