import {
  type Alert,
  type AlertedStream,
  type AlertRule,
  type AlertUpdate,
  AlertWatcher,
  isOfReplay,
} from '../../../src/alerts/index.ts';
import type { OrderEventsMessage } from '../../../src/wire/index.ts';
import { storedList } from '../../shared/stored_list.ts';
import type { BinListener, SessionData } from '../session/session_data.ts';
import type { Topics } from '../session/topics.ts';

/** A price at which the user wants to be told that the market trades. */
export interface PriceAlert {
  readonly symbol: string;
  readonly price: number;
}

/** Alerts listed at most, the newest. */
const maxListed = 200;
const maxPrices = 100;

/** Prices that a former visit stored; what is none is left out. */
export function readPriceAlerts(stored: string | null): readonly PriceAlert[] {
  const isOne = (item: unknown): item is PriceAlert => {
    const { symbol, price } = (item ?? {}) as Partial<PriceAlert>;
    return typeof symbol === 'string' && typeof price === 'number' && Number.isFinite(price);
  };
  return storedList(stored).filter(isOne).slice(0, maxPrices);
}

const ruleOf = ({ symbol, price }: PriceAlert): AlertRule => ({
  ...{ name: `price_${price}`, symbols: [symbol], level: { price }, pause_s: 30, muted: [] },
});

/** The rules of the server and the user's prices, held against the bins that are shown as they come; bins of the past that a jump brings are not. */
export class Alerts implements BinListener {
  /** The newest first; of one key the last. */
  list: readonly Alert[] = [];
  rules: readonly AlertRule[] = [];
  prices: readonly PriceAlert[] = [];
  /** Alerts since the list was looked at. */
  unseen = 0;
  /** Called with each alert as it comes. */
  onAlert: (alert: Alert) => void = () => {};
  readonly #topics: Topics;
  readonly #data: SessionData;
  readonly #watchers = new Map<AlertRule | PriceAlert, AlertWatcher>();
  #bin: AlertUpdate | null = null;

  constructor(topics: Topics, data: SessionData) {
    this.#topics = topics;
    this.#data = data;
    data.listener = this;
    topics.on(['session'], () => this.#watchers.clear());
  }

  setRules(rules: readonly AlertRule[]): void {
    this.rules = rules;
    this.#changed();
  }

  setPrices(prices: readonly PriceAlert[]): void {
    this.prices = prices.slice(-maxPrices);
    this.#changed();
  }

  /** The prices of the contract that is shown. */
  get shownPrices(): readonly PriceAlert[] {
    return this.prices.filter(({ symbol }) => symbol === this.#stream?.symbol);
  }

  /** Adds a price of the contract that is shown. */
  addPrice(price: number): void {
    const symbol = this.#stream?.symbol;
    if (symbol === undefined || this.shownPrices.some((known) => known.price === price)) return;
    this.setPrices([...this.prices, { symbol, price }]);
  }

  removePrice(price: PriceAlert): void {
    this.setPrices(this.prices.filter((known) => known !== price));
  }

  seen(): void {
    if (this.unseen === 0) return;
    this.unseen = 0;
    this.#topics.emit('alerts');
  }

  clear(): void {
    this.list = [];
    this.unseen = 0;
    this.#topics.emit('alerts');
  }

  bin(update: AlertUpdate): void {
    this.#bin = update;
  }

  events(message: OrderEventsMessage): void {
    const update = this.#bin;
    const stream = this.#stream;
    if (update?.bin_seq !== message.bin_seq || stream === null) return;
    this.#bin = null;
    const isReplay = isOfReplay(update.ts_ns, Date.now());
    for (const source of [...this.rules, ...this.shownPrices]) {
      let watcher = this.#watchers.get(source);
      if (watcher === undefined) {
        watcher = new AlertWatcher(['name' in source ? source : ruleOf(source)], stream);
        this.#watchers.set(source, watcher);
      }
      for (const alert of watcher.take({ update, message }, isReplay)) this.#add(alert);
    }
  }

  #add(alert: Alert): void {
    this.list = [alert, ...this.list.filter(({ key }) => key !== alert.key)].slice(0, maxListed);
    this.unseen++;
    this.#topics.emit('alerts');
    this.onAlert(alert);
  }

  /** Watchers of rules that stay go on. */
  #changed(): void {
    const kept = new Set<AlertRule | PriceAlert>([...this.rules, ...this.prices]);
    for (const source of this.#watchers.keys()) if (!kept.has(source)) this.#watchers.delete(source);
    this.#topics.emit('alerts');
  }

  get #stream(): AlertedStream | null {
    const { config } = this.#data.session?.contract ?? {};
    if (config === undefined) return null;
    return { servingId: config.serving.serving_id, symbol: config.symbol, priceDecimals: config.price_decimals };
  }
}
