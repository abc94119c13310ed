import type { ExperimentDocument } from '../experiment_document.ts';

export type DocumentTrial = ExperimentDocument['trials'][number];

/** The trial that days and curves are shown of: the best survivor, else the best that is tested; null when nothing is tested. */
export function shownTrial({ survivors, best }: ExperimentDocument): DocumentTrial | null {
  return survivors[0] ?? best;
}

/** A trial in a few characters: `3f9c2a1b at 0.4`. */
export function trialName({ run_id: runId, threshold }: Pick<DocumentTrial, 'run_id' | 'threshold'>): string {
  return `${runId.slice(0, 8)} at ${shortNumber(threshold)}`;
}

/** A number of a spec in at most six figures: 0.30000000000000004 → `0.3`. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6))).replace('-', '−');
}

/** Names of the parameters in which trials differ, in the order of their first. */
export function variedParameters(trials: readonly DocumentTrial[]): string[] {
  const [first] = trials;
  if (first === undefined) return [];
  const names = new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)));
  return [...names].filter((name) => {
    const value = JSON.stringify(first.parameters[name]);
    return trials.some(({ parameters }) => JSON.stringify(parameters[name]) !== value);
  });
}

/** A parameter's value as text. */
export function parameterText(value: unknown): string {
  if (typeof value === 'number') return shortNumber(value);
  return typeof value === 'string' ? value : value === undefined ? '–' : JSON.stringify(value);
}
