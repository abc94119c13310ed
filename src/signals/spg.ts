import type { StateReader, StateWriter } from '../state.ts';
import { Ema } from './rolling.ts';
import { tooNarrow } from './sides.ts';
import {
  numberOf,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
} from './signal.ts';

/** Ticks around spot over which the curvature is taken. */
const curvatureReach = 2;

/** Mean central difference along k over ticks from … to, both included, counted from spot. */
function meanGradient(column: Float64Array, centre: number, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k <= to; k++) sum += (column[centre + k + 1]! - column[centre + k - 1]!) / 2;
  return sum / (to - from + 1);
}

function meanCurvature(column: Float64Array, centre: number, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k <= to; k++) sum += column[centre + k + 1]! - 2 * column[centre + k]! + column[centre + k - 1]!;
  return sum / (to - from + 1);
}

/** Net gradient and curvature of a bin. */
class Gradients implements Stage {
  readonly width = 2;
  readonly #radius: number;
  readonly #reach: number;

  constructor(parameters: SignalParameters, context: SignalContext) {
    this.#radius = context.radius;
    this.#reach = numberOf(parameters, 'reach_ticks');
  }

  update(columns: SignalColumns, at: number, _in: Float64Array, _inAt: number, out: Float64Array, outAt: number): void {
    const { pressure_variant: pressure, vacuum_variant: vacuum } = columns;
    const centre = at + this.#radius;
    const reach = this.#reach;
    const wall = meanGradient(pressure, centre, -reach, -1) - meanGradient(pressure, centre, 1, reach);
    const pull = meanGradient(vacuum, centre, 1, reach) - meanGradient(vacuum, centre, -reach, -1);
    out[outAt] = pull - wall;
    out[outAt + 1] = meanCurvature(pressure, centre, -curvatureReach, curvatureReach);
  }

  save(): void {}
  restore(): void {}
}

class SmoothedGradient implements Stage {
  readonly width = 2;
  readonly #fast: Ema;
  readonly #slow: Ema;
  readonly #curvature = new Ema(2 / 11);
  readonly #slowSpan: number;

  constructor(parameters: SignalParameters) {
    this.#slowSpan = numberOf(parameters, 'slow_span_bins');
    this.#fast = new Ema(2 / (numberOf(parameters, 'fast_span_bins') + 1));
    this.#slow = new Ema(2 / (this.#slowSpan + 1));
  }

  update(_c: SignalColumns, _at: number, input: Float64Array, inputAt: number, out: Float64Array, outAt: number): void {
    const net = input[inputAt]!;
    const smoothed = 0.6 * this.#fast.push(net) + 0.4 * this.#slow.push(net);
    const curvature = this.#curvature.push(input[inputAt + 1]!);
    const ready = this.#slow.count >= this.#slowSpan;
    out[outAt] = ready ? 0.7 * smoothed + 0.3 * -curvature : 0;
    out[outAt + 1] = ready ? 1 : 0;
  }

  save(writer: StateWriter): void {
    for (const ema of [this.#fast, this.#slow, this.#curvature]) ema.save(writer);
  }

  restore(reader: StateReader): void {
    for (const ema of [this.#fast, this.#slow, this.#curvature]) ema.restore(reader);
  }
}

/**
 * Spatial pressure gradient: does liquidity slope like a wall in the way, or like a vacuum ahead?
 *
 * Central differences of pressure P and vacuum V along k, as means over k −16 … −1 (below) and 1 … 16 (above);
 * wall = P'below − P'above, pull = V'above − V'below, net = pull − wall. Smoothed by EMAs of spans 5 and 20 (0.6, 0.4);
 * score = 0.7·smoothed + 0.3·(−EMA10 of the mean second difference of P over k −2 … 2). Ready after the slow span.
 */
export const spg: SignalDefinition = {
  name: 'spg',
  about: 'spatial pressure gradient: slope of pressure and vacuum on either side of spot',
  columns: ['pressure_variant', 'vacuum_variant'],
  parameters: [
    { name: 'reach_ticks', about: 'ticks to each side of spot', default: 16, min: 1, integer: true },
    { name: 'fast_span_bins', about: 'span of the fast average', default: 5, min: 1, integer: true },
    { name: 'slow_span_bins', about: 'span of the slow average', default: 20, min: 1, integer: true },
  ],
  thresholds: { kind: 'past_percentile', values: [80, 85, 90, 95, 97.5, 99], windowBins: 3000 },
  stages: [
    { parameters: ['reach_ticks'], create: (parameters, context) => new Gradients(parameters, context) },
    { parameters: ['fast_span_bins', 'slow_span_bins'], create: (parameters) => new SmoothedGradient(parameters) },
  ],
  conflict: (parameters, context) =>
    tooNarrow(context.radius, Math.max(numberOf(parameters, 'reach_ticks'), curvatureReach) + 1),
};
