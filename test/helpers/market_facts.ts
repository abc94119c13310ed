import { Book } from '../../src/book/index.ts';
import { action, DbnDecoder, flag, mboWord, side } from '../../src/dbn/index.ts';
import { type ProfileName, SyntheticSession } from '../../src/synth/index.ts';

/** Stylised facts of a market, by name. */
export interface MarketFacts {
  readonly recordsPerS: number;
  readonly cancelsPerAdd: number;
  /** Share of records. */
  readonly modifies: number;
  /** Share of cancels, those after fills aside, at the best price. */
  readonly cancelsAtTouch: number;
  /** Share of gaps between records that are shorter than a millisecond. */
  readonly gapsBelow1Ms: number;
  /** Most records in a millisecond and in a second. */
  readonly most1Ms: number;
  readonly most1S: number;
  /** Autocorrelations of the number of records in a second, by lag in seconds. */
  readonly countsLag1: number;
  readonly countsLag60: number;
  /** Shares of time with a spread of one and of two ticks. */
  readonly spread1: number;
  readonly spread2: number;
  /** Mean displayed contracts of a touch, and those of the second and fifth level relative to it. */
  readonly touchDepth: number;
  readonly depth2: number;
  readonly depth5: number;
  /** Standard deviation of a second's move of the mid, in ticks. */
  readonly sd1S: number;
  readonly kurtosis100Ms: number;
  readonly kurtosis1S: number;
  /** Autocorrelations of a second's moves, and of their sizes, by lag in seconds. */
  readonly movesLag1: number;
  readonly sizesLag1: number;
  readonly sizesLag5: number;
  /** Autocorrelations of the signs of executions, by lag in executions. */
  readonly signsLag1: number;
  readonly signsLag10: number;
  /** R² of moves of 0.1 s on the order-flow imbalance of the same time. */
  readonly flowR2: number;
  /** t statistic of the next 0.1 s's move on the imbalance of the best queues. */
  readonly imbalanceT: number;
  /** Variance of moves over 5 s and 30 s, relative to what independent moves of 1 s would give. */
  readonly varianceRatio5S: number;
  readonly varianceRatio30S: number;
  /** Variance a second of moves over 0.1 s and 60 s, relative to moves over 10 s. */
  readonly signature100Ms: number;
  readonly signature60S: number;
}

const stepS = 0.1;

/** What is kept of a market: an element per step of 0.1 s, and counts. */
class MarketSampler {
  /** Best bid plus best ask in ticks: twice the mid. */
  readonly mid2: number[] = [];
  readonly imbalance: number[] = [];
  /** Order-flow imbalance since the start (Cont, Kukanov & Stoikov 2014). */
  readonly flow: number[] = [];
  /** Displayed contracts of both sides' levels 1, 2 and 5, summed over steps. */
  readonly depth = [0, 0, 0];
  readonly spreadSteps = new Map<number, number>();
  readonly countPerS: number[] = [];
  readonly perAction = new Map<number, number>();
  /** Signs of executions, +1 for buys. */
  readonly signs: number[] = [];
  records = 0;
  cancels = 0;
  cancelsAtTouch = 0;
  shortGaps = 0;
  most1Ms = 0;
  readonly #book = new Book();
  readonly #tickInt: number;
  readonly #originHi: number;
  readonly #originLo: number;
  #lastNs = 0;
  #nextStepNs = stepS * 1e9;
  #ms = -1;
  #inMs = 0;
  #isExecution = false;
  #flow = 0;
  #bid = Number.NaN;
  #ask = Number.NaN;
  #bidSize = 0;
  #askSize = 0;

  constructor(tickInt: number, fromNs: bigint) {
    this.#tickInt = tickInt;
    this.#originHi = Number(fromNs >> 32n);
    this.#originLo = Number(fromNs & 0xffff_ffffn);
  }

  /** Takes the MBO record at word `at`. */
  take(words: Uint32Array, at: number): void {
    const packed = words[at + mboWord.flagsChannelActionSide] as number;
    const code = (packed >>> 16) & 0xff;
    const hi = (words[at + mboWord.tsEventHi] as number) - this.#originHi;
    const sinceNs = hi * 2 ** 32 + (words[at + mboWord.tsEventLo] as number) - this.#originLo;
    if ((packed & flag.snapshot) !== 0 || sinceNs < 0) {
      this.#book.apply(words, at, 0);
      return;
    }
    const nowNs = Math.max(sinceNs, this.#lastNs);
    for (; nowNs >= this.#nextStepNs; this.#nextStepNs += stepS * 1e9) this.#step();
    this.#count(code, nowNs);
    if (code === action.trade && !this.#isExecution) this.signs.push(packed >>> 24 === side.bid ? 1 : -1);
    this.#isExecution ||= code === action.trade || code === action.fill;
    if (code === action.cancel && !this.#isExecution && this.#book.twoSided)
      this.#countCancel(words, at, packed >>> 24);
    this.#book.apply(words, at, nowNs);
    if ((packed & flag.last) === 0) return;
    this.#isExecution = false;
    if (this.#book.twoSided) this.#addFlow();
  }

  #count(code: number, nowNs: number): void {
    this.records++;
    this.perAction.set(code, (this.perAction.get(code) ?? 0) + 1);
    if (nowNs - this.#lastNs < 1e6) this.shortGaps++;
    this.#lastNs = nowNs;
    const ms = Math.floor(nowNs / 1e6);
    this.#inMs = ms === this.#ms ? this.#inMs + 1 : 1;
    this.#ms = ms;
    this.most1Ms = Math.max(this.most1Ms, this.#inMs);
    const second = Math.floor(nowNs / 1e9);
    while (this.countPerS.length <= second) this.countPerS.push(0);
    (this.countPerS[second] as number)++;
  }

  #countCancel(words: Uint32Array, at: number, sideCode: number): void {
    const { bids, asks } = this.#book;
    const price = ((words[at + mboWord.priceHi] as number) | 0) * 2 ** 32 + (words[at + mboWord.priceLo] as number);
    this.cancels++;
    if (price === (sideCode === side.bid ? bids : asks).priceAt(0)) this.cancelsAtTouch++;
  }

  #addFlow(): void {
    const { bids, asks } = this.#book;
    const [bid, ask, bidSize, askSize] = [bids.priceAt(0), asks.priceAt(0), bids.sizeAt(0), asks.sizeAt(0)];
    if (!Number.isNaN(this.#bid)) {
      this.#flow += (bid >= this.#bid ? bidSize : 0) - (bid <= this.#bid ? this.#bidSize : 0);
      this.#flow -= (ask <= this.#ask ? askSize : 0) - (ask >= this.#ask ? this.#askSize : 0);
    }
    [this.#bid, this.#ask, this.#bidSize, this.#askSize] = [bid, ask, bidSize, askSize];
  }

  #step(): void {
    if (!this.#book.twoSided) return;
    const { bids, asks } = this.#book;
    const [bid, ask, bidSize, askSize] = [bids.priceAt(0), asks.priceAt(0), bids.sizeAt(0), asks.sizeAt(0)];
    this.mid2.push((bid + ask) / this.#tickInt);
    this.imbalance.push((bidSize - askSize) / (bidSize + askSize));
    this.flow.push(this.#flow);
    const spread = Math.round((ask - bid) / this.#tickInt);
    this.spreadSteps.set(spread, (this.spreadSteps.get(spread) ?? 0) + 1);
    for (const [index, level] of [0, 1, 4].entries()) {
      if (level >= bids.length || level >= asks.length) continue;
      (this.depth[index] as number) += (bids.sizeAt(level) + asks.sizeAt(level)) / 2;
    }
  }
}

/**
 * The facts of one instrument's DBN stream of MBO records, decompressed. Records from `fromNs` (UNIX) on count; those before
 * act on the book alone, as the snapshot does. `tickInt` in 1e-9 units.
 */
export function marketFacts(chunks: Iterable<Uint8Array>, tickInt: number, fromNs: bigint): MarketFacts {
  const sampler = new MarketSampler(tickInt, fromNs);
  const decoder = new DbnDecoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
      const { words, recordBytes } = batch;
      for (let i = 0; i < batch.count; i++) sampler.take(words, (i * recordBytes) / 4);
    }
  }
  return factsOf(sampler);
}

/** The facts of a synthetic session at its profile's own rate from 09:25 New York time on, five minutes before the bell. */
export function syntheticFacts(profile: ProfileName, seed: number, durationS: number): MarketFacts {
  const startNs = 1_770_387_900_000_000_000n;
  const day = { symbol: 'MNQH6', date: 20260206, nextDate: 20260207, startNs, openS: 300 };
  const session = new SyntheticSession({ ...day, profile, seed, durationS, recordsPerS: null });
  const chunks = (function* () {
    for (let chunk = session.next(); chunk !== null; chunk = session.next()) yield chunk;
  })();
  return marketFacts(chunks, 250_000_000, startNs);
}

function factsOf(samples: MarketSampler): MarketFacts {
  const { mid2, records } = samples;
  // The last second is not whole.
  const countPerS = samples.countPerS.slice(0, -1);
  const steps = mid2.length;
  const share = (code: number) => (samples.perAction.get(code) ?? 0) / records;
  const every = (values: readonly number[], seconds: number) =>
    values.filter((_, i) => i % Math.round(seconds / stepS) === 0);
  const moves = (seconds: number) => differences(every(mid2, seconds), 1).map((move) => move / 2);
  const seconds = moves(1);
  const tenths = moves(0.1);
  const flows = differences(samples.flow, 1);
  const perS = (lengthS: number) => variance(moves(lengthS)) / lengthS;
  const [touch, second, fifth] = samples.depth as [number, number, number];
  return {
    recordsPerS: records / countPerS.length,
    cancelsPerAdd: share(action.cancel) / share(action.add),
    modifies: share(action.modify),
    cancelsAtTouch: samples.cancelsAtTouch / samples.cancels,
    gapsBelow1Ms: samples.shortGaps / records,
    most1Ms: samples.most1Ms,
    most1S: Math.max(...countPerS),
    countsLag1: autocorrelation(countPerS, 1),
    countsLag60: autocorrelation(countPerS, 60),
    spread1: (samples.spreadSteps.get(1) ?? 0) / steps,
    spread2: (samples.spreadSteps.get(2) ?? 0) / steps,
    touchDepth: touch / steps,
    depth2: second / touch,
    depth5: fifth / touch,
    sd1S: Math.sqrt(variance(seconds)),
    kurtosis100Ms: kurtosis(tenths),
    kurtosis1S: kurtosis(seconds),
    movesLag1: autocorrelation(seconds, 1),
    sizesLag1: autocorrelation(seconds.map(Math.abs), 1),
    sizesLag5: autocorrelation(seconds.map(Math.abs), 5),
    signsLag1: autocorrelation(samples.signs, 1),
    signsLag10: autocorrelation(samples.signs, 10),
    flowR2: correlation(flows, tenths) ** 2,
    imbalanceT: slopeT(samples.imbalance.slice(0, -1), tenths),
    varianceRatio5S: varianceRatio(every(mid2, 1), 5),
    varianceRatio30S: varianceRatio(every(mid2, 1), 30),
    signature100Ms: perS(0.1) / perS(10),
    signature60S: perS(60) / perS(10),
  };
}

function differences(values: readonly number[], lag: number): number[] {
  return values.slice(lag).map((value, i) => value - (values[i] as number));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function moment(values: readonly number[], power: number): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** power));
}

const variance = (values: readonly number[]): number => moment(values, 2);
const kurtosis = (values: readonly number[]): number => moment(values, 4) / variance(values) ** 2;

function autocorrelation(values: readonly number[], lag: number): number {
  const centre = mean(values);
  const products = values.slice(lag).map((value, i) => (value - centre) * ((values[i] as number) - centre));
  return mean(products) / variance(values);
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((value, i) => (value - mx) * ((y[i] as number) - my))) / Math.sqrt(variance(x) * variance(y));
}

/** t statistic of the slope of y on x, with standard errors that allow for changing variance (White 1980). */
export function slopeT(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const sxx = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0) / sxx;
  const meat = x.reduce(
    (sum, value, i) => sum + ((value - mx) * ((y[i] as number) - my - slope * (value - mx))) ** 2,
    0,
  );
  return slope / (Math.sqrt(meat) / sxx);
}

/** Lo & MacKinlay's (1988) variance ratio of overlapping differences over `lag` values, without bias. */
export function varianceRatio(values: readonly number[], lag: number): number {
  const count = values.length - 1;
  const drift = ((values.at(-1) as number) - (values[0] as number)) / count;
  const squares = (step: number) =>
    differences(values, step).reduce((sum, move) => sum + (move - step * drift) ** 2, 0);
  const one = squares(1) / (count - 1);
  return squares(lag) / (lag * (count - lag + 1) * (1 - lag / count)) / one;
}
