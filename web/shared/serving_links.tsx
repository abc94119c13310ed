import './serving_links.css';
import type { ListedVersion } from '../../src/wire/index.ts';
import { Command } from './command.tsx';
import { experimentHref, fetchServings, nameOf, nearestFirst, sessionWords, streamHref } from './servings.ts';
import { useFetched } from './use_fetched.ts';

/** Versions that are shown before the others are asked for. */
const firstShown = 20;

/** Links to everything that the server streams, the names nearest to `wanted` first; without any, how to get one. */
export function ServingLinks({ wanted = null }: { wanted?: string | null }) {
  const { value: list, error } = useFetched('servings', fetchServings);
  if (error !== null) return <p role="alert">{error}</p>;
  if (list === null) return <p class="quiet">Asking the server what it streams…</p>;
  if (list.versions.length === 0) {
    return (
      <>
        <p>Nothing has been published yet. A run of an experiment is promoted to a serving version:</p>
        <Command text="npx spymaster run configs/experiments/sweep_derivative.yaml" />
        <Command text="npx spymaster promote configs/experiments/sweep_derivative.yaml --run-id RUN_ID --alias ALIAS" />
        <p>The demo makes a market and publishes it:</p>
        <Command text="npm run demo" />
      </>
    );
  }
  const versions = nearestFirst(list.versions, wanted);
  const others = versions.slice(firstShown);
  const more = list.n_versions - list.versions.length;
  return (
    <>
      <ul class="serving-links">{versions.slice(0, firstShown).map(serving)}</ul>
      {others.length > 0 && (
        <details>
          <summary>{others.length} more</summary>
          <ul class="serving-links">{others.map(serving)}</ul>
        </details>
      )}
      {more > 0 && <p class="quiet">{more} older versions are not listed; they open by their ids.</p>}
    </>
  );
}

const serving = (version: ListedVersion) => (
  <li key={version.serving_id}>
    <span>
      {version.problem === null ? (
        <a href={streamHref(nameOf(version))}>{nameOf(version)}</a>
      ) : (
        <span class="quiet">{nameOf(version)}</span>
      )}
      {version.aliases.slice(1).map((alias) => (
        <a key={alias} href={streamHref(alias)}>
          {alias}
        </a>
      ))}
    </span>
    <span>{version.problem ?? `${sessionWords(version)} · signal ${version.signal_name}`}</span>
    <span class="quiet">
      {version.aliases.length > 0 && <span class="id">{version.serving_id} · </span>}
      from <a href={experimentHref(version.experiment_name)}>{version.experiment_name}</a>
      {version.verdict !== null && `: ${version.verdict}`}
    </span>
  </li>
);
