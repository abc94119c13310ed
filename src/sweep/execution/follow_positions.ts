import { present } from '../../errors.ts';
import type {
  Entry,
  ExecutionClock,
  FinishedOrders,
  FinishedPosition,
  OurOrder,
  PositionSettings,
  Positions,
} from '../../execution/index.ts';
import type { DatasetIdentity } from '../../lake/index.ts';
import { assertFifo, executeSession } from '../../replay/index.ts';
import type { ExecutionTerms } from './execution_terms.ts';
import type { KeptPass, PassMarket, PassStore } from './pass_store.ts';

/** A session in whose book orders are followed. */
export interface FollowedSession {
  readonly identity: DatasetIdentity;
  readonly symbol: string;
  readonly publisherId: number | undefined;
  readonly settings: PositionSettings;
  readonly clock: ExecutionClock;
  /** From the first fill to the decision to leave by market. */
  readonly maxHoldNs: number;
}

/** A position to follow; its times count from the session's start. */
export interface WantedPosition {
  readonly decisionNs: number;
  /** 1 long, −1 short. */
  readonly side: number;
  readonly tpTicks: number;
  readonly slTicks: number;
}

/** A position that was followed to its end, and the orders that its numbers name. */
export interface FollowedPosition {
  readonly position: FinishedPosition;
  readonly orders: FinishedOrders;
}

/** Positions on the same terms. */
export class FollowedPositions {
  readonly market: PassMarket;
  readonly #byKey = new Map<string, FollowedPosition>();

  constructor(passes: readonly KeptPass[]) {
    this.market = present(passes[0]).market;
    for (const pass of passes) this.#add(pass);
  }

  /** Null for one that was not followed. */
  find(wanted: WantedPosition): FollowedPosition | null {
    return this.#byKey.get(keyOf(wanted)) ?? null;
  }

  #add({ orders, positions }: KeptPass): void {
    for (const position of positions) {
      const { entry, ticks } = position.takeProfit;
      const wanted = {
        decisionNs: present(orders.decisionNs[entry.order]),
        side: entry.sign,
        ...{ tpTicks: ticks, slTicks: position.slTicks },
      };
      this.#byKey.set(keyOf(wanted), { orders, position });
    }
  }
}

const keyOf = ({ decisionNs, side, tpTicks, slTicks }: WantedPosition) => `${decisionNs}/${side}/${tpTicks}/${slTicks}`;

/** What a kept pass belongs to: equal keys send equal orders through equal records. */
function passKey(
  { identity, symbol, publisherId, settings, clock, maxHoldNs }: FollowedSession,
  terms: ExecutionTerms,
) {
  const { records, capture } = identity;
  const { startNs, endNs, sessionEndNs } = capture;
  return {
    ...{ records, symbol, publisherId: publisherId ?? null, clock, maxHoldNs, ...settings, ...terms },
    ...{ startNs: String(startNs), endNs: String(endNs ?? sessionEndNs) },
  };
}

/** Positions that are kept, of those on some terms; null where nothing is. */
export async function keptPositions(
  store: PassStore,
  session: FollowedSession,
  terms: ExecutionTerms,
): Promise<FollowedPositions | null> {
  return positionsOf(await store.load(passKey(session, terms)));
}

const positionsOf = (passes: readonly KeptPass[]) => (passes.length === 0 ? null : new FollowedPositions(passes));

export interface FollowOptions {
  readonly store: PassStore;
  readonly session: FollowedSession;
  /** The raw file; read where a position is missing. */
  readonly path: string;
  readonly notFifo: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Positions on some terms that a pass is to follow. */
export interface FollowRequest {
  readonly terms: ExecutionTerms;
  readonly wanted: readonly WantedPosition[];
}

/**
 * Follows positions through the real book of a session: those that are kept are not followed again, and all others in one pass
 * of the feed, which is then kept.
 * @throws NOT_FIFO, and what `executeSession` throws
 */
export async function followPositions(
  { store, session, path, notFifo, signal }: FollowOptions,
  requests: readonly FollowRequest[],
): Promise<FollowedPositions[]> {
  const keys = requests.map(({ terms }) => passKey(session, terms));
  await using _held = await store.hold(keys);
  const kept: KeptPass[][] = [];
  for (const key of keys) kept.push(await store.load(key));
  const missing = requests.map(({ wanted }, at) => {
    const found = positionsOf(present(kept[at]));
    return found === null ? wanted : wanted.filter((one) => found.find(one) === null);
  });
  for (const { market } of kept.flat()) if (!notFifo) assertFifo(path, market);
  const isMissing = (at: number) => present(kept[at]).length === 0 || present(missing[at]).length > 0;
  if (requests.some((_, at) => isMissing(at))) {
    const passes = await followMissing({ store, session, path, notFifo, signal }, requests, missing);
    for (const [at, pass] of passes.entries()) {
      if (!isMissing(at)) continue;
      present(kept[at]).push(pass);
      await store.save(present(keys[at]), pass);
    }
  }
  return kept.map((passes) => new FollowedPositions(passes));
}

async function followMissing(
  { session, path, notFifo, signal }: FollowOptions,
  requests: readonly FollowRequest[],
  missing: readonly (readonly WantedPosition[])[],
): Promise<KeptPass[]> {
  const { identity, symbol, publisherId, settings, clock } = session;
  const { capture } = identity;
  const positions: FinishedPosition[][] = [];
  const executed = await executeSession(
    { path, symbol, publisherId, capture, settings, clock, notFifo, signal },
    (book) => {
      for (const [at, { terms }] of requests.entries()) {
        positions.push(send(book, session, terms, present(missing[at])));
      }
    },
  );
  const { executions, frontShare, matchAlgorithm, last, ours: orders } = executed;
  const market = { executions, frontShare, matchAlgorithm, last };
  return positions.map((own) => ({ market, orders, positions: own }));
}

/** Opens positions on some terms; those of one decision and side share their entry. */
function send(
  book: Positions,
  { settings, maxHoldNs }: FollowedSession,
  terms: ExecutionTerms,
  wanted: readonly WantedPosition[],
): FinishedPosition[] {
  const rules = { exitLatencyNs: Math.round(terms.exitLatencyUs * 1000), maxHoldNs };
  const entries = new Map<string, Entry>();
  return wanted.map(({ decisionNs, side, tpTicks, slTicks }) => {
    const key = `${decisionNs}/${side}`;
    const order = () => entryOrder(decisionNs, side, terms, settings.tickInt);
    const entry = entries.get(key) ?? book.enter(order(), rules);
    entries.set(key, entry);
    return book.open(entry, tpTicks, slTicks);
  });
}

/** The order of a decision. */
function entryOrder(decisionNs: number, side: number, terms: ExecutionTerms, tickInt: number): OurOrder {
  return {
    decisionNs,
    arrivalNs: decisionNs + Math.round(terms.entryLatencyUs * 1000),
    side: side === 1 ? 'B' : 'A',
    kind: terms.entry,
    price: terms.entry === 'join' ? -terms.ticksBehind * tickInt : 0,
    size: terms.size,
    maxWaitNs: Math.round(terms.maxWaitMs * 1e6) + Math.round(terms.exitLatencyUs * 1000),
    withoutMet: !terms.met,
  };
}
