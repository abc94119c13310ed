import { editDistance } from '../../src/config/index.ts';
import type { ListedVersion, ServingList } from '../../src/wire/index.ts';
import { ask } from './ask.ts';

/** Asks the server what it can stream. @throws ApiError */
export function fetchServings(signal: AbortSignal): Promise<ServingList> {
  return ask('/v1/servings', { signal });
}

/** The name under which a version is opened: its first alias, else its id. */
export const nameOf = ({ aliases, serving_id }: ListedVersion) => aliases[0] ?? serving_id;

/** The address of a version's stream on the heatmap page. */
export const streamHref = (name: string) => `./vacuum-pressure.html?serving=${encodeURIComponent(name)}`;

/** The address of an experiment's runs on the experiments page. */
export const experimentHref = (name: string) => `./experiments.html?experiment=${encodeURIComponent(name)}`;

/** Versions in the order of their names' likeness to `wanted`; as they are where nothing is wanted. */
export function nearestFirst(versions: readonly ListedVersion[], wanted: string | null): readonly ListedVersion[] {
  if (wanted === null) return versions;
  const name = wanted.slice(0, 60).toLowerCase();
  const distance = (version: ListedVersion) =>
    Math.min(...[...version.aliases, version.serving_id].map((one) => editDistance(name, one.toLowerCase())));
  return versions
    .map((version) => [version, distance(version)] as const)
    .sort(([, a], [, b]) => a - b)
    .map(([version]) => version);
}

/** A version's session in words: `MNQH6 2026-02-06, from 09:30 to 16:00 New York time`. */
export function sessionWords({ session }: ListedVersion): string {
  if (session === null) return '';
  const { symbol, date, start_time, end_time } = session;
  return `${symbol} ${date}, from ${start_time}${end_time === null ? '' : ` to ${end_time}`} New York time`;
}
