import { encodeMetadata, type Metadata, symbolCstrLenV2 } from '../dbn/index.ts';
import { assert } from '../errors.ts';
import { activityOf } from './activity.ts';
import { type BehaviourName, startBehaviours } from './behaviours/behaviours.ts';
import { Stage } from './behaviours/stage.ts';
import { QueueBook } from './book.ts';
import { HawkesClock } from './clock.ts';
import { Exchange } from './exchange.ts';
import { Ledger } from './ledger.ts';
import { MarketFlow } from './market_flow.ts';
import { MartingaleFlow } from './martingale_flow.ts';
import { openBook } from './opening_book.ts';
import { type EdgeOptions, PlantedEdge } from './planted_edge.ts';
import { type ProfileName, profiles } from './profile.ts';
import { Random } from './random.ts';
import { Tape } from './tape.ts';
import { type TruthEvent, TruthLog, type TruthScale } from './truth.ts';

/** Options of a synthetic session; equal options give equal bytes, always and everywhere. */
export interface SyntheticSessionOptions {
  /** Any safe integer. */
  readonly seed: number;
  readonly profile: ProfileName;
  /** Raw symbol of the instrument, such as `MNQH6`. */
  readonly symbol: string;
  /** Session date as the number YYYYMMDD, and the date after it. */
  readonly date: number;
  readonly nextDate: number;
  /** The snapshot's time and the start of the flow, UNIX nanoseconds. */
  readonly startNs: bigint;
  readonly durationS: number;
  /** Seconds from the start to the opening, for the profile `open`. */
  readonly openS: number;
  /** Records per second on average; the profile's own when null. */
  readonly recordsPerS: number | null;
  /** The edge of the profile `edge`, where it is not the default. */
  readonly edge?: EdgeOptions;
  /** Traders that are planted into a market with a fair value, none without it. They change all bytes. */
  readonly behaviours?: readonly BehaviourName[];
  /** Whether `takeTruth` gives what really happened; the bytes are the same. */
  readonly truth?: boolean;
}

/** Price of the middle of the book at the start, and of a tick, in 1e-9 units. */
const startPriceInt = 21_500_000_000_000;
const tickPriceInt = 250_000_000;
/** Levels of the price grid: ±4096 points around the start. */
const levels = 32_768;

/** Number that stands for the instrument in records: CME's are arbitrary too, ours follow from the symbol (FNV-1a). */
export function syntheticInstrumentId(symbol: string): number {
  let hash = 0x811c9dc5;
  for (const letter of symbol) hash = Math.imul(hash ^ (letter.codePointAt(0) as number), 0x0100_0193);
  return 1_000 + ((hash >>> 0) % 99_000_000);
}

/**
 * A synthetic futures session as the bytes of a DBN version 3 file: metadata, a snapshot, then order flow.
 *
 *     const session = new SyntheticSession(options);
 *     for (let chunk = session.next(); chunk !== null; chunk = session.next()) write(chunk);
 *
 * Memory stays bounded whatever the duration. The model and its sources: docs/synth.md.
 */
export class SyntheticSession {
  readonly #tape: Tape;
  readonly #clock: HawkesClock;
  readonly #flow: MarketFlow | MartingaleFlow;
  readonly #random: Random;
  readonly #shockShare: number;
  readonly #stage: Stage | null;
  readonly #truth: TruthLog | null;
  /** Whether the event at the clock's time is still to be made. */
  #isDue = false;
  #head: Uint8Array | null;
  #ended = false;

  readonly metadata: Metadata;
  /** Times and prices of the events of `takeTruth`. */
  readonly truthScale: TruthScale;

  constructor(options: SyntheticSessionOptions) {
    assert(options.durationS > 0 && options.durationS <= 86_400, 'a session lasts up to a day');
    const { seed } = options;
    const profile = profiles[options.profile];
    const random = new Random(seed);
    const recordsPerS = options.recordsPerS ?? profile.recordsPerS;
    const book = new QueueBook(levels);
    const middle = levels / 2;
    const lastOrderId = 6_415_200_000_000 + random.u32();
    const lastSequence = 20_000_000 + random.below(1 << 20);
    const { behaviours = [] } = options;
    this.#random = random;
    this.truthScale = {
      originNs: options.startNs,
      levelZeroPriceInt: startPriceInt - middle * tickPriceInt,
      tickPriceInt,
    };
    this.#tape = new Tape({
      ...this.truthScale,
      instrumentId: syntheticInstrumentId(options.symbol),
      firstSequence: lastSequence,
      random,
    });
    openBook(book, this.#tape, middle, profile.touchDepth, { lastOrderId, lastSequence }, random);
    this.#truth = options.truth === true ? new TruthLog() : null;
    const ledger = this.#truth === null ? null : new Ledger(this.#truth, book);
    const exchange = new Exchange(book, this.#tape, random, lastOrderId, ledger);
    assert(behaviours.length === 0 || !profile.martingale, 'a martingale has no planted traders');
    this.#stage = behaviours.length === 0 ? null : new Stage(exchange, new Random(seed, 5), this.#truth);
    if (this.#stage !== null) startBehaviours(this.#stage, behaviours);
    const activity = activityOf(profile, options.durationS, options.openS, new Random(seed, 1));
    this.#clock = new HawkesClock(random, activity, profile.branching, recordsPerS, options.durationS);
    const planted = profile.edge === null ? null : (options.edge ?? profile.edge);
    assert(profile.edge !== null || options.edge === undefined, 'only the profile edge has one');
    const edge = planted === null ? null : new PlantedEdge(planted, new Random(seed, 3), new Random(seed, 4));
    this.#flow = profile.martingale
      ? new MartingaleFlow(exchange, profile, random, new Random(seed, 2), edge)
      : new MarketFlow(exchange, profile, random);
    this.#shockShare = 1 / profile.eventsPerShock;
    this.metadata = sessionMetadata(options);
    this.#head = encodeMetadata(this.metadata);
  }

  /** Records made so far. */
  get records(): number {
    return this.#tape.records;
  }

  /** Seconds of the session made so far. */
  get timeS(): number {
    return this.#clock.timeS;
  }

  /** The next bytes of the file, a view that is valid until the next call; null at the end. */
  next(): Uint8Array | null {
    if (this.#head !== null) {
      const head = this.#head;
      this.#head = null;
      return head;
    }
    if (this.#ended) return null;
    const clock = this.#clock;
    const flow = this.#flow;
    const tape = this.#tape;
    while (!tape.full) {
      if (!this.#isDue && !clock.advance()) {
        this.#ended = true;
        break;
      }
      this.#isDue = true;
      if (this.#stage?.actBefore(clock.timeS * 1e9) ?? false) continue;
      this.#isDue = false;
      flow.step(clock.timeS * 1e9, clock.cause, clock.level);
      clock.happened(flow.weight, flow.records);
      if (this.#random.unit() < this.#shockShare) this.#shock();
    }
    return tape.takeChunk();
  }

  /** What really happened since the last call, as far as the market knows by now; nothing without the option `truth`. */
  takeTruth(): readonly TruthEvent[] {
    return this.#truth?.take() ?? [];
  }

  /** Everybody answers at once: hundreds of events within a millisecond. */
  #shock(): void {
    this.#flow.shock();
    this.#clock.excite(60 + 100 * this.#random.exponential());
  }
}

function sessionMetadata(options: SyntheticSessionOptions): Metadata {
  const { symbol, startNs } = options;
  const symbolId = String(syntheticInstrumentId(symbol));
  return {
    version: 3,
    dataset: 'GLBX.MDP3',
    schema: 'mbo',
    start: startNs,
    end: startNs + BigInt(Math.round(options.durationS * 1e9)),
    limit: null,
    recordCount: null,
    stypeIn: 'raw_symbol',
    stypeOut: 'instrument_id',
    tsOut: false,
    symbolCstrLen: symbolCstrLenV2,
    symbols: [symbol],
    partial: [],
    notFound: [],
    mappings: [
      { rawSymbol: symbol, intervals: [{ startDate: options.date, endDate: options.nextDate, symbol: symbolId }] },
    ],
  };
}
