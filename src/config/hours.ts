/** Two New York times; the second may be that of the next day. */
export const hoursPattern = /^(([01]\d|2[0-3]):[0-5]\d) ?[–-] ?(([01]\d|2[0-3]):[0-5]\d)( New York)?$/;

/** Hours of trading days where the instrument file has none. */
const usualHours = {
  future_mbo: { trading_day: '18:00–17:00', regular: '09:30–16:00' },
  equity_mbo: { trading_day: '04:00–20:00', regular: '09:30–16:00' },
} as const;

/** The runtime fields that say when an instrument trades. */
export interface HourFields {
  readonly product_type: keyof typeof usualHours;
  readonly trading_day?: string | undefined;
  readonly regular?: string | undefined;
}

type Hours = readonly [from: string, to: string];

/** The trading day of an instrument and its regular hours, New York times HH:MM. */
export function hoursOf(runtime: HourFields): Record<'tradingDay' | 'regular', Hours> {
  const usual = usualHours[runtime.product_type];
  const read = (text: string): Hours => {
    const [, from = '', , to = ''] = hoursPattern.exec(text) ?? [];
    return [from, to];
  };
  return {
    tradingDay: read(runtime.trading_day ?? usual.trading_day),
    regular: read(runtime.regular ?? usual.regular),
  };
}

/** Minutes from one clock time to the next moment at which clocks show another; a whole day where they are the same. */
function minutesBetween(from: string, to: string): number {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return ((minutes(to) - minutes(from) + 1439) % 1440) + 1;
}

/** Whether regular hours lie within the trading day. */
export function regularIsWithin(runtime: HourFields): boolean {
  const { tradingDay, regular } = hoursOf(runtime);
  const [open] = tradingDay;
  const from = minutesBetween(open, regular[0]) % 1440;
  return from + minutesBetween(...regular) <= minutesBetween(...tradingDay);
}
