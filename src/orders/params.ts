/** Thresholds of order events; the defaults are those of docs/order-events.md. Times are nanoseconds. */
export interface OrderEventParams {
  /** Stops of one event that make a stop run. */
  readonly stopRunStops: number;
  /** Prices that make a sweep. */
  readonly sweepLevels: number;
  /** The percentile, as a share, of large trades, large orders and absorptions. */
  readonly percentile: number;
  /** Last trades that a trade is compared with, and the fewest that decide. */
  readonly tradeWindow: number;
  readonly tradeMinimum: number;
  /** Last adds that an order is compared with, and the fewest that decide. */
  readonly addWindow: number;
  readonly addMinimum: number;
  /** Farthest from the best price at which an order is large. */
  readonly largeOrderTicks: number;
  readonly replaceNs: number;
  readonly replaceMinimumSize: number;
  /** An order of a suspected iceberg is at least so many times the median add. */
  readonly replaceMedians: number;
  /** Orders of a chain that make a suspected iceberg. */
  readonly chainOrders: number;
  readonly absorptionNs: number;
  readonly absorptionWindow: number;
  readonly absorptionMinimum: number;
  /** How long a price may be away from the best before what it absorbed counts anew. */
  readonly absorptionAwayNs: number;
  readonly fastPullTicks: number;
  readonly fastPullNs: number;
  readonly stackedLevels: number;
  readonly stackedNs: number;
  readonly stackedShare: number;
  readonly exhaustedNs: number;
}

export const defaultOrderEventParams: OrderEventParams = {
  stopRunStops: 3,
  sweepLevels: 3,
  percentile: 0.99,
  tradeWindow: 5000,
  tradeMinimum: 500,
  addWindow: 20_000,
  addMinimum: 1000,
  largeOrderTicks: 20,
  replaceNs: 5e6,
  replaceMinimumSize: 3,
  replaceMedians: 3,
  chainOrders: 3,
  absorptionNs: 10e9,
  absorptionWindow: 5000,
  absorptionMinimum: 200,
  absorptionAwayNs: 250e6,
  fastPullTicks: 5,
  fastPullNs: 500e6,
  stackedLevels: 5,
  stackedNs: 250e6,
  stackedShare: 0.5,
  exhaustedNs: 2e9,
};
