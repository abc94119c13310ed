import { formatTable } from '../../../src/cli/table.ts';
import { formatCount } from '../../../src/format.ts';
import { type OrderEventKind, orderEventKinds } from '../../../src/orders/index.ts';
import { wilsonInterval } from '../../../src/statistics/index.ts';
import { binomialAtMost } from './binomial.ts';
import type { EventTally } from './match_events.ts';

/** A rate with its Wilson interval of 95 %; the rate is null without trials. */
export interface Rate {
  readonly successes: number;
  readonly trials: number;
  readonly rate: number | null;
  readonly low: number;
  readonly high: number;
}

/** One line: a kind, how much of what happened was found, and how much of what was found happened. */
export interface EventLine {
  readonly kind: OrderEventKind;
  readonly recall: Rate;
  readonly precision: Rate;
  /** By name, the lookalikes that were taken for an event. */
  readonly lookalikes: Readonly<Record<string, Rate>>;
}

export function eventLines(tally: EventTally): EventLine[] {
  return orderEventKinds.flatMap((kind) => {
    const counts = tally[kind];
    if (counts === undefined) return [];
    const lookalikes = Object.entries(counts.lookalikes).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      kind,
      recall: rateOf(counts.recalled, counts.planted),
      precision: rateOf(counts.real, counts.found),
      lookalikes: Object.fromEntries(
        lookalikes.map(([name, { planted, mistaken }]) => [name, rateOf(mistaken, planted)]),
      ),
    };
  });
}

function rateOf(successes: number, trials: number): Rate {
  return { successes, trials, rate: trials === 0 ? null : successes / trials, ...wilsonInterval(successes, trials) };
}

/** The lines as an aligned table, or as Markdown. */
export function eventTable(lines: readonly EventLine[], isMarkdown: boolean): string {
  const titles = ['kind', 'happened', 'found of it', 'recall', 'found', 'true', 'precision', 'lookalikes taken for it'];
  const rows = lines.map(({ kind, recall, precision, lookalikes }) => [
    kind === 'trade' ? 'trade, modified' : kind,
    ...[formatCount(recall.trials), formatCount(recall.successes), rateText(recall)],
    ...[formatCount(precision.trials), formatCount(precision.successes), rateText(precision)],
    Object.entries(lookalikes)
      .map(([name, { successes, trials }]) => `${name} ${formatCount(successes)} of ${formatCount(trials)}`)
      .join(', '),
  ]);
  if (isMarkdown) {
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
  }
  const isText = (title: string): boolean => ['kind', 'recall', 'precision', titles.at(-1)].includes(title);
  return formatTable(
    titles.map((title) => ({ title, align: isText(title) ? 'left' : 'right' })),
    rows,
  );
}

function rateText({ rate, low, high }: Rate): string {
  if (rate === null) return '';
  // Ends of an interval are rounded outwards.
  const [from, to] = [Math.floor(low * 1000) / 10, Math.ceil(high * 1000 - 1e-6) / 10];
  return `${Number((100 * rate).toFixed(1))} % (${from} … ${to})`;
}

/** Lower bounds of a detector's true rates, and an upper one of the share of each lookalike that it mistakes. */
interface Bounds {
  readonly recall: number;
  readonly precision?: number;
  readonly mistaken?: number;
}

/** What follows from the records alone has no errors. */
const exact: Bounds = { recall: 1, precision: 1, mistaken: 0 };

/** Other bounds lie below what the full calibration measured in the market `calm`: docs/order-events.md. */
export const eventBounds: Readonly<Record<OrderEventKind, Bounds>> = {
  trade: exact,
  stop: exact,
  stop_run: exact,
  sweep: exact,
  iceberg: exact,
  exhausted_level: exact,
  // A rank among the last orders of all traders.
  large_order: { recall: 0.99 },
  large_trade: { recall: 0.95 },
  fast_pull: { recall: 0.99, mistaken: 0 },
  suspected_iceberg: { recall: 0.95, precision: 0.85, mistaken: 0.01 },
  stacked_pull: { recall: 0.75, mistaken: 0.05 },
  absorption: { recall: 0.6 },
};

/** A bound by chance is missed by fewer than one run in so many, all bounds together. */
const runsPerMiss = 1000;

/**
 * Sentences on the bounds that the counts contradict: they are too unlikely with a rate at the bound.
 * @param isOther of a market for which only the bounds of exact kinds hold
 */
export function missedBounds(lines: readonly EventLine[], isOther = false): string[] {
  const judged = lines.filter(({ kind }) => !isOther || eventBounds[kind] === exact);
  const claims = judged.flatMap(({ kind, recall, precision, lookalikes }) => {
    const { recall: fewest, precision: purest, mistaken: most } = eventBounds[kind];
    const wrong = most === undefined ? [] : Object.entries(lookalikes);
    return [
      { name: `recall of ${kind}`, counts: recall, atLeast: fewest },
      ...(purest === undefined ? [] : [{ name: `precision of ${kind}`, counts: precision, atLeast: purest }]),
      // At most a share mistaken is at least the rest not mistaken.
      ...wrong.map(([name, { successes, trials }]) => ({
        name: `share of ${kind}: ${name} not mistaken`,
        counts: { successes: trials - successes, trials },
        atLeast: 1 - (most ?? 0),
      })),
    ];
  });
  return claims.flatMap(({ name, counts: { successes, trials }, atLeast }) =>
    binomialAtMost(successes, trials, atLeast) * runsPerMiss * claims.length < 1
      ? [`The ${name} is ${successes} of ${trials}; at least ${atLeast} was expected.`]
      : [],
  );
}
