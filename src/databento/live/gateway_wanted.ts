import { rtype, type Schema, type SType, schemaRtypes } from '../../dbn/index.ts';
import type { Resolved } from './gateway_file.ts';

/** A subscription as the gateway follows it. */
export interface FollowedSubscription {
  readonly id: string | null;
  readonly schema: Schema;
  readonly stypeIn: SType;
  /** Null: every instrument. */
  readonly instrumentIds: ReadonlySet<number> | null;
  readonly resolved: readonly Resolved[];
  readonly unresolved: readonly string[];
  readonly snapshot: boolean;
  /** First event time of the replay, nanoseconds from the base; null without a replay. */
  readonly startRel: number | null;
}

/** Parts of a stream: records from before the snapshot, those between it and now, and those from now on. */
export const phase = { past: 0, sinceSnapshot: 1, live: 2 } as const;

/** Which records of one type a session gets. */
export interface Wanted {
  /** Instruments of which all are wanted; null: of every one. */
  readonly ids: ReadonlySet<number> | null;
  /** Replays: the first event time by instrument, under −1 of every one; empty without. */
  readonly startRels: ReadonlyMap<number, number>;
}

/** The records of a type that the subscriptions ask for, in a phase of the stream. */
export function wantedOf(subscriptions: readonly FollowedSubscription[], type: number, now: number): Wanted {
  const ids = new Set<number>();
  const startRels = new Map<number, number>();
  let isAll = false;
  for (const { schema, instrumentIds, snapshot, startRel } of subscriptions) {
    if (!schemaRtypes[schema].includes(type)) continue;
    if (now === phase.live || (now === phase.sinceSnapshot && snapshot)) {
      if (instrumentIds === null) isAll = true;
      else for (const id of instrumentIds) ids.add(id);
    } else if (startRel !== null) {
      for (const id of instrumentIds ?? [-1]) {
        startRels.set(id, Math.min(startRel, startRels.get(id) ?? Number.POSITIVE_INFINITY));
      }
    }
  }
  return { ids: isAll ? null : ids, startRels };
}

/** Whether a snapshot of the book belongs to a subscription. */
export function hasSnapshot({ snapshot, schema }: FollowedSubscription): boolean {
  return snapshot && schemaRtypes[schema].includes(rtype.mbo);
}
