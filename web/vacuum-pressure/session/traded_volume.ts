import type { BinTrades, TradeLedger } from './trade_ledger.ts';

/** Volume at a price: bought at the ask, sold at the bid, and in all. */
export interface PriceVolume {
  bought: number;
  sold: number;
  total: number;
}

/** Volume by price of the bins from a first one on; a later bin is counted on, an earlier one anew. */
export class TradedVolume {
  readonly #ledger: TradeLedger;
  readonly #byTick = new Map<number, PriceVolume>();
  #from = 0;
  /** First bin that is not counted yet. */
  #end = 0;
  #lateBins = 0;

  constructor(ledger: TradeLedger) {
    this.#ledger = ledger;
  }

  /** Volume by tick of bins [from, end); a view, valid until the next call. */
  between(from: number, end: number): ReadonlyMap<number, PriceVolume> {
    if (from !== this.#from || end < this.#end || this.#lateBins !== this.#ledger.lateBins) {
      this.#byTick.clear();
      this.#from = from;
      this.#end = from;
      this.#lateBins = this.#ledger.lateBins;
    }
    this.#ledger.forEach(this.#end, end, (_seq, trades) => this.#add(trades));
    this.#end = Math.max(end, from);
    return this.#byTick;
  }

  #add({ ticks, bought, sold, unsided }: BinTrades): void {
    ticks.forEach((tick, row) => {
      const volume = this.#byTick.get(tick) ?? { bought: 0, sold: 0, total: 0 };
      this.#byTick.set(tick, volume);
      const [up, down, none] = [bought[row] ?? 0, sold[row] ?? 0, unsided[row] ?? 0];
      volume.bought += up;
      volume.sold += down;
      volume.total += up + down + none;
    });
  }
}
