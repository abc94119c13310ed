import {
  encodeMetadata,
  errorCode,
  flag,
  indexTsWord,
  mboRecordBytes,
  mboWord,
  type RecordBatch,
  rtype,
  systemCode,
  wordUnits,
} from '../../dbn/index.ts';
import { encodeSymbolMapping, encodeSystemMessage, systemMessages } from './control_records.ts';
import { SnapshotBooks } from './gateway_book.ts';
import type { Head, MarketClock } from './gateway_clock.ts';
import { type GatewayFiles, isControl, type PlayedBatch } from './gateway_file.ts';
import { SessionHalts } from './gateway_halts.ts';
import type { GatewayOutput } from './gateway_output.ts';
import { GatewaySender, type SenderOptions } from './gateway_sender.ts';
import { type FollowedSubscription, hasSnapshot, phase, type Wanted, wantedOf } from './gateway_wanted.ts';

/** A silence of the files beyond which they do not belong together, and no heartbeats fill it: 8 days, nanoseconds. */
const maxSilenceRel = 8 * 86_400e9;
/** Longest time that heartbeats are sent at once for, from the last record to the end that the files state: a day, nanoseconds. */
const maxTailRel = 86_400e9;
/** How much later than it happened a record may be received, at most: a minute, nanoseconds. */
const maxReceiveRel = 60e9;

export interface GatewayStreamOptions extends SenderOptions {
  readonly heartbeatS: number;
  /** Snapshots are of the last multiple of so many seconds; 0: of now. */
  readonly snapshotEveryS: number;
  readonly atEnd: 'heartbeats' | 'close';
  /** At full speed, how long the market stands still at most before each session's end. */
  readonly rollWaitMs: number;
}

/** What a session receives behind `start_session`: metadata, messages and records, in the order of the files. */
export class GatewayStream {
  readonly #options: GatewayStreamOptions;
  readonly #files: GatewayFiles;
  readonly #clock: MarketClock;
  readonly #output: GatewayOutput;
  readonly #sender: GatewaySender;
  readonly #baseLo: number;
  readonly #baseHi: number;
  readonly #intervalRel: number;
  #subscriptions: FollowedSubscription[] = [];
  /** Subscriptions that came while the stream was running. */
  #added: FollowedSubscription[] = [];
  #wanted = new Map<number, Wanted>();
  #phase: number = phase.past;
  /** Where the snapshot and now are. */
  #snapshotRel = 0;
  #nowRel = 0;
  #nowHead: Head | null = null;
  /** Times of the last record of the files, of the last that was sent, and up to which no wait is due. */
  #rel = Number.NEGATIVE_INFINITY;
  #sentRel = 0;
  #dueRel = Number.NEGATIVE_INFINITY;
  readonly #halts: SessionHalts;

  constructor(options: GatewayStreamOptions) {
    this.#options = options;
    this.#files = options.files;
    this.#clock = options.clock;
    this.#output = options.output;
    this.#sender = new GatewaySender(options);
    const { clock, output, files, rollWaitMs: waitMs } = options;
    this.#halts = new SessionHalts({ clock, output, dataset: files.dataset, waitMs });
    const { baseNs } = clock;
    this.#baseLo = Number(baseNs & 0xffff_ffffn);
    this.#baseHi = Number(baseNs >> 32n);
    this.#intervalRel = options.heartbeatS * 1e9;
  }

  /** Follows one more subscription, from now on when the stream runs. */
  add(subscription: FollowedSubscription): void {
    this.#added.push(subscription);
    this.#output.wake();
  }

  /** Sends an error message. Throws SessionOver where its code ends the session. */
  fail(code: number, text: string): Promise<void> {
    return this.#sender.error(code, text);
  }

  /** Sends the stream's metadata: it has neither schema nor symbols. */
  async begin(): Promise<void> {
    this.#nowRel = this.#clock.rel;
    this.#nowHead = this.#clock.head;
    this.#clock.start();
    const { dataset, version, symbolCstrLen } = this.#files;
    const metadata = encodeMetadata({
      ...{ version, dataset, schema: null, start: this.#clock.nowNs, end: null, limit: null, recordCount: null },
      ...{ stypeIn: null, stypeOut: 'instrument_id', tsOut: this.#options.tsOut, symbolCstrLen },
      ...{ symbols: [], partial: [], notFound: [], mappings: [] },
    });
    await this.#output.write(metadata);
  }

  /** Sends everything, until the connection ends. */
  async run(): Promise<void> {
    this.#sentRel = this.#nowRel;
    this.#halts.startAt(this.#nowRel);
    await this.#welcome();
    const snapshots = this.#subscriptions.filter(hasSnapshot);
    const replays = this.#subscriptions.filter(({ startRel }) => startRel !== null);
    const { faults } = this.#options;
    this.#snapshotRel = snapshots.length > 0 ? this.#lastSnapshotRel() : this.#nowRel;
    if (snapshots.length > 0 && faults.snapshotFails === true) await this.fail(errorCode.internal, 'Snapshot failed');
    if (replays.length > 0 && faults.replayAgedOut === true) {
      await this.fail(errorCode.replayAgedOut, 'The replay data of the requested start has aged out');
    }
    const firstRel = Math.min(this.#snapshotRel, this.#nowRel, ...replays.map(({ startRel }) => startRel ?? 0));
    const nowFile = this.#nowHead?.file ?? this.#files.fileAt(this.#clock.ns(this.#nowRel));
    // A replay is by event time, which may lie before the first record's ts_recv.
    const earliestNs = this.#clock.ns(Math.max(0, firstRel - (replays.length > 0 ? maxReceiveRel : 0)));
    const fromFile = Math.min(nowFile, this.#files.fileAt(earliestNs));
    await this.#sender.settle();
    for await (const played of this.#files.batches(fromFile)) await this.#play(played);
    while (this.#phase < phase.live) await this.#enterNext();
    await this.#runOut();
  }

  /** When the last snapshot was taken; infinity for one of the very position where the market is. */
  #lastSnapshotRel(): number {
    const { snapshotEveryS } = this.#options;
    if (snapshotEveryS === 0) return this.#nowHead === null ? this.#nowRel : Number.POSITIVE_INFINITY;
    const every = BigInt(snapshotEveryS) * 1_000_000_000n;
    return Number((this.#clock.ns(this.#nowRel) / every) * every - this.#clock.baseNs);
  }

  /** Acknowledges the new subscriptions and says which instruments they are. */
  async #welcome(): Promise<void> {
    const added = this.#added.splice(0);
    for (const { schema, id } of added) {
      const text = `Subscription${id === null ? '' : ` ${id}`} to ${schema} succeeded`;
      await this.#sender.system(systemCode.subscriptionAck, text);
    }
    const stated = new Set(
      this.#subscriptions.flatMap(({ resolved }) => resolved.map(({ instrumentId }) => instrumentId)),
    );
    for (const { resolved, unresolved, stypeIn } of added) {
      for (const { instrumentId, asked, raw } of resolved) {
        if (stated.has(instrumentId)) continue;
        stated.add(instrumentId);
        await this.#sender.message((header) => encodeSymbolMapping({ instrumentId, stypeIn, asked, raw }, header));
      }
      for (const symbol of unresolved) {
        await this.fail(errorCode.symbolResolution, `Cannot resolve the symbol ${symbol}`);
      }
    }
    this.#subscriptions.push(...added);
    this.#wanted.clear();
  }

  /** Subscriptions that came meanwhile begin before the record at a position and time; so does their snapshot, now or at that time. */
  async #welcomeAdded(file: number, record: number, rel: number): Promise<void> {
    const snapshots = this.#added.filter(hasSnapshot);
    await this.#welcome();
    const nowRel = Math.min(rel, this.#clock.rel);
    if (snapshots.length > 0) await this.#sendSnapshot(snapshots, nowRel, Number.POSITIVE_INFINITY, { file, record });
  }

  /** Sends what is wanted of a batch, record by record in its own time. */
  async #play(played: PlayedBatch): Promise<void> {
    const { file, firstRecord, batch } = played;
    if (isControl(batch.rtype)) {
      await this.#playMessages(played);
      return;
    }
    await this.#beatWhileReading();
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    const tsWord = indexTsWord(batch);
    let wanted = this.#wantedOf(batch.rtype);
    let from = -1;
    for (let index = 0; index < count; index++) {
      const at = index * stride;
      const rel = this.#relOf(words, at + tsWord);
      const isBoundary = this.#phase < phase.live && this.#isAtNext(file, firstRecord + index, rel);
      const mustWait =
        this.#phase === phase.live &&
        (rel > this.#dueRel || rel - this.#sentRel > this.#intervalRel || this.#added.length > 0);
      if (isBoundary || mustWait) {
        if (from >= 0) await this.#sendRun(played, from, index);
        from = -1;
        while (this.#phase < phase.live && this.#isAtNext(file, firstRecord + index, rel)) await this.#enterNext();
        if (this.#phase === phase.live) await this.#reach(rel, file, firstRecord + index);
        wanted = this.#wantedOf(batch.rtype);
      }
      if (this.#isWanted(batch, at, wanted)) {
        if (from < 0) from = index;
        if (this.#phase === phase.live) this.#sentRel = rel;
      } else if (from >= 0) {
        await this.#sendRun(played, from, index);
        from = -1;
      }
      this.#rel = rel;
    }
    if (from >= 0) await this.#sendRun(played, from, count);
    if (this.#phase === phase.live) this.#clock.advance(file, firstRecord + count, this.#rel);
  }

  #wantedOf(type: number): Wanted {
    let wanted = this.#wanted.get(type);
    if (wanted === undefined) {
      wanted = wantedOf(this.#subscriptions, type, this.#phase);
      this.#wanted.set(type, wanted);
    }
    return wanted;
  }

  #isWanted({ words, rtype: type }: RecordBatch, at: number, { ids, startRels }: Wanted): boolean {
    const id = words[at + mboWord.instrumentId] ?? 0;
    if (ids === null || ids.has(id)) return true;
    if (startRels.size === 0) return false;
    const startRel = startRels.get(id) ?? startRels.get(-1);
    if (startRel === undefined) return false;
    // Changes only: the files' own snapshots are no changes, but without them there would be no whole book at all.
    const flags = type === rtype.mbo ? (words[at + mboWord.flagsChannelActionSide] ?? 0) : 0;
    if (startRel === Number.NEGATIVE_INFINITY) return true;
    return (flags & flag.snapshot) === 0 && this.#relOf(words, at + mboWord.tsEventLo) >= startRel;
  }

  /** Nanoseconds from the base of the time in two words; an undefined time is that of the record before. */
  #relOf(words: Uint32Array, at: number): number {
    const hi = words[at + 1] ?? 0;
    return hi === 0xffff_ffff ? this.#rel : (hi - this.#baseHi) * wordUnits + ((words[at] ?? 0) - this.#baseLo);
  }

  /** Whether the record at a position is the first of the next phase. */
  #isAtNext(file: number, record: number, rel: number): boolean {
    const head = this.#nowHead;
    const isNow =
      head === null ? rel >= this.#nowRel : file > head.file || (file === head.file && record >= head.record);
    return isNow || (this.#phase === phase.past && rel >= this.#snapshotRel);
  }

  /** Goes on to the next phase: the snapshot, or what ends the replay. */
  async #enterNext(): Promise<void> {
    const snapshots = this.#subscriptions.filter(hasSnapshot);
    if (this.#phase === phase.past) {
      const atRel = Math.min(this.#snapshotRel, this.#nowRel);
      if (snapshots.length > 0) await this.#sendSnapshot(snapshots, atRel, this.#snapshotRel, this.#nowHead);
    } else {
      for (const schema of new Set(
        this.#subscriptions.flatMap((each) => (each.startRel === null ? [] : [each.schema])),
      )) {
        const text = `Replay of ${schema} completed`;
        await this.#sender.system(systemCode.replayCompleted, text);
      }
      this.#sender.endReplay();
    }
    this.#phase++;
    this.#wanted.clear();
  }

  /**
   * Sends the books as they were before a time and a position, as of `atRel`, by a pass of its own over the files.
   */
  async #sendSnapshot(
    subscriptions: readonly FollowedSubscription[],
    atRel: number,
    untilRel: number,
    before: Head | null,
  ): Promise<void> {
    const isAll = subscriptions.some(({ instrumentIds }) => instrumentIds === null);
    const ids = new Set(subscriptions.flatMap(({ instrumentIds }) => [...(instrumentIds ?? [])]));
    const books = new SnapshotBooks((id) => isAll || ids.has(id));
    const ns = this.#clock.ns(atRel);
    search: for await (const { file, firstRecord, batch } of this.#files.batches(this.#files.fileAt(ns))) {
      await this.#beatWhileReading();
      if (batch.rtype !== rtype.mbo) continue;
      const stride = batch.recordBytes >>> 2;
      for (let index = 0; index < batch.count; index++) {
        const at = index * stride;
        const isPast =
          before !== null && (file > before.file || (file === before.file && firstRecord + index >= before.record));
        if (isPast || this.#relOf(batch.words, at + mboWord.tsRecvLo) >= untilRel) break search;
        books.apply(batch, at);
      }
    }
    const bytes = books.snapshot(ns, ids, this.#files.publisherId);
    await this.#sender.send({
      rtype: rtype.mbo,
      recordBytes: mboRecordBytes,
      bytes,
      tsOut: false,
      relAt: () => atRel,
    });
  }

  /** Waits until a time is reached, with the heartbeats that are due before. */
  async #reach(rel: number, file: number, record: number): Promise<void> {
    if (this.#added.length > 0) await this.#welcomeAdded(file, record, rel);
    if (rel - this.#sentRel > maxSilenceRel) {
      this.#sentRel = rel;
      this.#halts.startAt(rel);
    }
    while (this.#clock.delayMs(rel) > 0 || rel - this.#sentRel > this.#intervalRel) {
      const nextRel = Math.min(rel, this.#sentRel + this.#intervalRel);
      const delayMs = this.#clock.delayMs(nextRel);
      if (delayMs > 0) await this.#output.sleep(delayMs);
      if (this.#added.length > 0) await this.#welcomeAdded(file, record, rel);
      if (this.#clock.delayMs(nextRel) > 0) continue;
      if (nextRel >= rel) break;
      await this.#halts.pass(nextRel);
      await this.#beat(nextRel);
    }
    await this.#halts.pass(rel);
    this.#dueRel = this.#clock.isPaced ? Math.max(rel, this.#clock.rel) : this.#halts.nextRel;
  }

  /** Behind the last record: heartbeats, up to the end that the files state at once where the market does not wait. */
  async #runOut(): Promise<void> {
    const { files, atEnd } = this.#options;
    if (this.#added.length > 0) await this.#welcomeAdded(Number.POSITIVE_INFINITY, 0, this.#rel);
    await this.#sender.settle();
    if (atEnd === 'close') await this.#output.end();
    this.#sentRel = Math.max(this.#sentRel, this.#rel);
    const endRel = files.endNs === null ? 0 : Number(files.endNs - this.#clock.baseNs);
    if (!this.#clock.isPaced && this.#clock.delayMs(endRel) === 0 && endRel - this.#rel < maxTailRel) {
      while (this.#sentRel + this.#intervalRel <= endRel) await this.#beat(this.#sentRel + this.#intervalRel);
    }
    this.#clock.end(Math.max(this.#sentRel, this.#rel));
    this.#sentRel = Math.max(this.#sentRel, this.#clock.rel - this.#intervalRel);
    for (;;) await this.#reach(this.#sentRel + 2 * this.#intervalRel, Number.POSITIVE_INFINITY, 0);
  }

  /** Sends records of a batch; at full speed the market goes on with them. */
  async #sendRun({ file, firstRecord, batch }: PlayedBatch, from: number, to: number): Promise<void> {
    const { recordBytes, words, rtype: type } = batch;
    const stride = recordBytes >>> 2;
    const tsWord = indexTsWord(batch);
    const bytes = batch.bytes.subarray(from * recordBytes, to * recordBytes);
    const isLive = this.#phase === phase.live;
    const relAt = (index: number): number => this.#relOf(words, (from + index) * stride + tsWord);
    const run = { rtype: type, recordBytes, bytes, tsOut: this.#files.tsOut, relAt };
    await this.#sender.send(run, (count) => {
      if (isLive) this.#clock.advance(file, firstRecord + from + count, relAt(count - 1));
    });
  }

  /** Of the messages in a recording, heartbeats and those of unknown meaning, such as gaps, are passed on; the rest are the gateway's own. */
  async #playMessages({ file, firstRecord, batch }: PlayedBatch): Promise<void> {
    if (this.#phase < phase.live) return;
    for (const { tsNs, code, text } of systemMessages(batch)) {
      const rel = Number(tsNs - this.#clock.baseNs);
      if (code === systemCode.unset)
        await this.#sender.message((header) => encodeSystemMessage(code, text, { ...header, tsNs }));
      else if (code === systemCode.heartbeat && rel > this.#sentRel) {
        await this.#reach(rel, file, firstRecord);
        await this.#beat(rel);
      }
    }
  }

  async #beat(rel: number): Promise<void> {
    this.#sentRel = rel;
    await this.#sender.heartbeat(rel);
  }

  /** While nothing is found to send, the reader hears that the session lives. */
  async #beatWhileReading(): Promise<void> {
    if (performance.now() - this.#output.writtenMs > this.#options.heartbeatS * 1000) {
      await this.#sender.heartbeat(this.#clock.rel);
    }
  }
}
