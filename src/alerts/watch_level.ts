import { priceText, type WatchOf } from './watch.ts';

/**
 * The market trades at a price, or jumps over it: the trades of a bin and the last one before span it. Again only after the market
 * has traded elsewhere.
 */
export const watchLevel: WatchOf<'level'> = ({ price }, { priceDecimals }) => {
  const level = Math.round(price * 1e9);
  let last = Number.NaN;
  return ({ update, message }) => {
    let low = last;
    let high = last;
    const before = last;
    for (const { kind, price_int, detail } of message.events) {
      if (kind !== 'trade') continue;
      const first = Number(price_int);
      last = Number(detail.last_price_int ?? price_int);
      low = Math.min(Number.isNaN(low) ? first : low, first, last);
      high = Math.max(Number.isNaN(high) ? first : high, first, last);
    }
    const isTouched = low <= level && high >= level && before !== level;
    if (!isTouched) return [];
    const text = `the market trades ${last === level ? 'at' : 'through'} ${priceText(level, priceDecimals)}`;
    return [{ id: `level ${level} bin ${update.bin_seq}`, text, price_int: String(level) }];
  };
};
