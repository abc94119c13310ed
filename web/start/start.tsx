import './start.css';
import type { ExperimentList } from '../../src/wire/index.ts';
import { ask } from '../shared/ask.ts';
import { Command } from '../shared/command.tsx';
import { plural } from '../shared/numbers.ts';
import { ServingLinks } from '../shared/serving_links.tsx';
import { experimentHref } from '../shared/servings.ts';
import { useFetched } from '../shared/use_fetched.ts';

/** The server's first page: what it streams, and what was evaluated. */
export function Start() {
  return (
    <main class="start">
      <h1>Spymaster</h1>
      <div class="start-columns">
        <section aria-labelledby="servings-title">
          <h2 id="servings-title">Servings</h2>
          <ServingLinks />
          <p class="quiet">
            A file without a server: <a href="./vacuum-pressure.html">open it on the heatmap page</a>.
          </p>
        </section>
        <section aria-labelledby="experiments-title">
          <h2 id="experiments-title">Experiments</h2>
          <Experiments />
        </section>
      </div>
      <footer class="quiet">
        <a href="./experiments.html">Results browser</a> · <a href="./docs">REST interface</a> ·{' '}
        <a href="./metrics">Metrics</a>
      </footer>
    </main>
  );
}

function Experiments() {
  const { value: list, error } = useFetched('experiments', (signal) =>
    ask<ExperimentList>('/v1/experiments', { signal }),
  );
  if (error !== null) return <p role="alert">{error}</p>;
  if (list === null) return <p class="quiet">Asking the server for its results…</p>;
  if (list.experiments.length === 0) {
    return (
      <>
        <p>This lake holds no run. Sweep an experiment, and its runs appear while it goes on:</p>
        <Command text="npx spymaster run configs/experiments/sweep_derivative.yaml" />
      </>
    );
  }
  return (
    <ul class="serving-links">
      {list.experiments.map(({ experiment_name, n_runs, evaluated_at_utc }) => (
        <li key={experiment_name}>
          <span>
            <a href={experimentHref(experiment_name)}>{experiment_name}</a>
          </span>
          <span class="quiet">
            {plural(n_runs, 'run')} · evaluated last {evaluated_at_utc.slice(0, 16).replace('T', ' ')} UTC
          </span>
        </li>
      ))}
    </ul>
  );
}
