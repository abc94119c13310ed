import type { OrderEventKind } from '../../../src/orders/index.ts';

/** A kind of event in a trader's words: for lists, for its mark on the chart, and what it is. */
export interface EventWords {
  readonly label: string;
  readonly mark: string;
  readonly about: string;
}

/** Kinds of events as the page names them, in the order of its lists. */
export const eventWords: Readonly<Record<OrderEventKind, EventWords>> = {
  trade: { label: 'Trade', mark: '', about: 'One aggressor’s executions at one moment' },
  large_trade: { label: 'Large trade', mark: 'T', about: 'A trade among the largest 1 % of the last 5,000' },
  sweep: { label: 'Sweep', mark: 'W', about: 'One aggressor, or one event, through three prices or more' },
  stop: { label: 'Stop', mark: 's', about: 'A stop order that another aggressor triggered' },
  stop_run: { label: 'Stop run', mark: 'S', about: 'Three stops or more in one event' },
  large_order: {
    label: 'Large order',
    mark: 'L',
    about: 'An order among the largest 1 % of the last 20,000, near the best',
  },
  iceberg: { label: 'Iceberg', mark: 'I', about: 'Executed beyond what it displayed, or refilled' },
  suspected_iceberg: {
    label: 'Iceberg?',
    mark: 'i',
    about: 'An executed order is replaced at once by one of the same price, side and size, three times or more',
  },
  absorption: { label: 'Absorption', mark: 'A', about: 'Much was executed at a price that held' },
  fast_pull: {
    label: 'Fast pull',
    mark: 'P',
    about: 'A large order near the best that was pulled within half a second',
  },
  stacked_pull: {
    label: 'Stacked pull',
    mark: 'K',
    about: 'Half of the best five prices of a side was pulled at once',
  },
  exhausted_level: {
    label: 'Level gone',
    mark: 'X',
    about: 'A best price that was executed away after two seconds or more',
  },
};

export const eventKinds = Object.keys(eventWords) as OrderEventKind[];

/** Kinds that have no mark of their own on the chart: fills are bubbles already. */
export const markedKinds = eventKinds.filter((kind) => eventWords[kind].mark !== '');
