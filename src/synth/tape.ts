import {
  action,
  flag,
  highWord,
  lowWord,
  MboEncoder,
  mboRecordBytes,
  packFlags,
  side,
  undefinedPriceWords,
} from '../dbn/index.ts';
import type { Side } from './book.ts';
import type { Random } from './random.ts';

const recordsPerChunk = 16_384;
/** An event never has more records than this, so a chunk with as much room left can take any event. */
export const maxEventRecords = 2_048;

const sideCode = [side.bid, side.ask] as const;

const publisherGlobex = 1;

/** Where a tape starts. */
export interface TapeOptions {
  readonly instrumentId: number;
  /** UNIX nanoseconds that times of the tape count from. */
  readonly originNs: bigint;
  /** Price of level 0 and of a level's step, in 1e-9 units; the highest level's price is below 2^53. */
  readonly levelZeroPriceInt: number;
  readonly tickPriceInt: number;
  readonly firstSequence: number;
  readonly random: Random;
}

/**
 * Writes market events as MBO records the way the exchange's feed shows them: packets with a shared sequence and receive
 * time, F_LAST on an event's last record only, receive times that never run backwards.
 */
export class Tape {
  readonly #options: TapeOptions;
  readonly #encoder = new MboEncoder(new Uint8Array(recordsPerChunk * mboRecordBytes));
  readonly #random: Random;
  readonly #originHi: number;
  readonly #originLo: number;
  #sequence: number;
  #eventNs = -1;
  #receiveNs = 0;
  #inDeltaNs = 0;
  #eventHi = 0;
  #eventLo = 0;
  #receiveHi = 0;
  #receiveLo = 0;

  /** Records written since the start. */
  records = 0;

  constructor(options: TapeOptions) {
    this.#options = options;
    this.#random = options.random;
    this.#originHi = Number(options.originNs >> 32n);
    this.#originLo = Number(options.originNs & 0xffff_ffffn);
    this.#sequence = options.firstSequence;
  }

  /** Time of the open event, nanoseconds since the origin. */
  get eventNs(): number {
    return this.#eventNs;
  }

  /** Sequence of the open packet. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether the chunk may be too full for another event. */
  get full(): boolean {
    return this.#encoder.capacity - this.#encoder.count < maxEventRecords;
  }

  /** The records since the last call; a view that is valid until the tape is written to again. */
  takeChunk(): Uint8Array {
    const bytes = this.#encoder.bytes;
    this.#encoder.reset();
    return bytes;
  }

  /** Opens an event at `timeNs` since the origin; an engine takes a while for each, so events are 300 ns apart or more. */
  openEvent(timeNs: number): void {
    const random = this.#random;
    this.#eventNs = Math.max(Math.floor(timeNs), this.#eventNs + 300);
    this.#eventHi = this.#wordHi(this.#eventNs);
    this.#eventLo = this.#wordLo(this.#eventNs);
    const bits = random.u32();
    const busyNetwork = (bits & 0xffff) < 0.02 * 0x1_0000 ? 400_000 * random.exponential() : 0;
    const latencyNs = 80_000 + 18_000 * random.exponential() + busyNetwork;
    // Other instruments of the channel take sequence numbers in between.
    const others = (bits >>> 16) / 0x1_0000;
    if (others > 0.6) this.#sequence += Math.floor(0.6 / (1.02 - others));
    this.#openPacket(this.#eventNs + latencyNs, 700);
  }

  /** Opens the next packet of the event: the next sequence, received a little later. */
  nextPacket(): void {
    this.#openPacket(this.#receiveNs + 7_000 + 4_000 * this.#random.unit(), 0);
  }

  /** Writes one record of the open packet. */
  write(actionCode: number, side: Side, level: number, size: number, orderId: number, last: boolean): void {
    const priceInt = this.#options.levelZeroPriceInt + level * this.#options.tickPriceInt;
    this.#encoder.writeWords(
      publisherGlobex,
      this.#options.instrumentId,
      this.#eventLo,
      this.#eventHi,
      lowWord(orderId),
      highWord(orderId),
      lowWord(priceInt),
      highWord(priceInt),
      size,
      packFlags(last ? flag.last : 0, 0, actionCode, sideCode[side]),
      this.#receiveLo,
      this.#receiveHi,
      this.#inDeltaNs,
      this.#sequence,
    );
    this.records++;
  }

  /** Writes the record that a snapshot opens with: clear the book. `placedNs` is before the origin, so negative. */
  writeClear(placedNs: number): void {
    const { lo, hi } = undefinedPriceWords;
    this.#writeSnapshot(placedNs, 0, lo, hi, 0, action.clear, side.none, 0, false);
  }

  /** Writes a resting order of the snapshot, which is received at the origin. */
  writeResting(
    side: Side,
    level: number,
    size: number,
    orderId: number,
    placedNs: number,
    sequence: number,
    last: boolean,
  ): void {
    const priceInt = this.#options.levelZeroPriceInt + level * this.#options.tickPriceInt;
    const code = sideCode[side];
    this.#writeSnapshot(
      placedNs,
      orderId,
      lowWord(priceInt),
      highWord(priceInt),
      size,
      action.add,
      code,
      sequence,
      last,
    );
  }

  #writeSnapshot(
    placedNs: number,
    orderId: number,
    priceLo: number,
    priceHi: number,
    size: number,
    actionCode: number,
    side: number,
    sequence: number,
    last: boolean,
  ): void {
    this.#encoder.writeWords(
      publisherGlobex,
      this.#options.instrumentId,
      this.#wordLo(placedNs),
      this.#wordHi(placedNs),
      lowWord(orderId),
      highWord(orderId),
      priceLo,
      priceHi,
      size,
      packFlags(flag.snapshot | flag.badTsRecv | (last ? flag.last : 0), 0, actionCode, side),
      this.#originLo,
      this.#originHi,
      0,
      sequence,
    );
    this.records++;
  }

  #openPacket(receiveNs: number, gapNs: number): void {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#receiveNs = Math.max(Math.floor(receiveNs), this.#receiveNs + gapNs);
    this.#receiveHi = this.#wordHi(this.#receiveNs);
    this.#receiveLo = this.#wordLo(this.#receiveNs);
    const u = this.#random.unit();
    this.#inDeltaNs = 11_800 + Math.floor(6_600 * u * u);
  }

  #wordLo(sinceOriginNs: number): number {
    return lowWord(this.#originLo + sinceOriginNs);
  }

  #wordHi(sinceOriginNs: number): number {
    return this.#originHi + Math.floor((this.#originLo + sinceOriginNs) / 0x1_0000_0000);
  }
}
