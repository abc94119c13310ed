import type { RunOrders, ServingInfo } from '../../../src/wire/index.ts';
import type { SessionTrade } from '../../shared/session_trade.ts';
import type { Topics } from '../session/topics.ts';
import { type DrawnOrder, ordersByTrade } from '../session/trade_orders.ts';

/** What the results say of the stream: its evidence, and the trades of its run in the session. */
export class Facts {
  readonly #topics: Topics;
  /** Null until the server has answered, and for a file that the browser replays. */
  info: ServingInfo | null = null;
  /** The server's reason for no answer. */
  problem: string | null = null;
  /** Empty until a trade is asked for. */
  trades: readonly SessionTrade[] = [];
  /** Place of the trade that is drawn; −1 for none. */
  tradeIndex = -1;
  /** The orders of the session by which the run was executed; null where it was not. */
  orders: RunOrders | null = null;
  /** The same as they are drawn, by number of their trade. */
  ordersByTrade: ReadonlyMap<number, readonly DrawnOrder[]> = new Map();

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  /** The trade that is drawn. */
  get trade(): SessionTrade | null {
    return this.trades[this.tradeIndex] ?? null;
  }

  setInfo(info: ServingInfo | null, problem: string | null = null): void {
    this.info = info;
    this.problem = problem;
    this.#topics.emit('facts');
  }

  /** The orders of the trade that is drawn. */
  get tradeOrders(): readonly DrawnOrder[] {
    return this.ordersByTrade.get(this.tradeIndex) ?? [];
  }

  setOrders(orders: RunOrders | null): void {
    this.orders = orders;
    this.ordersByTrade = orders === null ? new Map() : ordersByTrade(orders);
    this.#topics.emit('facts');
  }

  setTrades(trades: readonly SessionTrade[]): void {
    this.trades = trades;
    this.tradeIndex = -1;
    this.#topics.emit('facts');
  }

  showTrade(index: number): void {
    this.tradeIndex = Math.max(0, Math.min(this.trades.length - 1, index));
    this.#topics.emit('facts');
  }

  /** Takes the drawn trade away. */
  dismissTrade(): void {
    this.tradeIndex = -1;
    this.#topics.emit('facts');
  }
}
