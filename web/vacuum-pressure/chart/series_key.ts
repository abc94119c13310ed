import type { SignalSeries } from '../../../src/signals/index.ts';

/** A line or an area of a pane in its key. */
export interface KeyEntry {
  /** The class that gives its colour, or the colour. */
  readonly tone: string;
  readonly label: string;
}

export const scoreKey: readonly KeyEntry[] = [
  { tone: 'mark-bull', label: 'score above 0' },
  { tone: 'mark-bear', label: 'below' },
  { tone: 'mark-ours', label: 'thresholds and firings' },
];

export const shareKey: readonly KeyEntry[] = [
  { tone: 'mark-bear', label: 'bear' },
  { tone: 'mark-neutral', label: 'mixed' },
  { tone: 'mark-bull', label: 'bull, shares of the window' },
];

export const cvdKey: readonly KeyEntry[] = [
  { tone: 'mark-bid', label: 'cumulative volume delta' },
  { tone: 'mark-ask', label: 'below 0' },
];

export const deltaKey: readonly KeyEntry[] = [
  { tone: 'mark-bid', label: 'delta of a bin: bought − sold' },
  { tone: 'mark-ask', label: 'below 0' },
];

/** The key of the series that a signal draws itself. */
export function ownKey(series: readonly SignalSeries[], colours: readonly string[]): readonly KeyEntry[] {
  return series.map(({ name }, at) => ({ tone: colours[at] ?? '', label: name }));
}

/** The key that stands over a pane: the colour and label of each line. */
export function seriesKey(entries: readonly KeyEntry[]): HTMLElement {
  const key = document.createElement('p');
  key.className = 'series-key';
  for (const { tone, label } of entries) {
    const sample = document.createElement('i');
    if (tone.startsWith('#')) sample.style.color = tone;
    else sample.className = tone;
    key.append(sample, label, ' ');
  }
  return key;
}
