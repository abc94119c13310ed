import { type CaptureWindow, newYorkZone } from './capture.ts';
import { type HourFields, hoursOf } from './hours.ts';
import type { RuntimeConfig } from './runtime.ts';

/** Smallest sizes of the second, third and fourth class of trades, in contracts and in shares. */
const usualSizeBounds = { future_mbo: [2, 10, 50], equity_mbo: [100, 500, 2000] } as const;

const usualValueAreaPercent = 70;

/** When a trading day and its regular hours begin and end, nanoseconds since the session's start. */
export interface TradingHours {
  readonly startNs: number;
  readonly endNs: number;
  readonly regularStartNs: number;
  readonly regularEndNs: number;
}

/** The trading days that a session has a part in, ascending: one of every date, holidays and weekends too. */
export function tradingHours(
  runtime: HourFields,
  { sessionStartNs, sessionEndNs }: Pick<CaptureWindow, 'sessionStartNs' | 'sessionEndNs'>,
): TradingHours[] {
  const { tradingDay, regular } = hoursOf(runtime);
  const dateAt = (ns: bigint) => new Temporal.ZonedDateTime(ns, newYorkZone).toPlainDate();
  const at = (day: Temporal.PlainDate, time: string) =>
    Number(
      day.toPlainDateTime(Temporal.PlainTime.from(time)).toZonedDateTime(newYorkZone).epochNanoseconds - sessionStartNs,
    );
  const [open, close] = tradingDay;
  const isOvernight = close <= open;
  const days: TradingHours[] = [];
  const last = dateAt(sessionEndNs).add({ days: 1 });
  for (let day = dateAt(sessionStartNs); Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    const eve = isOvernight ? day.subtract({ days: 1 }) : day;
    const on = (time: string) => at(isOvernight && time >= open ? eve : day, time);
    const regularStartNs = on(regular[0]);
    const regularEndNs = regular[1] === close ? at(day, close) : on(regular[1]);
    const hours = { startNs: at(eve, open), endNs: at(day, close), regularStartNs, regularEndNs };
    if (hours.endNs > 0 && hours.startNs < Number(sessionEndNs - sessionStartNs)) days.push(hours);
  }
  return days;
}

/** What features count by, beside trading hours. */
export function featureSettings(runtime: RuntimeConfig): {
  readonly since: NonNullable<RuntimeConfig['features_since']>;
  readonly sizeBounds: readonly number[];
  readonly valueAreaPercent: number;
} {
  return {
    since: runtime.features_since ?? 'trading_day',
    sizeBounds: runtime.trade_size_bounds ?? usualSizeBounds[runtime.product_type],
    valueAreaPercent: runtime.value_area_percent ?? usualValueAreaPercent,
  };
}
