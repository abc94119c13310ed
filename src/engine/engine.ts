import {
  Admission,
  type AdmissionCounters,
  Book,
  type BookActivity,
  type BookCounters,
  change as changes,
  verdict,
} from '../book/index.ts';
import type { CaptureWindow, RuntimeConfig } from '../config/index.ts';
import { type RecordBatch, readStreamMark, rtype, rtypeMbo } from '../dbn/index.ts';
import { type OrderEventParams, type OrderEvents, OrderFeatures } from '../orders/index.ts';
import { Physics } from '../physics/index.ts';
import { Spectrum } from '../spectrum/index.ts';
import { StateReader, StateWriter } from '../state.ts';
import type { Bin, FeedTrouble } from './bin.ts';
import { BinSignal, type BinSignalOptions } from './bin_signal.ts';
import { featureParams } from './feature_params.ts';
import { FeedReaders } from './feed_readers.ts';
import { createGridFrame, type GridFrame } from './frame.ts';
import { writeLabels } from './labels.ts';
import { gridTickInt, physicsParams, spectrumParams } from './params.ts';
import { SessionTime } from './session_time.ts';
import { clearFrame, writeWindow } from './window.ts';

/** The configuration of an engine: fields, capture, instrument, signal. */
export interface EngineOptions extends BinSignalOptions {
  readonly runtime: RuntimeConfig;
  /** Session and bins, UNIX nanoseconds; `captureWindow` makes it of a date and clock times. */
  readonly capture: CaptureWindow;
  /**
   * The instrument to keep by the metadata; null where the metadata maps no symbols: then mapping records in the stream
   * decide, and a file without any must hold one instrument alone.
   */
  readonly instrumentId: number | null;
  /** Whether the file is a live recording: its metadata has no schema. Then other instruments' records pass the time. */
  readonly isRecording?: boolean;
  /** Where each bin's grid is written, of `2 * grid_radius_ticks + 1` rows; own memory by default. */
  readonly frame?: GridFrame;
  /** Follows the book alone: bins tell times, counts, prices and validity, and nothing of grid and signal is computed. */
  readonly bookOnly?: boolean | undefined;
  /** Tells what single orders and aggressors did, in `orderEvents`, by these thresholds. */
  readonly orderEvents?: OrderEventParams | undefined;
  /** Counts what happened at each price of a bin, in `activity`. */
  readonly countsActivity?: boolean | undefined;
  /** Makes features of what orders did, in `features`; a signal that reads them has them anyway. */
  readonly makesFeatures?: boolean | undefined;
  /** Features that have taken the sessions before, and have begun this one; new ones by default. */
  readonly features?: OrderFeatures | undefined;
}

/** Events, what the filter left out, and what was wrong with the feed; all plain counts. */
export interface EngineCounters extends BookCounters, AdmissionCounters {
  /** Records of other types than MBO. */
  otherRecords: number;
  /** Anomalies of the book among the records before the session; the other counters have those of the session alone. */
  anomaliesBefore: number;
  /** Changes of the book at prices outside the tick grid. */
  outOfRange: number;
}

/** Physics runs this long before the first bin (model.md §5). */
export const warmUpNs = 30 * 60 * 1e9;

// V8 reads an imported binding through a module cell and inlines a module-local const: 7 % of the replay.
const change = { ...changes };
const { bookOnly, event } = verdict;
const symbolMapping = rtype.symbolMapping;

const phaseBook = 0;
const phaseWarmUp = 1;
const phaseBins = 2;
const phaseDone = 3;

/**
 * One capture, from MBO records to grid frames (model.md §1–§8). Deterministic: the same records give the same bits,
 * however they are cut into batches. Does no I/O and keeps no record.
 */
export class Engine {
  /** The grid of the last closed bin, in the memory that the options gave. */
  readonly frame: GridFrame;
  /** The last closed bin. */
  readonly bin: Bin;
  readonly book = new Book();
  /** What happened at each price of the last closed bin; null where the options do not ask for it. */
  readonly activity: BookActivity | null;
  /** Its rows are the events that became known in the last closed bin; null where the options do not ask for it. */
  readonly orderEvents: OrderEvents | null;
  /** Its values are those of the last closed bin; null where the options do not ask for it. */
  readonly features: OrderFeatures | null;
  /** What was wrong with the feed in the last closed bin. */
  readonly trouble: FeedTrouble = { anomalies: 0, losses: 0 };

  readonly #readers: FeedReaders;
  readonly #physics: Physics;
  readonly #spectrum: Spectrum;
  readonly #signal: BinSignal;
  readonly #radius: number;
  readonly #cellNs: number;
  readonly #admission: Admission;
  readonly #startNs: number;
  readonly #endNs: number;
  readonly #time: SessionTime;
  readonly #isRecording: boolean;
  #phase: number = phaseBook;
  /** The first phase in which events are physics. */
  readonly #physicsPhase: number;
  #binReady = false;
  /** The next moment at which something other than applying an event happens. */
  #boundaryNs: number;
  #binEvents = 0;
  #seq = 0;
  /** Best prices of the last bin; NaN where it had none. */
  #lastBidInt = Number.NaN;
  #lastAskInt = Number.NaN;
  /** Records without flow changed the book since the grid last took its depth. */
  #depthIsStale = false;
  /** Spot comes no nearer to an edge of the grid: a quarter of it, and never less than what the window needs. */
  readonly #edgeSlots: number;
  #otherRecords = 0;
  /** Anomalies of the book by the start of the bin, and losses of it since. */
  #anomaliesBefore = 0;
  #losses = 0;

  constructor(options: EngineOptions) {
    const { runtime, capture, instrumentId } = options;
    this.#physicsPhase = options.bookOnly ? phaseDone : phaseWarmUp;
    this.#radius = runtime.grid_radius_ticks;
    this.#cellNs = runtime.cell_width_ms * 1e6;
    this.frame = options.frame ?? createGridFrame(this.#radius);
    this.#physics = new Physics(runtime.n_absolute_ticks, gridTickInt(runtime), physicsParams(runtime));
    this.#spectrum = new Spectrum(runtime.n_absolute_ticks, 2 * this.#radius + 1, spectrumParams(runtime));
    this.#signal = new BinSignal(runtime, options, this.frame);
    const makesFeatures = options.makesFeatures === true || (this.#signal.readsFeatures && options.bookOnly !== true);
    this.#readers = new FeedReaders(this.book, {
      tickInt: gridTickInt(runtime),
      countsActivity: options.countsActivity === true,
      orderEvents: options.orderEvents,
      features: options.features ?? (makesFeatures ? new OrderFeatures(featureParams(runtime, capture)) : null),
    });
    this.activity = this.#readers.activity;
    this.orderEvents = this.#readers.orderEvents;
    this.features = this.#readers.features;
    const { sessionStartNs } = capture;
    this.#admission = new Admission({
      symbol: runtime.symbol,
      instrumentId,
      publisherId: runtime.publisher_id ?? null,
      session: { startNs: sessionStartNs, endNs: capture.sessionEndNs },
    });
    this.#startNs = Number(capture.startNs - sessionStartNs);
    this.#endNs = Number((capture.endNs ?? capture.sessionEndNs) - sessionStartNs);
    this.#time = new SessionTime(sessionStartNs, capture.sessionEndNs);
    this.#isRecording = options.isRecording ?? false;
    this.#boundaryNs = this.#startNs - warmUpNs;
    const slots = runtime.n_absolute_ticks;
    this.#edgeSlots = Math.min(Math.max(slots / 4, this.#radius + 1), slots / 2 - 1);
    this.bin = {
      seq: -1,
      startNs: 0,
      endNs: 0,
      eventCount: 0,
      eventId: 0,
      hasBid: false,
      hasAsk: false,
      midPrice: 0,
      spotPriceInt: 0,
      bestBidPriceInt: 0,
      bestAskPriceInt: 0,
      bookValid: false,
      ...this.#signal.beforeFirstBin,
    };
  }

  /** Whether the last `ingest` closed a bin, which `bin` and `frame` then hold. */
  get binReady(): boolean {
    return this.#binReady;
  }

  /** Whether the capture's end was reached: no record can change a bin any more. */
  get done(): boolean {
    return this.#phase === phaseDone;
  }

  get counters(): EngineCounters {
    const { fills, ...before } = this.book.countersBefore;
    return {
      ...this.#admission.counters,
      otherRecords: this.#otherRecords,
      ...this.book.counters,
      anomaliesBefore: Object.values(before).reduce((sum, count) => sum + count, 0),
      outOfRange: this.#physics.outOfRange,
    };
  }

  /** Whether the instrument's records start with a snapshot or a clear: the book is whole from the first one on. */
  get startsFromKnownBook(): boolean {
    return this.#admission.startsFromKnownBook;
  }

  /** The instrument that is followed now; null until it is known. */
  get instrumentId(): number | null {
    return this.#admission.instrumentId;
  }

  /**
   * Applies records from `index` until a bin closes or the batch ends, and returns the index of the first record not
   * applied. With `binReady`, take `bin` and `frame` and call again with the returned index: empty bins close one a call.
   * @throws SYMBOL_UNKNOWN for a second instrument where the file maps no symbols, and for a symbol that stands for several;
   * PUBLISHER_UNKNOWN for a second publisher that acts on the book
   */
  ingest(batch: RecordBatch, index: number): number {
    if (this.#binReady) this.#readers.beginBin();
    this.#binReady = false;
    const { words, count } = batch;
    if (this.#phase === phaseDone) return count;
    if (batch.rtype !== rtypeMbo) return this.#ingestOther(batch, index);
    const admission = this.#admission;
    const readers = this.#readers;
    const stride = batch.recordBytes >>> 2;
    for (let i = index, at = index * stride; i < count; i++, at += stride) {
      const admitted = admission.admit(words, at);
      if (admitted !== event) {
        if (admitted === bookOnly) this.#applyBefore(words, at);
        else if (this.#isRecording && this.#passOther(words, at)) return i;
        continue;
      }
      if (this.#depthIsStale) this.#followDepth();
      const { nowNs, isSnapshot } = admission;
      if (nowNs >= this.#boundaryNs) {
        this.#binReady = this.#cross(nowNs);
        if (this.#binReady || this.#phase === phaseDone) return i;
      }
      const eventId = admission.accept();
      this.#binEvents++;
      this.book.apply(words, at, nowNs);
      readers.apply(words, at, nowNs);
      if (this.#phase < this.#physicsPhase) continue;
      // A record that leaves the book alone may still begin a snapshot, or end the one that the anchor waits for.
      if (this.book.kind !== change.none || isSnapshot || !this.#physics.anchored) {
        this.#physics.apply(this.book, isSnapshot, nowNs, eventId);
      }
    }
    return count;
  }

  /**
   * Ends the input: closes the open bin if it had an event, and says whether `bin` and `frame` now hold it.
   * @throws SYMBOL_UNKNOWN when mapping records never named the symbol, PUBLISHER_UNKNOWN when the chosen publisher is not
   * among those of the instrument
   */
  finish(): boolean {
    this.#admission.assertFound();
    if (this.#depthIsStale) this.#followDepth();
    if (this.#binReady) this.#readers.beginBin();
    this.#readers.finish();
    this.#binReady = this.#phase === phaseBins && this.#binEvents > 0;
    if (this.#binReady) this.#closeBin();
    this.#phase = phaseDone;
    return this.#binReady;
  }

  /** The whole state, bit for bit; an engine that `restore` makes of it goes on as this one would. */
  save(): Uint8Array {
    const writer = new StateWriter();
    this.#saveFeed(writer);
    writer.array(
      Float64Array.of(
        this.#phase,
        this.#boundaryNs,
        this.#binEvents,
        this.#seq,
        this.#lastBidInt,
        this.#lastAskInt,
        this.#depthIsStale ? 1 : 0,
        this.#anomaliesBefore,
        this.#losses,
      ),
    );
    this.#physics.save(writer);
    this.#spectrum.save(writer);
    this.#signal.save(writer);
    return writer.finish();
  }

  /**
   * The state before the warm-up, which depends on the records and the capture alone, not on the runtime fields; null
   * once the warm-up began. `restoreBook` reads it.
   */
  saveBook(): Uint8Array | null {
    if (this.#phase !== phaseBook) return null;
    const writer = new StateWriter();
    this.#saveFeed(writer);
    return writer.finish();
  }

  /**
   * An engine in the state that `save` gave; `options` must be those of the engine that was saved.
   * @throws STATE_INVALID for bytes that are not a whole state of this version
   */
  static restore(options: EngineOptions, state: Uint8Array): Engine {
    const engine = new Engine(options);
    const reader = new StateReader(state);
    engine.#restoreFeed(reader);
    const [phase, boundaryNs, binEvents, seq, lastBidInt, lastAskInt, depthIsStale, anomaliesBefore, losses] =
      reader.float64s();
    engine.#phase = phase!;
    engine.#boundaryNs = boundaryNs!;
    engine.#binEvents = binEvents!;
    engine.#seq = seq!;
    engine.#lastBidInt = lastBidInt!;
    engine.#lastAskInt = lastAskInt!;
    engine.#depthIsStale = depthIsStale === 1;
    engine.#anomaliesBefore = anomaliesBefore!;
    engine.#losses = losses!;
    engine.#physics.restore(reader);
    engine.#spectrum.restore(reader);
    engine.#signal.restore(reader);
    reader.end();
    return engine;
  }

  /**
   * An engine that goes on from the book that `saveBook` gave; `options` must have the capture and the instrument of the
   * engine that was saved.
   * @throws STATE_INVALID for bytes that are not a whole state of this version
   */
  static restoreBook(options: EngineOptions, state: Uint8Array): Engine {
    const engine = new Engine(options);
    const reader = new StateReader(state);
    if (engine.#restoreFeed(reader)) reader.end();
    return engine;
  }

  /** Saves what records alone have changed: counts, time, book, features and order events. */
  #saveFeed(writer: StateWriter): void {
    writer.number(this.#otherRecords);
    this.#admission.save(writer);
    this.book.save(writer);
    this.#readers.save(writer);
  }

  /** False where the state goes on with features and order events, of which this engine makes none. */
  #restoreFeed(reader: StateReader): boolean {
    this.#otherRecords = reader.number();
    this.#admission.restore(reader);
    this.book.restore(reader);
    return this.#readers.restore(reader);
  }

  /** Applies a record from before the session: to the book alone, without flow, event count and time (model.md §1.4). */
  #applyBefore(words: Uint32Array, at: number): void {
    this.book.applyBefore(words, at, this.#admission.tsNs);
    this.#readers.applyBefore(words, at, this.#admission.tsNs);
    if (this.#phase < this.#physicsPhase) return;
    if (this.#physics.anchored) this.#depthIsStale = true;
    else this.#physics.follow(this.book);
  }

  #followDepth(): void {
    this.#depthIsStale = false;
    this.#physics.follow(this.book);
  }

  /** Takes in records of another type, until one of them closes a bin. */
  #ingestOther(batch: RecordBatch, index: number): number {
    const { count } = batch;
    if (batch.rtype === symbolMapping && this.#admission.map(batch)) this.#loseBook(this.#admission.clockNs);
    if (batch.rtype !== rtype.system && batch.rtype !== rtype.error) {
      this.#otherRecords += count - index;
      return count;
    }
    for (let i = index; i < count; i++) {
      const mark = readStreamMark(batch, i);
      if (mark?.kind === 'heartbeat' && this.#passTime(this.#time.provenNs(mark.tsNs))) return i;
      if (mark?.kind === 'gap' && this.#passGap(this.#time.gapNs(mark.gap, this.#admission.clockNs))) return i;
      this.#otherRecords++;
    }
    return count;
  }

  /** The book's records were lost, by a gap or because the symbol moved to another instrument: what rests is unknown. */
  #loseBook(nowNs: number): void {
    if (this.#depthIsStale) this.#followDepth();
    this.book.lose();
    this.#losses++;
    this.#readers.clear();
    if (this.#phase < this.#physicsPhase || !this.#physics.anchored) return;
    this.#physics.apply(this.book, false, nowNs, this.#admission.counters.events);
  }

  /** Loses the book at a moment, as a clear then would empty it; true when that closed a bin or the capture, before it. */
  #passGap(nowNs: number | null): boolean {
    if (nowNs === null) return false;
    if (nowNs >= this.#boundaryNs) {
      if (this.#depthIsStale) this.#followDepth();
      this.#binReady = this.#cross(nowNs);
      if (this.#binReady || this.#phase === phaseDone) return true;
    }
    this.#admission.passTime(nowNs);
    this.#loseBook(nowNs);
    return false;
  }

  /**
   * Closes the next bin when it ends at or before a moment by which every event of it has come, and does nothing else: no
   * event, no anchor, no warm-up. True when it did, or when the capture is over by then.
   */
  #passTime(provenNs: number): boolean {
    const endNs = Math.min(this.#startNs + (this.#seq + 1) * this.#cellNs, this.#endNs);
    if (!(provenNs >= endNs)) return false;
    if (this.#depthIsStale) this.#followDepth();
    this.#binReady = this.#cross(endNs);
    if (this.#binReady) this.#admission.passTime(endNs);
    return true;
  }

  /** Passes the time by a record that is not the instrument's; true when the same record has to be looked at again. */
  #passOther(words: Uint32Array, at: number): boolean {
    if (!this.#admission.isOther(words, at) || !this.#passTime(this.#time.receivedNs(words, at))) return false;
    this.#admission.counters.otherInstrument--;
    return true;
  }

  /** Does what is due before an event at `nowNs`; true when that closed a bin. */
  #cross(nowNs: number): boolean {
    // What is known by the end of a bin belongs to it, though the record that tells so comes later.
    this.#readers.passTime(nowNs);
    while (nowNs >= this.#boundaryNs) {
      if (this.#phase === phaseBook) {
        if (this.#physicsPhase === phaseWarmUp) this.#physics.reset(this.book);
        this.#phase = phaseWarmUp;
        this.#boundaryNs = Math.min(nowNs + this.#cellNs, this.#startNs);
      } else if (this.#phase === phaseWarmUp) {
        if (nowNs < this.#startNs) {
          this.#followSpot();
          this.#boundaryNs = Math.min(nowNs + this.#cellNs, this.#startNs);
        } else {
          this.#phase = phaseBins;
          this.#binEvents = 0;
          this.#countTroubleAnew();
          this.#readers.beginBin();
          this.#boundaryNs = Math.min(this.#startNs + this.#cellNs, this.#endNs);
        }
      } else {
        const binEndNs = this.#startNs + (this.#seq + 1) * this.#cellNs;
        // A bin that the capture's end cuts short counts as a file's last bin does.
        const closes = binEndNs <= this.#endNs || this.#binEvents > 0;
        if (closes) this.#closeBin();
        if (binEndNs >= this.#endNs) this.#phase = phaseDone;
        return closes;
      }
    }
    return false;
  }

  /** At the end of the bin before, so that an engine that is saved between two bins knows where the next one began. */
  #countTroubleAnew(): void {
    this.#anomaliesBefore = this.book.anomalyCount;
    this.#losses = 0;
  }

  #closeBin(): void {
    const { bin, book } = this;
    const endNs = this.#startNs + (this.#seq + 1) * this.#cellNs;
    const twoSided = book.twoSided;
    bin.seq = this.#seq++;
    bin.startNs = endNs - this.#cellNs;
    bin.endNs = endNs;
    bin.eventCount = this.#binEvents;
    bin.eventId = this.#admission.counters.events;
    bin.hasBid = book.bids.length > 0;
    bin.hasAsk = book.asks.length > 0;
    bin.bestBidPriceInt = bin.hasBid ? book.bids.best : 0;
    bin.bestAskPriceInt = bin.hasAsk ? book.asks.best : 0;
    bin.midPrice = twoSided ? (bin.bestBidPriceInt + bin.bestAskPriceInt) / 2e9 : 0;
    bin.spotPriceInt = this.#spotTick() * this.#physics.tickInt;
    bin.bookValid = book.valid;
    this.trouble.anomalies = book.anomalyCount - this.#anomaliesBefore;
    this.trouble.losses = this.#losses;
    this.#countTroubleAnew();
    this.#binEvents = 0;
    this.#boundaryNs = Math.min(endNs + this.#cellNs, this.#endNs);
    this.#readers.endBin(endNs);
    if (this.#physicsPhase === phaseDone) return;

    this.#followSpot();
    this.#physics.passive(endNs);
    this.#spectrum.push(this.#physics);
    this.#writeFrame(twoSided);
    this.#signal.update(this.features, bin, bin.bookValid && twoSided);
  }

  #writeFrame(twoSided: boolean): void {
    const { bin, frame } = this;
    const physics = this.#physics;
    if (twoSided && physics.anchored) {
      writeWindow(frame, physics, this.#spectrum, physics.slotOf(bin.spotPriceInt) - this.#radius);
    } else {
      clearFrame(frame);
    }
    const askMove = this.#moveTicks(bin.bestAskPriceInt, this.#lastAskInt, bin.hasAsk);
    const bidMove = this.#moveTicks(bin.bestBidPriceInt, this.#lastBidInt, bin.hasBid);
    this.#lastAskInt = bin.hasAsk ? bin.bestAskPriceInt : Number.NaN;
    this.#lastBidInt = bin.hasBid ? bin.bestBidPriceInt : Number.NaN;
    if (twoSided) writeLabels(frame, askMove, bidMove);
  }

  /** Move of a best price in ticks since the last bin; 0 where either is missing. */
  #moveTicks(priceInt: number, lastInt: number, present: boolean): number {
    if (!present || Number.isNaN(lastInt)) return 0;
    return this.#physics.tickOf(priceInt) - this.#physics.tickOf(lastInt);
  }

  /** Mid rounded to a tick, as a tick number; 0 without a mid. */
  #spotTick(): number {
    const { bids, asks, twoSided } = this.book;
    return twoSided ? Math.floor((bids.best + asks.best) / 2 / this.#physics.tickInt + 0.5) : 0;
  }

  /**
   * Moves the grid when spot comes near its edge; called at every bin's end, and as often in the warm-up.
   *
   * Guarantee: a tick that lay within `#edgeSlots` of spot at every bin's end, from the one before its first event
   * on, shows the bits that it would show on a grid without end. What is lost: the history of ticks that fall further
   * behind than the grid reaches, and the flow (not the depth) of events at prices without a slot, which takes a jump by
   * more than that within one bin; `counters.outOfRange` counts those events.
   */
  #followSpot(): void {
    const physics = this.#physics;
    if (!this.book.twoSided || !physics.anchored) return;
    const spotTick = this.#spotTick();
    const slot = spotTick - physics.anchorTick + physics.slots / 2;
    if (slot >= this.#edgeSlots && slot < physics.slots - this.#edgeSlots) return;
    this.#spectrum.recentre(physics.recentre(this.book, spotTick));
  }
}
