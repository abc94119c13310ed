import type { FeatureValue } from '../../../src/wire/index.ts';
import { formatPrice } from '../session/format.ts';
import { visibleGroups, xOf, yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

/** Bands around the VWAP, in standard deviations of the traded price. */
const deviations = [-2, -1, 1, 2] as const;

/** The VWAP of the trading day as steps, and its bands. */
export function drawVwap(drawing: OverlayDrawing): void {
  const { context, palette } = drawing;
  context.save();
  context.lineWidth = 1;
  context.strokeStyle = palette.quiet;
  context.setLineDash([1, 3]);
  context.beginPath();
  for (const count of deviations) traceVwap(drawing, count);
  context.stroke();
  context.setLineDash([]);
  context.strokeStyle = palette.page;
  context.lineWidth = 3.5;
  context.globalAlpha = 0.7;
  context.beginPath();
  traceVwap(drawing, 0);
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = palette.text;
  context.lineWidth = 1.5;
  context.stroke();
  context.restore();
}

/** Adds the VWAP, moved by `count` standard deviations, to the path: a point where its pixel changes. */
function traceVwap({ context, view, session }: OverlayDrawing, count: number): void {
  const { summary } = session.features;
  const { tickInt } = session.contract;
  const step = Math.max(1, view.binsPerPx);
  const [first, end] = visibleGroups(view);
  let drawn = Number.NaN;
  for (let group = first; group < end; group++) {
    const slot = summary.slot(group);
    const price = summary.last('vwap', slot) + (count === 0 ? 0 : count * summary.last('vwap_deviation', slot));
    if (Number.isNaN(price)) {
      if (!Number.isNaN(drawn)) context.lineTo(xOf(view, group * step), drawn);
      drawn = Number.NaN;
      continue;
    }
    const y = yOf(view, (price * 1e9) / tickInt);
    if (y === drawn) continue;
    const x = xOf(view, group * step);
    if (Number.isNaN(drawn)) context.moveTo(x, y);
    else {
      context.lineTo(x, drawn);
      context.lineTo(x, y);
    }
    drawn = y;
  }
  if (!Number.isNaN(drawn)) context.lineTo(xOf(view, end * step), drawn);
}

/** Levels of the trading day, and how they are named on the chart. */
const levels: readonly (readonly [value: FeatureValue, words: string])[] = [
  ['day_high', 'Day high'],
  ['day_low', 'Day low'],
  ['overnight_high', 'Overnight high'],
  ['overnight_low', 'Overnight low'],
  ['opening_range_5_high', 'OR 5 high'],
  ['opening_range_5_low', 'OR 5 low'],
  ['opening_range_15_high', 'OR 15 high'],
  ['opening_range_15_low', 'OR 15 low'],
  ['opening_range_30_high', 'OR 30 high'],
  ['opening_range_30_low', 'OR 30 low'],
  ['initial_balance_high', 'IB high'],
  ['initial_balance_low', 'IB low'],
  ['prior_high', 'Prior high'],
  ['prior_low', 'Prior low'],
  ['prior_close', 'Prior close'],
];

/** Names of the levels at each price of a bin that has one, the highest first. */
export function levelsAt({ session }: Pick<OverlayDrawing, 'session'>, seq: number): [price: number, words: string][] {
  const named = new Map<number, string[]>();
  for (const [value, words] of levels) {
    const price = session.features.value(seq, value);
    if (!Number.isNaN(price)) named.set(price, [...(named.get(price) ?? []), words]);
  }
  return [...named].sort(([a], [b]) => b - a).map(([price, words]) => [price, words.join(' · ')]);
}

/** Height of a level's name. */
const namePx = 14;

/** The levels as of a bin, as lines that are named at their left end; names that have no room of their own go to the right of those above. */
export function drawLevels(drawing: OverlayDrawing, seq: number): void {
  const { context, view, session, palette } = drawing;
  const { tickInt, priceDecimals } = session.contract;
  context.font = '11px system-ui, sans-serif';
  let above = { y: Number.NEGATIVE_INFINITY, endPx: 0 };
  for (const [price, words] of levelsAt(drawing, seq)) {
    const tick = (price * 1e9) / tickInt;
    const y = Math.round(yOf(view, tick)) + 0.5;
    if (y < 0 || y > view.heightPx) continue;
    context.strokeStyle = palette.neutral;
    context.lineWidth = 1;
    context.setLineDash([8, 4]);
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(view.widthPx, y);
    context.stroke();
    context.setLineDash([]);
    const text = `${words} ${formatPrice(tick, tickInt, priceDecimals)}`;
    const textPx = context.measureText(text).width;
    const isClose = y - above.y < namePx;
    const x = isClose ? above.endPx + 8 : 8;
    context.fillStyle = palette.panel;
    context.fillRect(x - 4, y - namePx / 2, textPx + 8, namePx);
    context.fillStyle = palette.text;
    context.fillText(text, x, y + 4);
    above = { y: isClose ? above.y : y, endPx: x + textPx };
  }
}
