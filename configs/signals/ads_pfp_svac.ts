import {
  defineSignal,
  Ema,
  History,
  inverseDistances,
  leastSquaresSlope,
  normalisedWeights,
  numberOf,
  RollingRobustZ,
  type SignalBin,
  type SignalContext,
  type StateReader,
  type StateWriter,
  sideMean,
  sideWeightedSum,
  tanh,
} from 'spymaster/signal';

/** Bands of |k|, nearest and furthest, of the built-in signal `ads`. */
const bands = [
  [1, 3],
  [4, 11],
  [12, 23],
] as const;
const slopesMs = [1000, 2500, 5000] as const;
const slopeWeights = [0.4, 0.35, 0.25] as const;
const bandWeights = normalisedWeights(bands.map(([near, far]) => 1 / Math.sqrt(far - near + 1)));

/** A part of the score: its value at a bin, and whether that counts yet. */
interface Part {
  update(bin: SignalBin): number;
  readonly isWarm: boolean;
  save(writer: StateWriter): void;
  restore(reader: StateReader): void;
}

/** A time in bins, rounded up. */
function binsOf(ms: number, { binS }: SignalContext, least: number): number {
  return Math.max(least, Math.ceil(ms / (binS * 1000)));
}

/** Growth of the imbalance of adding and pulling, as slopes over three windows against their past. */
function slopes(context: SignalContext, zscoreMs: number): Part {
  const { radius } = context;
  const window = binsOf(zscoreMs, context, 2);
  const minPeriods = Math.max(2, Math.floor(0.15 * window));
  const spans = slopesMs.map((ms) => binsOf(ms, context, 2));
  const history = new History(Math.max(...spans));
  const zs = spans.map(() => new RollingRobustZ({ window, minPeriods, scaleFloor: 1e-9, withoutScale: 'zero' }));
  return {
    update({ v_add: add, v_pull: pull }) {
      let asymmetry = 0;
      bands.forEach(([near, far], band) => {
        const added = sideMean(add, 0, radius, -1, near, far) - sideMean(add, 0, radius, 1, near, far);
        const pulled = sideMean(pull, 0, radius, 1, near, far) - sideMean(pull, 0, radius, -1, near, far);
        asymmetry += (bandWeights[band] ?? 0) * (added + pulled);
      });
      history.push(asymmetry);
      let score = 0;
      zs.forEach((z, index) => {
        const span = spans[index] ?? 2;
        if (history.count < span) return;
        score += (slopeWeights[index] ?? 0) * tanh(z.push(leastSquaresSlope(history, span)) / 3);
      });
      return score;
    },
    get isWarm() {
      return history.count >= window;
    },
    save(writer) {
      for (const part of [history, ...zs]) part.save(writer);
    },
    restore(reader) {
      for (const part of [history, ...zs]) part.restore(reader);
    },
  };
}

/** How much better a side's inner ticks go with its outer ticks of `lag` bins ago than with those of now. */
class Lead {
  readonly #lag: number;
  readonly #outer: History;
  readonly #lagged = new Ema(0.1);
  readonly #together = new Ema(0.1);

  constructor(lag: number) {
    this.#lag = lag;
    this.#outer = new History(lag + 1);
  }

  push(inner: number, outer: number): number {
    this.#outer.push(outer);
    const before = this.#outer.isFull ? this.#outer.past(this.#lag) : 0;
    return this.#lagged.push(inner * before) / (this.#together.push(inner * outer) + 1e-12);
  }

  save(writer: StateWriter): void {
    for (const part of [this.#outer, this.#lagged, this.#together]) part.save(writer);
  }

  restore(reader: StateReader): void {
    for (const part of [this.#outer, this.#lagged, this.#together]) part.restore(reader);
  }
}

/** The side on which activity runs from the outer ticks to the inner ones. */
function front(context: SignalContext, lagMs: number): Part {
  const { radius } = context;
  const lag = binsOf(lagMs, context, 1);
  /** Bids, asks; of adding and filling, then of pulling. */
  const leads = Array.from({ length: 4 }, () => new Lead(lag));
  let bins = 0;
  return {
    update({ v_add: add, v_fill: fill, v_pull: pull }) {
      const built = (side: 1 | -1, near: number, far: number) =>
        sideMean(add, 0, radius, side, near, far) + sideMean(fill, 0, radius, side, near, far);
      const pulled = (side: 1 | -1, near: number, far: number) => sideMean(pull, 0, radius, side, near, far);
      const [bid, ask, bidPull, askPull] = leads.map((lead, index) => {
        const mean = index < 2 ? built : pulled;
        const side = index % 2 === 0 ? -1 : 1;
        return lead.push(mean(side, 1, 3), mean(side, 5, 12));
      }) as [number, number, number, number];
      bins++;
      return 0.6 * (bid - ask) + 0.4 * (askPull - bidPull);
    },
    get isWarm() {
      return bins >= lag;
    },
    save(writer) {
      writer.number(bins);
      for (const lead of leads) lead.save(writer);
    },
    restore(reader) {
      bins = reader.number();
      for (const lead of leads) lead.restore(reader);
    },
  };
}

/** The side where liquidity drains, against the size of that difference in the past. */
function vacuum({ radius }: SignalContext): Part {
  const weights = inverseDistances(radius);
  const size = new Ema(0.05);
  return {
    update({ vacuum_variant: drained }) {
      const value = sideWeightedSum(drained, 0, radius, 1, weights) - sideWeightedSum(drained, 0, radius, -1, weights);
      return value / Math.max(size.push(Math.abs(value)), 1e-6);
    },
    isWarm: true,
    save: (writer) => size.save(writer),
    restore: (reader) => size.restore(reader),
  };
}

/** Three views of the same question: growing imbalance, a front that comes nearer, and the side that drains. */
export default defineSignal({
  name: 'ads_pfp_svac',
  doc: 'slopes of the imbalance, pressure front and vacuum asymmetry in one score',
  columns: ['v_add', 'v_fill', 'v_pull', 'vacuum_variant'],
  parameters: [
    { name: 'zscore_ms', about: 'past that slopes are compared with', default: 20_000, min: 1000, max: 600_000 },
    { name: 'lag_ms', about: 'by which the outer ticks are ahead', default: 500, min: 1, max: 60_000 },
  ],
  thresholds: { kind: 'score', values: [0.02, 0.05, 0.08, 0.1, 0.15, 0.2] },
  create(parameters, context) {
    if (context.radius < 23) throw new Error('it reads 23 ticks to each side of spot: give grid_radius_ticks >= 23');
    const parts: readonly (readonly [number, Part])[] = [
      [0.4, slopes(context, numberOf(parameters, 'zscore_ms'))],
      [0.3, front(context, numberOf(parameters, 'lag_ms'))],
      [0.3, vacuum(context)],
    ];
    return {
      update(bin) {
        let score = 0;
        for (const [weight, part] of parts) score += weight * part.update(bin);
        return parts.every(([, part]) => part.isWarm) ? score : null;
      },
      save(writer) {
        for (const [, part] of parts) part.save(writer);
      },
      restore(reader) {
        for (const [, part] of parts) part.restore(reader);
      },
    };
  },
});
