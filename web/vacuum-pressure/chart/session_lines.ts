import type { FeatureValue } from '../../../src/wire/index.ts';
import { formatPrice } from '../session/format.ts';
import { visibleGroups, xOf, yOf } from '../viewport/viewport.ts';
import type { OverlayDrawing } from './overlay_drawing.ts';

/** Bands around the VWAP, in standard deviations of the traded price. */
const deviations = [-2, -1, 1, 2] as const;

/** The VWAP of the trading day as steps, and its bands. */
export function drawVwap(drawing: OverlayDrawing): void {
  const { context, palette } = drawing;
  const steps = vwapSteps(drawing);
  context.save();
  context.lineWidth = 1;
  context.strokeStyle = palette.quiet;
  context.setLineDash([1, 3]);
  context.beginPath();
  for (const count of deviations) traceVwap(context, steps, count);
  context.stroke();
  context.setLineDash([]);
  context.strokeStyle = palette.page;
  context.lineWidth = 3.5;
  context.globalAlpha = 0.7;
  context.beginPath();
  traceVwap(context, steps, 0);
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = palette.text;
  context.lineWidth = 1.5;
  context.stroke();
  context.restore();
}

/** Where the VWAP of each group in view lies, NaN where there is none; the last x is the end of the last group. */
interface VwapSteps {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Height of a standard deviation. */
  readonly deviation: Float64Array;
}

function vwapSteps({ view, session }: OverlayDrawing): VwapSteps {
  const { summary } = session.features;
  const ticksPerPrice = 1e9 / session.contract.tickInt;
  const step = Math.max(1, view.binsPerPx);
  const [first, end] = visibleGroups(view);
  const count = Math.max(0, end - first);
  const [x, y, deviation] = [new Float64Array(count + 1), new Float64Array(count), new Float64Array(count)];
  for (let at = 0; at < count; at++) {
    const slot = summary.slot(first + at);
    x[at] = xOf(view, (first + at) * step);
    y[at] = yOf(view, summary.last('vwap', slot) * ticksPerPrice);
    deviation[at] = (summary.last('vwap_deviation', slot) * ticksPerPrice) / view.ticksPerPx;
  }
  x[count] = xOf(view, end * step);
  return { x, y, deviation };
}

/** Adds the VWAP, moved by `count` standard deviations, to the path: a point where its pixel changes. */
function traceVwap(context: CanvasRenderingContext2D, { x, y, deviation }: VwapSteps, count: number): void {
  let drawn = Number.NaN;
  for (const [at, middle] of y.entries()) {
    const next = count === 0 ? middle : middle - count * (deviation[at] ?? Number.NaN);
    if (next === drawn || (Number.isNaN(next) && Number.isNaN(drawn))) continue;
    const left = x[at] ?? 0;
    if (!Number.isNaN(drawn)) context.lineTo(left, drawn);
    if (Number.isNaN(drawn)) context.moveTo(left, next);
    else if (!Number.isNaN(next)) context.lineTo(left, next);
    drawn = next;
  }
  if (!Number.isNaN(drawn)) context.lineTo(x.at(-1) ?? 0, drawn);
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
