import { maxWindowBins } from '../config/light.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { Ema, History } from './rolling.ts';
import { tooNarrow } from './sides.ts';
import {
  numberOf,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  scoreStage,
  windowStage,
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
function gradients(parameters: SignalParameters, { radius }: SignalContext): Stage {
  const reach = numberOf(parameters, 'reach_ticks');
  return windowStage(2, ({ pressure_variant: pressure, vacuum_variant: vacuum }, at, out, outAt) => {
    const centre = at + radius;
    const wall = meanGradient(pressure, centre, -reach, -1) - meanGradient(pressure, centre, 1, reach);
    const pull = meanGradient(vacuum, centre, 1, reach) - meanGradient(vacuum, centre, -reach, -1);
    out[outAt] = pull - wall;
    out[outAt + 1] = meanCurvature(pressure, centre, -curvatureReach, curvatureReach);
  });
}

function smoothedGradient(parameters: SignalParameters): Stage {
  const slowSpan = numberOf(parameters, 'slow_span_bins');
  const fast = new Ema(2 / (numberOf(parameters, 'fast_span_bins') + 1));
  const slow = new Ema(2 / (slowSpan + 1));
  const curvature = new Ema(2 / 11);
  return scoreStage(
    [fast, slow, curvature],
    (input, at) => {
      const net = input[at]!;
      const smoothed = 0.6 * fast.push(net) + 0.4 * slow.push(net);
      return 0.7 * smoothed + 0.3 * -curvature.push(input[at + 1]!);
    },
    () => slow.count >= slowSpan,
  );
}

/** Takes the mean of the past off; with a window of 0, hands the score on as it is. */
class Centred implements Stage {
  readonly width = 2;
  readonly #past: History | null;
  readonly #window: number;
  readonly #enough: number;

  constructor(parameters: SignalParameters) {
    this.#window = numberOf(parameters, 'centre_bins');
    this.#past = this.#window === 0 ? null : new History(this.#window);
    this.#enough = Math.ceil(this.#window / 4);
  }

  update(_c: SignalColumns, _at: number, input: Float64Array, inputAt: number, out: Float64Array, outAt: number): void {
    const raw = input[inputAt]!;
    const rawReady = input[inputAt + 1] === 1;
    const past = this.#past;
    const ready = rawReady && (past === null || past.count >= this.#enough);
    out[outAt] = past === null ? raw : ready ? raw - meanOf(past, Math.min(past.count, this.#window)) : 0;
    out[outAt + 1] = ready ? 1 : 0;
    if (rawReady) past?.push(raw);
  }

  save(writer: StateWriter): void {
    this.#past?.save(writer);
  }

  restore(reader: StateReader): void {
    this.#past?.restore(reader);
  }
}

/** Mean of the last `count` values, summed afresh, oldest first: a running sum would drift. */
function meanOf(history: History, count: number): number {
  let sum = 0;
  for (let age = count - 1; age >= 0; age--) sum += history.past(age);
  return sum / count;
}

/**
 * Spatial pressure gradient: does liquidity slope like a wall in the way, or like a vacuum ahead?
 *
 * Central differences of pressure P and vacuum V along k, as means over k −16 … −1 (below) and 1 … 16 (above);
 * wall = P'below − P'above, pull = V'above − V'below, net = pull − wall. Smoothed by EMAs of spans 5 and 20 (0.6, 0.4);
 * raw = 0.7·smoothed + 0.3·(−EMA10 of the mean second difference of P over k −2 … 2), from the slow span on.
 *
 * Pressure is highest next to spot, so raw lies below 0 nearly always: the score is raw less the mean of raw over the
 * `centre_bins` bins before, ready when there are a quarter of these. With centre_bins 0 the score is raw itself.
 */
export const spg: SignalDefinition = {
  name: 'spg',
  about: 'spatial pressure gradient: slope of pressure and vacuum on either side of spot',
  columns: ['pressure_variant', 'vacuum_variant'],
  parameters: [
    { name: 'reach_ticks', about: 'ticks to each side of spot', default: 16, min: 1, integer: true },
    {
      name: 'fast_span_bins',
      about: 'span of the fast average',
      default: 5,
      min: 1,
      max: maxWindowBins,
      integer: true,
    },
    {
      name: 'slow_span_bins',
      about: 'span of the slow average',
      default: 20,
      min: 1,
      max: maxWindowBins,
      integer: true,
    },
    {
      name: 'centre_bins',
      about: 'past bins whose mean is taken off the score; 0 takes off nothing',
      default: 300,
      min: 0,
      max: 36_000,
      integer: true,
      absent: 0,
    },
  ],
  thresholds: { kind: 'past_percentile', values: [80, 85, 90, 95, 97.5, 99], windowBins: 3000 },
  bound: null,
  feelsRadius: false,
  stages: [
    { parameters: ['reach_ticks'], create: (parameters, context) => gradients(parameters, context) },
    { parameters: ['fast_span_bins', 'slow_span_bins'], create: (parameters) => smoothedGradient(parameters) },
    { parameters: ['centre_bins'], create: (parameters) => new Centred(parameters) },
  ],
  conflict: (parameters, context) =>
    tooNarrow(context.radius, Math.max(numberOf(parameters, 'reach_ticks'), curvatureReach) + 1),
};
