import { present } from '../../../src/errors.ts';
import type { SessionOverview } from '../../../src/wire/index.ts';

/** A session in as many columns as a strip has pixels. */
export interface Strip {
  /** Events per bin, on average; NaN where nothing is known. */
  readonly events: readonly number[];
  readonly mostEvents: number;
  /** Lowest and highest mid; NaN where there is none. */
  readonly lowMid: readonly number[];
  readonly highMid: readonly number[];
  readonly lowest: number;
  readonly highest: number;
  /** Whether some bin's book is not valid. */
  readonly invalid: readonly boolean[];
}

/** What an overview says of bins [first, end), as exactly as its columns are. */
export function overviewSpan(
  { bins_per_column: width, bin_count: bins, columns }: SessionOverview,
  first: number,
  end: number,
) {
  let [events, valid, counted] = [0, 0, 0];
  let [low, high] = [Number.NaN, Number.NaN];
  const lastColumn = Math.min(
    columns.event_count.length,
    Math.max(Math.floor(first / width) + 1, Math.ceil(end / width)),
  );
  for (let at = Math.floor(first / width); at < lastColumn; at++) {
    counted += Math.min(width, bins - at * width);
    events += present(columns.event_count[at]);
    valid += present(columns.valid_bins[at]);
    const [min, max] = [columns.mid_min[at] ?? Number.NaN, columns.mid_max[at] ?? Number.NaN];
    if (!(low <= min)) low = Number.isNaN(min) ? low : min;
    if (!(high >= max)) high = Number.isNaN(max) ? high : max;
  }
  return { low, high, events: counted === 0 ? Number.NaN : events / counted, isInvalid: valid < counted };
}

/** Spreads `bins` bins of a session over `count` columns of pixels. */
export function stripOf(overview: SessionOverview, bins: number, count: number): Strip {
  const spans = Array.from({ length: count }, (_, at) =>
    overviewSpan(overview, Math.floor((at * bins) / count), Math.floor(((at + 1) * bins) / count)),
  );
  const known = (values: readonly number[]) => values.filter((value) => !Number.isNaN(value));
  const [lowMid, highMid] = [spans.map(({ low }) => low), spans.map(({ high }) => high)];
  const events = spans.map((span) => span.events);
  return {
    events,
    mostEvents: Math.max(0, ...known(events)),
    lowMid,
    highMid,
    lowest: Math.min(...known(lowMid)),
    highest: Math.max(...known(highMid)),
    invalid: spans.map(({ isInvalid }) => isInvalid),
  };
}
