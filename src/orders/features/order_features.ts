import { sideAsk as ask, type Book, sideBid as bid, change } from '../../book/index.ts';
import { action as actions, flag as flags, mboWord as mboWords } from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { ExecutionRecord } from '../execution_record.ts';
import { TradeGroup } from '../trade_group.ts';
import { featureIndex as column, featureColumns, featureLevels } from './columns.ts';
import { OrderAges } from './order_ages.ts';
import type { FeatureParams } from './params.ts';
import { SessionLevels } from './session_levels.ts';
import { TradeSums } from './trade_sums.ts';
import { VolumeProfile } from './volume_profile.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const.
const action = { ...actions };
const flag = { ...flags };
const mboWord = { ...mboWords };
const kind = { ...change };
const sideBid = bid;
const sideAsk = ask;

/**
 * Features of every bin (docs/order-events.md, "Features"), from the records of one instrument and the book that they make:
 * volume and its delta, sums and profile since the anchor, session levels, orders and their ages. Deterministic and incremental; a
 * bin depends on nothing behind its end.
 *
 * `apply` takes every record after the book did, `endBin` writes a bin's `values`, `beginBin` begins the next.
 */
export class OrderFeatures {
  /** Of the last ended bin, by `featureColumns`; NaN where a value is not known. */
  readonly values = new Float64Array(featureColumns.length);
  /** Volume at price of the bin. */
  readonly traded = new VolumeProfile();
  /** Volume at price since the anchor. */
  readonly profile = new VolumeProfile();
  /** Whether the anchor began or ended in the bin, so that the profile is not the one before with the bin's volume. */
  anchorMoved = false;
  readonly #params: FeatureParams;
  readonly #group = new TradeGroup();
  readonly #execution = new ExecutionRecord();
  readonly #sums: TradeSums;
  readonly #levels: SessionLevels;
  readonly #ages = new OrderAges();
  #nowNs = Number.NEGATIVE_INFINITY;
  /** What is added to times that are given. */
  #shiftNs = 0;
  #groupIsOpen = false;
  #binIsOver = false;
  #nextAnchor = 0;
  /** Since when sums count; NaN before they do. */
  #sinceNs = Number.NaN;
  #isCounting = false;
  /** The next moment of the anchor or the levels. */
  #nextNs: number;
  #buy = 0;
  #sell = 0;
  #trades = 0;
  #adds = 0;
  #modifies = 0;
  #cancels = 0;

  constructor(params: FeatureParams) {
    this.#params = params;
    this.#sums = new TradeSums(params.tickInt, params.sizeBounds);
    this.#levels = new SessionLevels(params.days, params.fromNs);
    this.#nextNs = this.#nextMoment();
  }

  /**
   * Begins a session: times that are given from now on count from its start, `startNs` since that of the parameters' session (0 for
   * this one itself, and unless it is called). Sums and levels go on; what rests is unknown, and its book is another.
   */
  beginSession(startNs: number): void {
    this.clear();
    this.#shiftNs = startNs;
  }

  /**
   * Takes the MBO record that starts at word `at`, which `book` has applied.
   * @param timeNs the time of the record; it never runs backwards
   */
  apply(book: Book, words: Uint32Array, at: number, timeNs: number): void {
    const nowNs = timeNs + this.#shiftNs;
    if (nowNs !== this.#nowNs) this.#passTime(nowNs);
    if (nowNs >= this.#nextNs) this.#pass(nowNs);
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const isSnapshot = (packed & flag.snapshot) !== 0;
    const changed = book.kind;
    if (changed !== kind.none || isSnapshot) this.#ages.follow(book, isSnapshot, nowNs);
    // As with order events, what empties the book ends its trades.
    if (changed === kind.clear || (isSnapshot && book.emptied)) this.#endTrades();
    if (isSnapshot) return;
    if (changed === kind.add || changed === kind.replaceSide) this.#adds++;
    else if (changed === kind.modify) this.#modifies++;
    else if (changed === kind.cancel) {
      if (book.fill === 0) {
        this.#cancels++;
        if (this.#isCounting) this.#sums.cancels++;
      }
    } else if (((packed >>> 16) & 0xff) === action.trade) this.#trade(words, at);
    if ((packed & flag.last) !== 0 && this.#group.trades > 0) {
      if (this.#group.hasNoIds) this.#groupIsOpen = true;
      else this.#endTrades();
    }
  }

  /** Takes a record from before the session, which `book` has applied: orders rest by it, and nothing is counted. */
  applyBefore(book: Book, words: Uint32Array, at: number, tsNs: number): void {
    const isSnapshot = (words[at + mboWord.flagsChannelActionSide]! & flag.snapshot) !== 0;
    this.#ages.follow(book, isSnapshot, tsNs + this.#shiftNs);
  }

  /** Says that no record before `nowNs` comes any more; ends trades that have no other end. */
  passTime(nowNs: number): void {
    this.#passTime(nowNs + this.#shiftNs);
  }

  /** Ends the records: what has no other end ends here. */
  finish(): void {
    this.#endTrades();
  }

  /** The book was lost: what rests is unknown. */
  clear(): void {
    this.#endTrades();
    this.#ages.clear();
  }

  /** Begins a bin. */
  beginBin(): void {
    this.#binIsOver = false;
    this.anchorMoved = false;
    this.traded.clear();
    this.#buy = 0;
    this.#sell = 0;
    this.#trades = 0;
    this.#adds = 0;
    this.#modifies = 0;
    this.#cancels = 0;
  }

  /** Ends the bin that ends at `binEndNs`, and writes its values. */
  endBin(book: Book, binEndNs: number): void {
    const endNs = binEndNs + this.#shiftNs;
    this.#pass(endNs - 1);
    this.#binIsOver = true;
    const { values, traded } = this;
    values[column.volume] = traded.total;
    values[column.buy_volume] = this.#buy;
    values[column.sell_volume] = this.#sell;
    values[column.delta] = this.#buy - this.#sell;
    values[column.trade_count] = this.#trades;
    values[column.add_count] = this.#adds;
    values[column.modify_count] = this.#modifies;
    values[column.cancel_count] = this.#cancels;
    this.#writeSums();
    const ages = this.#ages;
    values[column.bid_order_count] = ages.count(sideBid);
    values[column.ask_order_count] = ages.count(sideAsk);
    values[column.bid_mean_age_ms] = ages.meanAgeMs(sideBid, endNs);
    values[column.ask_mean_age_ms] = ages.meanAgeMs(sideAsk, endNs);
    const { bids, asks } = book;
    for (let depth = 0; depth < featureLevels; depth++) {
      values[column.bid_level_1_orders + depth] = depth < bids.length ? bids.countAt(depth) : 0;
      values[column.ask_level_1_orders + depth] = depth < asks.length ? asks.countAt(depth) : 0;
    }
    this.#levels.write(values);
  }

  save(writer: StateWriter): void {
    writer.array(this.#identity());
    const { traded } = this;
    // What an ended bin counted is written in its values; the next begins with nothing.
    const isOver = this.#binIsOver;
    const counts = [this.#buy, this.#sell, this.#trades, this.#adds, this.#modifies, this.#cancels];
    const flags = [this.#groupIsOpen, this.#isCounting, !isOver && this.anchorMoved].map(Number);
    writer.array(Float64Array.of(this.#nowNs, this.#nextAnchor, this.#sinceNs, ...flags));
    writer.array(isOver ? new Float64Array(counts.length) : Float64Array.from(counts));
    (isOver ? new VolumeProfile() : traded).save(writer);
    for (const part of [this.profile, this.#group, this.#sums, this.#levels, this.#ages]) part.save(writer);
  }

  /**
   * Goes on from a state that `save` wrote; a bin that had ended then has begun anew.
   * @throws STATE_INVALID where it was written with other parameters
   */
  restore(reader: StateReader): void {
    const identity = this.#identity();
    const written = reader.float64s();
    if (written.length !== identity.length || written.some((value, i) => value !== identity[i])) {
      throw new SpymasterError(
        'STATE_INVALID',
        "Cannot restore the engine's state: its features count by other hours or sizes. Rebuild it from the file.",
      );
    }
    const [nowNs, nextAnchor, sinceNs, groupIsOpen, isCounting, anchorMoved] = reader.float64s();
    this.#nowNs = nowNs!;
    this.#nextAnchor = nextAnchor!;
    this.#sinceNs = sinceNs!;
    this.#groupIsOpen = groupIsOpen === 1;
    this.#isCounting = isCounting === 1;
    this.anchorMoved = anchorMoved === 1;
    const [buy, sell, trades, adds, modifies, cancels] = reader.float64s();
    this.#buy = buy!;
    this.#sell = sell!;
    this.#trades = trades!;
    this.#adds = adds!;
    this.#modifies = modifies!;
    this.#cancels = cancels!;
    this.#binIsOver = false;
    for (const part of [this.traded, this.profile, this.#group, this.#sums, this.#levels, this.#ages]) {
      part.restore(reader);
    }
    this.#nextNs = this.#nextMoment();
  }

  /** What a state depends on beside the records. */
  #identity(): Float64Array {
    const { tickInt, anchors, days, fromNs, sizeBounds, valueAreaPercent } = this.#params;
    return Float64Array.of(
      ...(fromNs === 0 ? [] : [fromNs]),
      ...[tickInt, valueAreaPercent, ...sizeBounds, ...anchors.flatMap(({ ns, begins }) => [ns, Number(begins)])],
      ...days.flatMap(({ startNs, endNs, regularStartNs, regularEndNs }) => [
        ...[startNs, endNs, regularStartNs, regularEndNs],
      ]),
    );
  }

  #trade(words: Uint32Array, at: number): void {
    const execution = this.#execution;
    if (!execution.read(words, at) || Number.isNaN(execution.price)) return;
    const { idLo, idHi, side, price, size } = execution;
    if (this.#groupIsOpen && !this.#group.goesOn(idLo, idHi, side)) this.#endTrades();
    this.#group.trade(idLo, idHi, side, price, size, false, 0);
    if (side === sideBid) this.#buy += size;
    else if (side === sideAsk) this.#sell += size;
    this.traded.add(price, side, size);
    this.#levels.trade(price);
    if (!this.#isCounting) return;
    this.#sums.add(price, side, size);
    this.profile.add(price, side, size);
  }

  #passTime(nowNs: number): void {
    if (this.#groupIsOpen) this.#endTrades();
    this.#nowNs = nowNs;
  }

  #endTrades(): void {
    this.#groupIsOpen = false;
    const group = this.#group;
    this.#trades += group.count;
    if (this.#isCounting) {
      for (let i = 0; i < group.count; i++) this.#sums.endTrade(group.side[i]!, group.size[i]!);
    }
    group.clear();
  }

  /** Passes what begins or ends up to a moment. */
  #pass(nowNs: number): void {
    while (this.#nextNs <= nowNs) {
      this.#endTrades();
      if (this.#levels.nextNs === this.#nextNs) this.#levels.pass();
      else this.#passAnchor();
      this.#nextNs = this.#nextMoment();
    }
  }

  #passAnchor(): void {
    const { ns, begins } = this.#params.anchors[this.#nextAnchor++]!;
    this.#isCounting = begins;
    this.anchorMoved = true;
    if (!begins) return;
    // What came before the records is not in them.
    this.#sinceNs = Math.max(ns, this.#params.fromNs);
    this.#sums.clear();
    this.profile.clear();
  }

  #nextMoment(): number {
    const anchorNs = this.#params.anchors[this.#nextAnchor]?.ns ?? Number.POSITIVE_INFINITY;
    return Math.min(anchorNs, this.#levels.nextNs);
  }

  #writeSums(): void {
    const { values, profile } = this;
    values[column.since_ns] = this.#sinceNs;
    if (Number.isNaN(this.#sinceNs)) {
      values.fill(Number.NaN, column.since_volume, column.cancel_to_trade + 1);
      return;
    }
    const sums = this.#sums;
    const vwapInt = sums.vwapInt;
    profile.measure(vwapInt, this.#params.valueAreaPercent);
    values[column.since_volume] = sums.volume;
    values[column.cvd] = sums.cvd;
    for (let i = 0; i < 4; i++) values[column.cvd_size_1 + i] = sums.cvdBySize[i]!;
    values[column.vwap] = vwapInt / 1e9;
    values[column.vwap_deviation] = sums.deviationInt / 1e9;
    values[column.point_of_control] = profile.pointOfControl / 1e9;
    values[column.value_area_low] = profile.valueAreaLow / 1e9;
    values[column.value_area_high] = profile.valueAreaHigh / 1e9;
    values[column.cancel_to_trade] = sums.trades === 0 ? Number.NaN : sums.cancels / sums.trades;
  }
}
