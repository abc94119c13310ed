import { formatCount, formatFixed, formatLatencyUs, formatTicks, plural } from '../format.ts';
import type { ExecutedJson } from '../sweep/index.ts';
import { formatFields, formatTable } from './table.ts';

type Result = ExecutedJson['results'][number];
type CurvePoint = ExecutedJson['curve'][number];
/** A mean with its interval. */
type Net = Pick<CurvePoint, 'mean_net_pnl_ticks' | 'mean_net_pnl_ticks_low' | 'mean_net_pnl_ticks_high'>;

const share = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(0)} %`);
const between = ({ mean_net_pnl_ticks: mean, mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high }: Net) =>
  low === null ? formatTicks(mean) : `${formatTicks(mean)} (${formatTicks(low)} to ${formatTicks(high)})`;
const counts = (of: Readonly<Record<string, number>>) =>
  Object.entries(of)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${formatCount(count)} ${name.replaceAll('_', ' ')}`)
    .join(', ') || 'none';

/** Marks results of `--not-fifo`. */
export const notFifo =
  'NOT FIRST IN, FIRST OUT: taken as if it were, so that the fills are not to be believed as they stand';

/** An executed run as text. */
export function executedText(json: ExecutedJson, path: string | null): string {
  const { mid } = json;
  const front = json.front_share === null ? 'no execution to measure' : `${(json.front_share * 100).toFixed(2)} %`;
  return [
    `Executed ${json.run_id} of ${json.experiment_name} at threshold ${json.threshold}; net PnL in ticks a contract, with its 95 % interval.`,
    formatFields([
      [
        'at the mid',
        `${between(mid)} after costs, ${formatTicks(mid.mean_mid_pnl_ticks)} before, of ${plural(mid.signals, 'firing')}`,
      ],
      ['fee', `${json.fee_ticks_per_side} ticks a side`],
      [
        'at the front',
        `${front} of the executions were at the front of their queue${json.not_fifo ? `; ${notFifo}` : ''}`,
      ],
    ]),
    ...json.results.flatMap((result) => ['', resultText(result)]),
    ...(json.curve.length === 0 ? [] : ['', curveText(json)]),
    '',
    ...(path === null ? [] : [`Wrote the orders to ${path}.`]),
    `Assumed: ${json.assumed.join('; ')}.`,
  ].join('\n');
}

function resultText(result: Result): string {
  const where = result.entry === 'market' ? 'market' : `join${behind(result.ticks_behind)}`;
  const against = (moves: Result['mid_against_after_fill']) =>
    moves.map(({ after_s, mean_ticks }) => `${formatTicks(mean_ticks)} after ${after_s} s`).join(', ');
  const quantiles = ({ p50, p95 }: Result['time_in_queue_ms'], digits = 2) =>
    p50 === null || p95 === null ? '–' : `${formatFixed(p50, digits)} median, ${formatFixed(p95, digits)} at 95 %`;
  const remarks = [
    ...(result.too_large === 0
      ? []
      : [`${formatCount(result.too_large)} above a tenth of their level: too large to believe`]),
    ...(result.delayed_entries === 0
      ? []
      : [`${plural(result.delayed_entries, 'entry', 'entries')} waited for a market`]),
    ...(result.delayed_exits === 0 ? [] : [`${plural(result.delayed_exits, 'exit')} waited for a market`]),
    ...(result.void_take_profits === 0
      ? []
      : [`${plural(result.void_take_profits, 'fill')} of take-profits void: the stop came in the same event`]),
    ...(result.contracts_closed_at_mid === 0
      ? []
      : [`${plural(result.contracts_closed_at_mid, 'contract')} closed at the last mid`]),
  ];
  const title = `${where}, ${formatLatencyUs(result.entry_latency_us)}${result.entry_latency_us === 500 ? ' (a colocated machine)' : ''}, size ${result.size}`;
  return [
    title,
    formatFields([
      ['net PnL', `${between(result)}; ${formatTicks(result.total_net_pnl_ticks)} ticks in all${money(result)}`],
      [
        'orders',
        `${plural(result.orders, 'firing')}: ${counts(result.orders_by_outcome)} (${share(result.missed, result.orders)} missed)`,
      ],
      ['entries', counts(result.entry_fills_by_reason)],
      ['exits', counts(result.trades_by_exit)],
      ['take-profits', counts(result.take_profit_fills_by_reason)],
      ['time in queue', `${quantiles(result.time_in_queue_ms, 0)} (ms)`],
      ['entry slippage', `${quantiles(result.entry_slippage_ticks)} (ticks against the mid)`],
      ['exit slippage', `${quantiles(result.exit_slippage_ticks)} (ticks against the mid)`],
      [
        'mid against',
        `${against(result.mid_against_after_fill)} a fill; ${against(result.mid_against_after_miss)} a miss (ticks)`,
      ],
      ['remarks', remarks.join('; ') || 'none'],
    ]),
    ...(result.sessions.length < 2 ? [] : [sessionsText(result)]),
  ].join('\n');
}

function money({ total_net_pnl }: Result): string {
  return total_net_pnl === null ? '' : `, ${formatFixed(total_net_pnl, 2)} in money`;
}

function behind(count: number): string {
  if (count === 0) return '';
  return count > 0 ? ` ${plural(count, 'tick')} behind` : ` ${plural(-count, 'tick')} inside`;
}

function sessionsText({ sessions }: Result): string {
  const right = (title: string) => ({ title, align: 'right' }) as const;
  return formatTable(
    [{ title: 'session' }, ...['firings', 'trades', 'missed', 'net PnL', 'at the front'].map(right)],
    sessions.map((one) => [
      one.session,
      ...[formatCount(one.orders), formatCount(one.trades), share(one.missed, one.orders), between(one)],
      `${one.front_share === null ? '–' : `${(one.front_share * 100).toFixed(2)} %`}${one.not_fifo ? ', NOT FIFO' : ''}`,
    ]),
  );
}

/** The curve: net PnL by entry and latency, with and without met. */
function curveText({ curve }: ExecutedJson): string {
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const withMet = curve.filter(({ met }) => met);
  return formatTable(
    [{ title: 'entry' }, ...['latency', 'trades', 'missed', 'net PnL', 'without met'].map(right)],
    withMet.map((point) => {
      const without = curve.find((one) => !one.met && isSame(one, point));
      return [
        point.entry,
        formatLatencyUs(point.entry_latency_us),
        formatCount(point.trades),
        share(point.missed, point.orders),
        between(point),
        without === undefined ? '–' : between(without),
      ];
    }),
  );
}

function isSame(a: CurvePoint, b: CurvePoint): boolean {
  return a.entry === b.entry && a.entry_latency_us === b.entry_latency_us;
}
