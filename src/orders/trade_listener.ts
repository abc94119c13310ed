/** Hears of what happens, in the order of the records, beside the rows: what bins are summed of. */
export interface TradeListener {
  /** A trade record: side of the aggressor (0: none), price, size. */
  trade(side: number, price: number, size: number): void;
  /** Size of a whole trade, when it is known. */
  tradeEnds(side: number, size: number): void;
  /** An order came, or left without an execution. */
  added(): void;
  cancelled(): void;
}
