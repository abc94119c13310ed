import type { SessionStore } from './session_store.ts';

/** A session in as many columns as a strip has pixels. */
export interface Overview {
  readonly held: readonly boolean[];
  /** Events per bin, on average. */
  readonly events: readonly number[];
  readonly mostEvents: number;
  /** Lowest and highest mid, in ticks; NaN where there is none. */
  readonly lowMid: readonly number[];
  readonly highMid: readonly number[];
  readonly lowest: number;
  readonly highest: number;
}

/** Sums up bins [0, bins) of a session in `columns` columns. */
export function overviewOf(store: SessionStore, bins: number, columns: number): Overview {
  const held: boolean[] = [];
  const events: number[] = [];
  const lowMid: number[] = [];
  const highMid: number[] = [];
  for (let column = 0; column < columns; column++) {
    const first = Math.floor((column * bins) / columns);
    const end = Math.max(first + 1, Math.floor(((column + 1) * bins) / columns));
    const { low, high } = store.extremes('midTick', first, end);
    const { count, total } = store.sum('eventCount', first, end);
    held.push(count > 0);
    events.push(count === 0 ? 0 : total / count);
    lowMid.push(low);
    highMid.push(high);
  }
  const known = (values: readonly number[]) => values.filter((value) => !Number.isNaN(value));
  return {
    held,
    events,
    mostEvents: Math.max(0, ...events),
    lowMid,
    highMid,
    lowest: Math.min(...known(lowMid)),
    highest: Math.max(...known(highMid)),
  };
}
