import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sessionBytes } from '../../bench/support/session.ts';
import { flag, mboWord } from '../../src/dbn/index.ts';
import { fillReasonNames, type OurOrder, OurOrders, outcomeNames } from '../../src/execution/index.ts';
import { followQueues } from '../../src/replay/fills/queue_file.ts';
import { sharedPath } from '../helpers/shared.ts';

/** Both markets that are followed have ticks of 0.25. */
export const tickSize = 0.25;
export const tick = tickSize * 1e9;

/** A session from which peers and we follow orders. Times are nanoseconds since `originNs`. */
export interface PeerSession {
  readonly name: string;
  readonly path: string;
  readonly originNs: bigint;
  /** From here on the book is valid at the end of every event. */
  readonly validFromNs: number;
  readonly endNs: number;
  /** Ends of events that share their time with no other event, from `validFromNs` on. */
  readonly eventEnds: Float64Array;
}

/** What became of one order of size 1. */
export interface OrderAnswer {
  /** Null where it was not filled. */
  readonly reason: (typeof fillReasonNames)[number] | null;
  readonly outcome: (typeof outcomeNames)[number];
  readonly tsNs: number;
  readonly price: number;
  /** Whether no real order of its side stood at its price or better when it was filled. */
  readonly isBeyondBest: boolean;
}

/** The ES session beside the checkout, where it is, and synthetic ones, which are written into `folder`. */
export async function peerSessions(folder: string): Promise<PeerSession[]> {
  const real = sharedPath('data', 'esh4-glbx-mdp3-20231225.mbo.dbn.zst');
  const paths = existsSync(real) ? [real] : [];
  if (paths.length === 0) console.log('SKIPPED the real session: it is not beside the checkout');
  for (const [seed, profile] of [
    [11, 'busy'],
    [12, 'open'],
  ] as const) {
    const path = join(folder, `${profile}.dbn`);
    writeFileSync(path, sessionBytes(seed, 120, 120, { profile, openS: 30 }).bytes);
    paths.push(path);
  }
  return await Promise.all(paths.map(scan));
}

async function scan(path: string): Promise<PeerSession> {
  const ends: number[] = [];
  let validFromNs = 0;
  let endNs = 0;
  const { originNs } = await followQueues({ path, clock: 'event' }, ({ start }) => ({
    originNs: start,
    ours: new OurOrders([]),
    onRecord: (words, at, nowNs, { book }) => {
      const packed = words[at + mboWord.flagsChannelActionSide]!;
      endNs = nowNs;
      if ((packed & flag.last) === 0 || (packed & flag.snapshot) !== 0) return;
      ends.push(nowNs);
      if (!book.valid) validFromNs = nowNs + 1;
    },
  }));
  const isAlone = (at: number) => ends[at] !== ends[at - 1] && ends[at] !== ends[at + 1];
  const eventEnds = Float64Array.from(ends.filter((ns, at) => ns >= validFromNs && isAlone(at)));
  return { name: basename(path).split('.')[0]!, path, originNs, validFromNs, endNs, eventEnds };
}

/** Puts orders of size 1 into a session's queues. */
export async function follow(
  { path, originNs }: PeerSession,
  orders: readonly OurOrder[],
): Promise<{ readonly answers: OrderAnswer[]; readonly ours: OurOrders; readonly frontShare: number | null }> {
  const ours = new OurOrders(orders);
  const beyondBest = new Set<number>();
  let seen = 0;
  const { rows, frontShare } = await followQueues({ path, clock: 'event' }, () => ({
    ...{ originNs, ours },
    onRecord: (_words, _at, _nowNs, { book, fills }) => {
      for (; seen < fills.count; seen++) {
        const order = fills.order[seen]!;
        const isBid = ours.side[order] === 1;
        const price = ours.price[order]!;
        if (isBid ? price > book.bids.best : price < book.asks.best) beyondBest.add(order);
      }
    },
  }));
  const rowOf = new Map(Array.from({ length: rows.count }, (_, row) => [rows.order[row]!, row]));
  const answers = orders.map((_, order): OrderAnswer => {
    const row = rowOf.get(order);
    const outcome = outcomeNames[ours.outcome[order]!]!;
    if (row === undefined) return { reason: null, outcome, tsNs: Number.NaN, price: Number.NaN, isBeyondBest: false };
    const reason = fillReasonNames[rows.reason[row]!]!;
    return { reason, outcome, tsNs: rows.tsNs[row]!, price: rows.price[row]!, isBeyondBest: beyondBest.has(order) };
  });
  return { answers, ours, frontShare };
}

/** Counts by kind, as text. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  count(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  toString(): string {
    return [...this.#counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  }
}
