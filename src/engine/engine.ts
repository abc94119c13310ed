import { Book, type BookCounters, change as changes } from '../book/index.ts';
import type { CaptureWindow, RuntimeConfig } from '../config/index.ts';
import { flag as flags, mboWord as mboWords, type RecordBatch, rtypeMbo } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { Physics } from '../physics/index.ts';
import { Spectrum } from '../spectrum/index.ts';
import { StateReader, StateWriter } from '../state.ts';
import type { Bin } from './bin.ts';
import { BinSignal, type BinSignalOptions } from './bin_signal.ts';
import { createGridFrame, type GridFrame } from './frame.ts';
import { writeLabels } from './labels.ts';
import { gridTickInt, physicsParams, spectrumParams } from './params.ts';
import { clearFrame, writeWindow } from './window.ts';

export interface EngineOptions extends BinSignalOptions {
  readonly runtime: RuntimeConfig;
  readonly capture: CaptureWindow;
  /** The instrument to keep; null where the file maps no symbols, and then it must hold one instrument alone. */
  readonly instrumentId: number | null;
  /** Where each bin's grid is written; own memory by default. */
  readonly frame?: GridFrame;
  /** Follows the book alone: bins tell times, counts, prices and validity, and nothing of grid and signal is computed. */
  readonly bookOnly?: boolean | undefined;
}

/** Events, what the filter left out, and what was wrong with the feed; all plain counts. */
export interface EngineCounters extends BookCounters {
  /** Records that passed the filter. */
  events: number;
  /** Records of other types, of other instruments, outside the session (model.md §1). */
  otherRecords: number;
  otherInstrument: number;
  outOfSession: number;
  /** Events earlier than one before them, and events without a time. */
  late: number;
  nullTime: number;
  /** Changes of the book at prices outside the tick grid. */
  outOfRange: number;
}

/** Physics runs this long before the first bin (model.md §5). */
export const warmUpNs = 30 * 60 * 1e9;

// A name that is imported or exported is looked up at every use; what is a module's alone is compiled in.
const change = { ...changes };
const flag = { ...flags };
const mboWord = { ...mboWords };

const phaseBook = 0;
const phaseWarmUp = 1;
const phaseBins = 2;
const phaseDone = 3;
const actionClear = 82; // 'R'

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

  readonly #physics: Physics;
  readonly #spectrum: Spectrum;
  readonly #signal: BinSignal;
  readonly #radius: number;
  readonly #cellNs: number;
  readonly #sessionLo: number;
  readonly #sessionHi: number;
  readonly #sessionEndNs: number;
  readonly #startNs: number;
  readonly #endNs: number;
  #instrumentId: number;
  #phase: number = phaseBook;
  /** The first phase in which events are physics. */
  readonly #physicsPhase: number;
  #binReady = false;
  #nowNs = Number.NEGATIVE_INFINITY;
  /** The next moment at which something other than applying an event happens. */
  #boundaryNs: number;
  #binEvents = 0;
  #seq = 0;
  /** Best prices of the last bin; NaN where it had none. */
  #lastBidInt = Number.NaN;
  #lastAskInt = Number.NaN;
  readonly #unmapped: boolean;
  /** Spot comes no nearer to an edge of the grid: a quarter of it, and never less than what the window needs. */
  readonly #edgeSlots: number;
  readonly #counts = { events: 0, otherRecords: 0, otherInstrument: 0, outOfSession: 0, late: 0, nullTime: 0 };

  constructor(options: EngineOptions) {
    const { runtime, capture, instrumentId } = options;
    this.#physicsPhase = options.bookOnly ? phaseDone : phaseWarmUp;
    this.#radius = runtime.grid_radius_ticks;
    this.#cellNs = runtime.cell_width_ms * 1e6;
    this.frame = options.frame ?? createGridFrame(this.#radius);
    this.#physics = new Physics(runtime.n_absolute_ticks, gridTickInt(runtime), physicsParams(runtime));
    this.#spectrum = new Spectrum(runtime.n_absolute_ticks, 2 * this.#radius + 1, spectrumParams(runtime));
    this.#signal = new BinSignal(runtime, options);
    const { sessionStartNs } = capture;
    this.#sessionLo = Number(sessionStartNs & 0xffffffffn);
    this.#sessionHi = Number(sessionStartNs >> 32n);
    this.#sessionEndNs = Number(capture.sessionEndNs - sessionStartNs);
    this.#startNs = Number(capture.startNs - sessionStartNs);
    this.#endNs = Number((capture.endNs ?? capture.sessionEndNs) - sessionStartNs);
    this.#boundaryNs = this.#startNs - warmUpNs;
    this.#instrumentId = instrumentId ?? -1;
    this.#unmapped = instrumentId === null;
    const slots = runtime.n_absolute_ticks;
    this.#edgeSlots = Math.min(Math.max(slots / 4, this.#radius + 1), slots / 2 - 1);
    this.bin = {
      seq: -1,
      startNs: 0,
      endNs: 0,
      eventCount: 0,
      eventId: 0,
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
    return { ...this.#counts, ...this.book.counters, outOfRange: this.#physics.outOfRange };
  }

  /**
   * Applies records from `index` until a bin closes or the batch ends, and returns the index of the first record not
   * applied. With `binReady`, take `bin` and `frame` and call again with the returned index: empty bins close one a call.
   * @throws SYMBOL_UNKNOWN for a second instrument where the file maps no symbols
   */
  ingest(batch: RecordBatch, index: number): number {
    this.#binReady = false;
    const { words, count } = batch;
    if (this.#phase === phaseDone) return count;
    if (batch.rtype !== rtypeMbo) {
      this.#counts.otherRecords += count - index;
      return count;
    }
    const stride = batch.recordBytes >>> 2;
    for (let i = index, at = index * stride; i < count; i++, at += stride) {
      if (words[at + mboWord.instrumentId] !== this.#instrumentId && !this.#adopt(words[at + mboWord.instrumentId]!)) {
        this.#counts.otherInstrument++;
        continue;
      }
      const packed = words[at + mboWord.flagsChannelActionSide]!;
      const isSnapshot = (packed & flag.snapshot) !== 0;
      const timeAt = at + (isSnapshot ? mboWord.tsRecvLo : mboWord.tsEventLo);
      const tsNs = this.#relativeNs(words[timeAt]!, words[timeAt + 1]!);
      if (!isSnapshot && ((packed >>> 16) & 0xff) !== actionClear && !(tsNs >= 0 && tsNs < this.#sessionEndNs)) {
        this.#counts.outOfSession++;
        continue;
      }
      const nowNs = tsNs > this.#nowNs ? tsNs : this.#nowNs;
      if (nowNs >= this.#boundaryNs) {
        this.#binReady = this.#cross(nowNs);
        if (this.#binReady || this.#phase === phaseDone) return i;
      }
      if (!(tsNs >= this.#nowNs)) this.#countUntimely(tsNs);
      this.#nowNs = nowNs;
      this.#binEvents++;
      const eventId = ++this.#counts.events;
      this.book.apply(words, at, nowNs);
      if (this.#phase < this.#physicsPhase) continue;
      // A record that leaves the book alone may still end the snapshot that the anchor waits for.
      if (this.book.kind !== change.none || !this.#physics.anchored) {
        this.#physics.apply(this.book, isSnapshot, nowNs, eventId);
      }
    }
    return count;
  }

  /** Ends the input: closes the open bin if it had an event, and says whether `bin` and `frame` now hold it. */
  finish(): boolean {
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
      Float64Array.of(this.#phase, this.#boundaryNs, this.#binEvents, this.#seq, this.#lastBidInt, this.#lastAskInt),
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
    const [phase, boundaryNs, binEvents, seq, lastBidInt, lastAskInt] = reader.float64s();
    engine.#phase = phase!;
    engine.#boundaryNs = boundaryNs!;
    engine.#binEvents = binEvents!;
    engine.#seq = seq!;
    engine.#lastBidInt = lastBidInt!;
    engine.#lastAskInt = lastAskInt!;
    engine.#physics.restore(reader);
    engine.#spectrum.restore(reader);
    engine.#signal.restore(reader);
    return engine;
  }

  /**
   * An engine that goes on from the book that `saveBook` gave; `options` must have the capture and the instrument of the
   * engine that was saved.
   * @throws STATE_INVALID for bytes that are not a whole state of this version
   */
  static restoreBook(options: EngineOptions, state: Uint8Array): Engine {
    const engine = new Engine(options);
    engine.#restoreFeed(new StateReader(state));
    return engine;
  }

  /** Saves what records alone have changed: counts, time and book. */
  #saveFeed(writer: StateWriter): void {
    const { events, otherRecords, otherInstrument, outOfSession, late, nullTime } = this.#counts;
    writer.array(Float64Array.of(events, otherRecords, otherInstrument, outOfSession, late, nullTime));
    writer.array(Float64Array.of(this.#instrumentId, this.#nowNs));
    this.book.save(writer);
  }

  #restoreFeed(reader: StateReader): void {
    const [events, otherRecords, otherInstrument, outOfSession, late, nullTime] = reader.float64s();
    Object.assign(this.#counts, { events, otherRecords, otherInstrument, outOfSession, late, nullTime });
    const [instrumentId, nowNs] = reader.float64s();
    this.#instrumentId = instrumentId!;
    this.#nowNs = nowNs!;
    this.book.restore(reader);
  }

  /** Nanoseconds since the session's start; NaN for the undefined time. */
  #relativeNs(lo: number, hi: number): number {
    if (lo === 0xffffffff && hi === 0xffffffff) return Number.NaN;
    return (hi - this.#sessionHi) * 4294967296 + (lo - this.#sessionLo);
  }

  #countUntimely(tsNs: number): void {
    if (Number.isNaN(tsNs)) this.#counts.nullTime++;
    else this.#counts.late++;
  }

  /** Where the file maps no symbols the first record names the instrument, and any other is one too many. */
  #adopt(instrumentId: number): boolean {
    if (!this.#unmapped) return false;
    if (this.#instrumentId >= 0) {
      throw new SpymasterError(
        'SYMBOL_UNKNOWN',
        `Cannot tell which instrument to replay: the file maps no symbols and holds instrument ids ` +
          `${this.#instrumentId} and ${instrumentId}. Use a file with symbol mappings.`,
        { instrumentIds: [String(this.#instrumentId), String(instrumentId)] },
      );
    }
    this.#instrumentId = instrumentId;
    return true;
  }

  /** Does what is due before an event at `nowNs`; true when that closed a bin. */
  #cross(nowNs: number): boolean {
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

  #closeBin(): void {
    const { bin, book } = this;
    const endNs = this.#startNs + (this.#seq + 1) * this.#cellNs;
    const twoSided = book.twoSided;
    bin.seq = this.#seq++;
    bin.startNs = endNs - this.#cellNs;
    bin.endNs = endNs;
    bin.eventCount = this.#binEvents;
    bin.eventId = this.#counts.events;
    bin.bestBidPriceInt = book.bids.length > 0 ? book.bids.best : 0;
    bin.bestAskPriceInt = book.asks.length > 0 ? book.asks.best : 0;
    bin.midPrice = twoSided ? (bin.bestBidPriceInt + bin.bestAskPriceInt) / 2e9 : 0;
    bin.spotPriceInt = this.#spotTick() * this.#physics.tickInt;
    bin.bookValid = book.valid;
    this.#binEvents = 0;
    this.#boundaryNs = Math.min(endNs + this.#cellNs, this.#endNs);
    if (this.#physicsPhase === phaseDone) return;

    this.#followSpot();
    this.#physics.passive(endNs);
    this.#spectrum.push(this.#physics);
    this.#writeFrame(twoSided);
    this.#signal.update(this.frame.columns, bin, bin.bookValid && twoSided);
  }

  #writeFrame(twoSided: boolean): void {
    const { bin, frame } = this;
    const physics = this.#physics;
    if (twoSided && physics.anchored) {
      writeWindow(frame, physics, this.#spectrum, physics.slotOf(bin.spotPriceInt) - this.#radius);
    } else {
      clearFrame(frame);
    }
    const askMove = this.#moveTicks(bin.bestAskPriceInt, this.#lastAskInt, this.book.asks.length > 0);
    const bidMove = this.#moveTicks(bin.bestBidPriceInt, this.#lastBidInt, this.book.bids.length > 0);
    this.#lastAskInt = this.book.asks.length > 0 ? bin.bestAskPriceInt : Number.NaN;
    this.#lastBidInt = this.book.bids.length > 0 ? bin.bestBidPriceInt : Number.NaN;
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
   * What is certain: a tick that lay within `#edgeSlots` of spot at every bin's end, from the one before its first event
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
