import { type AlertEvent, priceText, type WatchOf } from './watch.ts';

/** Events remembered, so that their updates are told once. */
const maxTold = 4096;

const sideWords = { bid: ' on the bid', ask: ' on the ask', none: '' } as const;
const aggressorWords = { bid: ' buys', ask: ' sells', none: '' } as const;
const aggressorKinds: readonly string[] = ['trade', 'stop', 'stop_run', 'sweep', 'large_trade'];

/** Order events of some kinds, by side, size and price. Of an event with updates the first one that passes counts. */
export const watchEvents: WatchOf<'event'> = (filter, { priceDecimals }) => {
  const { kinds, side, min_size: minSize, min_price: low = -Infinity, max_price: high = Infinity } = filter;
  const told = new Set<number>();
  const passes = ({ kind, side: of, size, price_int, event }: AlertEvent) => {
    const price = Number(price_int) / 1e9;
    const isWanted = kinds.includes(kind) && (side === undefined || side === of) && size >= minSize;
    return isWanted && price >= low && price <= high && !told.has(event);
  };
  return ({ message }) => {
    if (message.events.length === 0) return [];
    return message.events.filter(passes).map((each) => {
      const { ts_ns, kind, side: of, size, price_int, event } = each;
      if (told.size >= maxTold) told.delete(told.values().next().value ?? event);
      told.add(event);
      const who = aggressorKinds.includes(kind) ? aggressorWords[of] : sideWords[of];
      const words = kind.replaceAll('_', ' ');
      const text = `${words}${who}: ${size} at ${priceText(Number(price_int), priceDecimals)}`;
      return { id: `event ${event}`, text, ts_ns, price_int, event_kind: kind, side: of, size, event };
    });
  };
};
