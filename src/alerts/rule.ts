import type { OrderEventKind } from '../orders/index.ts';

/** What is wrong with the feed or the book: records were lost, the book is not valid, records that a sound feed would not have. */
export const feedProblems = ['gap', 'invalid_book', 'anomaly'] as const;
export type FeedProblem = (typeof feedProblems)[number];

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** Parts of a rule of which each has one: what it waits for. */
export const alertTriggers = ['event', 'signal', 'level', 'feed'] as const;
export type AlertTrigger = (typeof alertTriggers)[number];

/** Order events of some kinds; of trades, stops and sweeps the side is the aggressor's. Prices are those of the event, both ends included. */
export interface EventTrigger {
  readonly kinds: readonly OrderEventKind[];
  readonly side?: 'bid' | 'ask' | undefined;
  readonly min_size: number;
  readonly min_price?: number | undefined;
  readonly max_price?: number | undefined;
}

/** The score comes to a number from the other side of it, or the signal fires by its own rule. */
export interface SignalTrigger {
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly firing: boolean;
}

export interface LevelTrigger {
  readonly price: number;
}

export interface FeedTrigger {
  readonly problems: readonly FeedProblem[];
  /** Anomalies in one bin, at least. */
  readonly min_anomalies: number;
}

/** A stretch of the week on New York's clocks, HH:MM; one that ends before it begins goes on past midnight. */
export interface MutedStretch {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}

/** A rule of a file of alerts (docs/alerts.md), of one trigger. */
export interface AlertRule {
  readonly name: string;
  /** Contracts that it is for; all without them. */
  readonly symbols?: readonly string[] | undefined;
  readonly event?: EventTrigger | undefined;
  readonly signal?: SignalTrigger | undefined;
  readonly level?: LevelTrigger | undefined;
  readonly feed?: FeedTrigger | undefined;
  /** Seconds of the market's time for which it is quiet after an alert. */
  readonly pause_s: number;
  readonly muted: readonly MutedStretch[];
}
