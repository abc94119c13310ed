/** A line of a plot in its key. */
interface KeyEntry {
  /** The class that gives its colour. */
  readonly tone: string;
  readonly label: string;
  /** The class of the place after the label where a range is written. */
  readonly range?: string;
}

export const scoreKey: readonly KeyEntry[] = [
  { tone: 'mark-text', label: 'score, ', range: 'score-range' },
  { tone: 'mark-ours', label: 'threshold' },
  { tone: 'mark-neutral', label: 'mid ', range: 'mid-range' },
];

export const intensityKey: readonly KeyEntry[] = [
  { tone: 'mark-bull', label: 'bull' },
  { tone: 'mark-bear', label: 'bear' },
  { tone: 'mark-neutral', label: 'mixed intensity, share' },
];

/** The key that stands over a plot: each line's colour and label. */
export function seriesKey(entries: readonly KeyEntry[]): HTMLElement {
  const key = document.createElement('p');
  key.className = 'series-key';
  for (const { tone, label, range } of entries) {
    key.append(emptyElement('i', tone), label, ...(range === undefined ? [] : [emptyElement('span', range)]), ' ');
  }
  return key;
}

function emptyElement(name: 'i' | 'span', className: string): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  return element;
}
