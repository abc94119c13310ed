import type { BinTrades, TradeLedger } from './trade_ledger.ts';
import type { PriceVolume } from './traded_volume.ts';

export const barKinds = ['time', 'volume', 'trades', 'range'] as const;
/** What a bar is full by: seconds, contracts, trades, or ticks from its lowest to its highest price. */
export type BarKind = (typeof barKinds)[number];

/** A stretch of bins as one bar; prices in ticks, of trades at their own price. */
export interface Bar {
  readonly firstSeq: number;
  /** The bin behind the last one. */
  endSeq: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  bought: number;
  sold: number;
  volume: number;
  trades: number;
  readonly levels: Map<number, PriceVolume>;
}

export interface BarOptions {
  readonly kind: BarKind;
  /** Bins of a bar by time, else contracts, trades or ticks. */
  readonly size: number;
  /** Bins from the start of the first whole bar by time back to bin 0, so that bars begin at whole minutes, say. */
  readonly offsetBins: number;
}

/** Bars of the bins received so far. A bar ends with the bin in which it is full; bins without trades begin none. */
export class BarSeries {
  readonly #ledger: TradeLedger;
  readonly options: BarOptions;
  #bars: Bar[] = [];
  #endSeq = 0;
  #lateBins = 0;

  constructor(ledger: TradeLedger, options: BarOptions) {
    this.#ledger = ledger;
    this.options = options;
  }

  /** All bars up to a bin, the last of which may still grow; a view, valid until the next call. */
  upTo(endSeq: number): readonly Bar[] {
    const ledger = this.#ledger;
    if (this.#lateBins !== ledger.lateBins || endSeq < this.#endSeq) {
      this.#bars = [];
      this.#endSeq = 0;
      this.#lateBins = ledger.lateBins;
    }
    ledger.forEach(this.#endSeq, endSeq, (seq, trades) => this.#add(seq, trades));
    this.#endSeq = endSeq;
    return this.#bars;
  }

  #add(seq: number, trades: BinTrades): void {
    const last = this.#bars.at(-1);
    const bar = last !== undefined && this.#takes(last, seq) ? last : this.#begin(seq, trades);
    const { ticks, bought, sold, unsided } = trades;
    ticks.forEach((tick, row) => {
      const level = bar.levels.get(tick) ?? { bought: 0, sold: 0, total: 0 };
      bar.levels.set(tick, level);
      const [up, down, none] = [bought[row] ?? 0, sold[row] ?? 0, unsided[row] ?? 0];
      level.bought += up;
      level.sold += down;
      level.total += up + down + none;
      bar.bought += up;
      bar.sold += down;
      bar.volume += up + down + none;
    });
    bar.high = Math.max(bar.high, ticks.at(-1) ?? bar.high);
    bar.low = Math.min(bar.low, ticks[0] ?? bar.low);
    bar.close = trades.lastTick;
    bar.trades += trades.count;
    if (this.options.kind !== 'time') bar.endSeq = seq + 1;
  }

  #takes(bar: Bar, seq: number): boolean {
    const { kind, size } = this.options;
    if (kind === 'time') return seq < bar.endSeq;
    const filled = { volume: bar.volume, trades: bar.trades, range: bar.high - bar.low }[kind];
    return filled < size;
  }

  #begin(seq: number, { firstTick }: BinTrades): Bar {
    const { kind, size, offsetBins } = this.options;
    const firstSeq = kind === 'time' ? Math.floor((seq + offsetBins) / size) * size - offsetBins : seq;
    const bar: Bar = {
      firstSeq,
      endSeq: kind === 'time' ? firstSeq + size : seq + 1,
      open: firstTick,
      high: firstTick,
      low: firstTick,
      close: firstTick,
      bought: 0,
      sold: 0,
      volume: 0,
      trades: 0,
      levels: new Map(),
    };
    this.#bars.push(bar);
    return bar;
  }
}
