import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { EventSession, FoundEvent } from './event_session.ts';

type Truth = EventSession['truth'][number];

/** How an event of a kind is recognised. */
interface Rule {
  /** Order ids that the event and the truth share at least. */
  readonly shared: number;
  /** What else an event must say to be the one that really happened. */
  readonly isSame: (truth: Truth, event: FoundEvent) => boolean;
}

const atOnce = (truth: Truth, event: FoundEvent): boolean => truth.tsNs === event.tsNs && truth.price === event.price;
const whole = (truth: Truth, event: FoundEvent): boolean =>
  atOnce(truth, event) && truth.size === event.size && truth.levels === event.levels;
const overlaps = (truth: Truth, event: FoundEvent): boolean =>
  event.startNs <= truth.tsNs && event.tsNs >= truth.startNs;

/** The rules of all kinds that the market knows of. */
const rules: Readonly<Record<OrderEventKind, Rule>> = {
  trade: { shared: 1, isSame: whole },
  stop: { shared: 1, isSame: whole },
  stop_run: { shared: 1, isSame: whole },
  sweep: { shared: 1, isSame: whole },
  large_trade: { shared: 1, isSame: whole },
  large_order: { shared: 1, isSame: whole },
  iceberg: { shared: 1, isSame: atOnce },
  exhausted_level: { shared: 1, isSame: (truth, event) => whole(truth, event) && truth.startNs === event.startNs },
  fast_pull: { shared: 1, isSame: (truth, event) => whole(truth, event) && truth.startNs === event.startNs },
  suspected_iceberg: { shared: 3, isSame: (truth, event) => truth.price === event.price },
  absorption: { shared: 1, isSame: (truth, event) => truth.price === event.price && overlaps(truth, event) },
  // It is known as soon as half is gone, and names what has left by then.
  stacked_pull: { shared: 2, isSame: overlaps },
};

/** Counts of one kind; sums over sessions are counts too. */
export interface EventCounts {
  /** Real events, and those that were found. */
  planted: number;
  recalled: number;
  /** Events that were found, and those that are real. */
  found: number;
  real: number;
  /** By name: lookalikes, and those that were taken for an event. */
  readonly lookalikes: Record<string, { planted: number; mistaken: number }>;
}

export type EventTally = Partial<Record<OrderEventKind, EventCounts>>;

/** Percentiles have enough to compare with after this time, and what began in the last seconds may have no end. */
const warmupNs = 120e9;
const lastNs = 30e9;

/** Counts what was found of the truth of a session, without its first two minutes and last half. */
export function tallyEvents({ truth, found, endNs }: EventSession): EventTally {
  const isWithin = (tsNs: number): boolean => tsNs >= warmupNs && tsNs <= endNs - lastNs;
  const tally: EventTally = {};
  const counts = (kind: OrderEventKind): EventCounts => countsOf(tally, kind);
  const byOrder = Map.groupBy(
    truth.flatMap((one) => one.orderIds.map((id) => ({ id, one }))),
    ({ id }) => id,
  );
  const recalled = new Set<Truth>();
  for (const event of found) {
    const matches = matchesOf(event, byOrder);
    for (const one of matches) recalled.add(one);
    if (!isWithin(event.tsNs)) continue;
    counts(event.kind).found++;
    if (matches.some(({ lookalike }) => lookalike === null)) counts(event.kind).real++;
  }
  for (const one of truth) {
    if (!isWithin(one.startNs) || !isWithin(one.tsNs)) continue;
    const of = counts(one.kind);
    if (one.lookalike === null) {
      of.planted++;
      if (recalled.has(one)) of.recalled++;
      continue;
    }
    const like = lookalikeOf(of, one.lookalike);
    like.planted++;
    if (recalled.has(one)) like.mistaken++;
  }
  return tally;
}

/** The truths that an event is, and the lookalikes that it mistakes for one: these need only share the orders and the time. */
function matchesOf(event: FoundEvent, byOrder: ReadonlyMap<number, readonly { readonly one: Truth }[]>): Truth[] {
  const { shared, isSame } = rules[event.kind];
  const common = new Map<Truth, number>();
  for (const id of new Set(event.orderIds)) {
    for (const { one } of byOrder.get(id) ?? []) {
      if (one.kind === event.kind && one.side + 1 === event.side) common.set(one, (common.get(one) ?? 0) + 1);
    }
  }
  return [...common].flatMap(([one, count]) => {
    const isMatch = one.lookalike === null ? isSame(one, event) : overlaps(one, event);
    return count >= shared && isMatch ? [one] : [];
  });
}

/** The counts of a kind or lookalike, zeros where there are none yet. */
function countsOf(tally: EventTally, kind: OrderEventKind): EventCounts {
  tally[kind] ??= { planted: 0, recalled: 0, found: 0, real: 0, lookalikes: {} };
  return tally[kind];
}

function lookalikeOf({ lookalikes }: EventCounts, name: string): { planted: number; mistaken: number } {
  lookalikes[name] ??= { planted: 0, mistaken: 0 };
  return lookalikes[name];
}

/** Adds the counts of `from` to `to`. */
export function addTally(to: EventTally, from: EventTally): void {
  for (const [name, counts] of Object.entries(from)) {
    const kind = name as OrderEventKind;
    const sum = countsOf(to, kind);
    for (const key of ['planted', 'recalled', 'found', 'real'] as const) sum[key] += counts[key];
    for (const [like, { planted, mistaken }] of Object.entries(counts.lookalikes)) {
      const of = lookalikeOf(sum, like);
      of.planted += planted;
      of.mistaken += mistaken;
    }
  }
}
