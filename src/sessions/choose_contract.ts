import {
  deliveryMonth,
  type ExchangeCalendar,
  type ProductType,
  previousTradingDate,
  productRoot,
} from '../config/index.ts';
import { type Lake, rawFilesOn } from '../lake/index.ts';
import { mergeVolumes, mostTraded, VolumeCache, type VolumeOptions, type Volumes } from './contract_volumes.ts';
import type { ContractSource } from './session_plan.ts';

/** The contract of a session, or why it is not known. */
export type ContractChoice =
  | { readonly symbol: string; readonly source: ContractSource; readonly note: string | null }
  | { readonly symbol: null; readonly fileDate: string; readonly reason: string };

export interface ContractRuleOptions extends VolumeOptions {
  readonly lake: Lake;
  readonly calendar: ExchangeCalendar;
  readonly productType: ProductType;
  /** The pipeline's symbol, whose root the contracts are of. */
  readonly symbol: string;
}

/**
 * The rule `previous_volume`: for each session the contract of the root with the largest traded volume in the exchange
 * session before, of equal ones the nearer expiry. It reads files of earlier dates alone.
 */
export class PreviousVolumeRule {
  readonly #options: ContractRuleOptions;
  readonly #cache: VolumeCache;
  readonly #root: string;

  constructor(options: ContractRuleOptions) {
    this.#options = options;
    this.#cache = new VolumeCache(options.lake);
    this.#root = productRoot(options.productType, options.symbol);
  }

  /** The contract of the session of a date. Throws what reading a raw file throws. */
  async choose(date: string): Promise<ContractChoice> {
    const { lake, calendar, productType, symbol } = this.#options;
    const before = previousTradingDate(calendar, date);
    const files = await rawFilesOn(lake, productType, symbol, before);
    const unknown = (reason: string): ContractChoice => ({ symbol: null, fileDate: before, reason });
    if (files.size === 0) {
      return unknown(
        `the volumes of ${before}, the exchange session before, need a raw file of ${this.#root} of that date`,
      );
    }
    const volumes: Volumes[] = [];
    for (const file of files.values()) {
      if (typeof file !== 'string') {
        const names = file.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
        return unknown(
          `of ${before}, whose volumes are needed, these files fit equally well: ${names}; keep one of them`,
        );
      }
      volumes.push(await this.#cache.volumes(file, this.#options));
    }
    const found = mostTraded(this.#root, mergeVolumes(volumes), before);
    if (found === null) return unknown(`the raw file of ${before} holds no contract of ${this.#root}`);
    return { symbol: found.symbol, source: 'volume', note: this.#noteOf(date, before, found) };
  }

  /** Where one contract alone was on file, nothing was compared: the reader must know. */
  #noteOf(date: string, before: string, { symbol, compared }: { symbol: string; compared: number }): string | null {
    if (compared > 1) return null;
    const month = deliveryMonth(this.#root, symbol, before);
    const day = Temporal.PlainDate.from(date);
    const isPast = month !== null && month < day.year * 12 + day.month - 1;
    return (
      `${date}: the lake has ${symbol} alone of ${before}, so its volume was compared with no other contract's` +
      (isPast ? `, and ${symbol} is delivered before ${date}.` : '.')
    );
  }
}
