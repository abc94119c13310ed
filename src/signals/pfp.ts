import { maxWindowBins } from '../config/light.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { Ema, History } from './rolling.ts';
import { sideMean, tooNarrow } from './sides.ts';
import {
  numberOf,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  windowStage,
} from './signal.ts';

/** Series of a bin, in this order: intensity of bids, of asks, pulling of bids, of asks; inner then outer band of each. */
const seriesCount = 4;

function bandIntensities({ radius }: SignalContext): Stage {
  return windowStage(2 * seriesCount, ({ v_add: add, v_fill: fill, v_pull: pull }, at, out, outAt) => {
    for (let side = 0; side < 2; side++) {
      const sign = side === 0 ? -1 : 1;
      for (let band = 0; band < 2; band++) {
        const near = band === 0 ? 1 : 5;
        const far = band === 0 ? 3 : 12;
        const built = sideMean(add, at, radius, sign, near, far) + sideMean(fill, at, radius, sign, near, far);
        out[outAt + 2 * side + band] = built;
        out[outAt + 2 * (2 + side) + band] = sideMean(pull, at, radius, sign, near, far);
      }
    }
  });
}

/** How much better the inner band goes with the outer band of `lag` bins ago than with that of now. */
class Lead {
  readonly #lag: number;
  readonly #outer: History;
  readonly #lagged: Ema;
  readonly #together: Ema;

  constructor(lag: number, alpha: number) {
    this.#lag = lag;
    this.#outer = new History(lag + 1);
    this.#lagged = new Ema(alpha);
    this.#together = new Ema(alpha);
  }

  push(inner: number, outer: number): number {
    this.#outer.push(outer);
    this.#together.push(inner * outer);
    if (!this.#outer.isFull) return 0;
    return this.#lagged.push(inner * this.#outer.past(this.#lag)) / (this.#together.value + 1e-12);
  }

  save(writer: StateWriter): void {
    for (const part of [this.#outer, this.#lagged, this.#together]) part.save(writer);
  }

  restore(reader: StateReader): void {
    for (const part of [this.#outer, this.#lagged, this.#together]) part.restore(reader);
  }
}

class FrontScore implements Stage {
  readonly width = 2;
  readonly #leads: readonly Lead[];
  readonly #readyBins: number;
  #bins = 0;

  constructor(parameters: SignalParameters) {
    const lag = numberOf(parameters, 'lag_bins');
    const alpha = numberOf(parameters, 'alpha');
    this.#leads = Array.from({ length: seriesCount }, () => new Lead(lag, alpha));
    // The lag, and the time in which the averages forget where they started.
    this.#readyBins = lag + Math.ceil(1 / alpha);
  }

  update(_c: SignalColumns, _at: number, input: Float64Array, inputAt: number, out: Float64Array, outAt: number): void {
    const lead = (series: number) =>
      this.#leads[series]!.push(input[inputAt + 2 * series]!, input[inputAt + 2 * series + 1]!);
    const [bid, ask, bidPull, askPull] = [lead(0), lead(1), lead(2), lead(3)];
    this.#bins++;
    const ready = this.#bins > this.#readyBins;
    out[outAt] = ready ? 0.6 * (bid - ask) + 0.4 * (askPull - bidPull) : 0;
    out[outAt + 1] = ready ? 1 : 0;
  }

  save(writer: StateWriter): void {
    writer.number(this.#bins);
    for (const lead of this.#leads) lead.save(writer);
  }

  restore(reader: StateReader): void {
    this.#bins = reader.number();
    for (const lead of this.#leads) lead.restore(reader);
  }
}

/**
 * Pressure front: on which side does activity reach the inner ticks after it was in the outer ones?
 *
 * Per side, intensity = mean(v_add + v_fill) over inner |k| 1–3 and outer 5–12; lead = EMA(inner · outer of lag_bins
 * ago)/(EMA(inner · outer of now) + 1e-12), and the same for v_pull; score = 0.6·(lead of bids − asks) + 0.4·(pull lead
 * of asks − bids). Ready after the lag and one time constant of the averages.
 */
export const pfp: SignalDefinition = {
  name: 'pfp',
  about: 'pressure front: side on which activity runs from the outer ticks to the inner ones',
  columns: ['v_add', 'v_fill', 'v_pull'],
  parameters: [
    {
      name: 'lag_bins',
      about: 'bins by which the outer band is ahead',
      default: 5,
      min: 1,
      max: maxWindowBins,
      integer: true,
    },
    { name: 'alpha', about: 'share of the newest bin in the averages', default: 0.1, min: 0, aboveMin: true, max: 1 },
  ],
  thresholds: { kind: 'past_percentile', values: [80, 85, 90, 95, 97.5, 99], windowBins: 3000 },
  bound: null,
  feelsRadius: false,
  stages: [
    { parameters: [], create: (_, context) => bandIntensities(context) },
    { parameters: ['lag_bins', 'alpha'], create: (parameters) => new FrontScore(parameters) },
  ],
  conflict: (_, context) => tooNarrow(context.radius, 12),
};
