import {
  deliveryMonth,
  type ExchangeCalendar,
  type ProductType,
  previousTradingDate,
  productRoot,
} from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Lake, RawFolder } from '../lake/index.ts';
import { mergeVolumes, mostTraded, type VolumeFacts, type Volumes } from './contract_volumes.ts';
import type { ReadOptions } from './file_facts.ts';
import type { ContractSource } from './session_plan.ts';
import { type ContractsByDate, readVendorContracts } from './vendor_contracts.ts';

/** The contract of a session, or why it is not known. */
export type ContractChoice =
  | { readonly symbol: string; readonly source: ContractSource; readonly note: string | null }
  | { readonly symbol: null; readonly fileDate: string; readonly reason: string };

export interface RuleOptions extends ReadOptions {
  /** Answers of the vendor beside those that the lake keeps. */
  readonly vendorContracts?: ContractsByDate;
}

interface ContractRuleOptions extends RuleOptions {
  readonly lake: Lake;
  readonly files: RawFolder;
  readonly volumes: VolumeFacts;
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
  readonly #root: string;
  #kept: Promise<ContractsByDate> | undefined;

  constructor(options: ContractRuleOptions) {
    this.#options = options;
    this.#root = productRoot(options.productType, options.symbol);
  }

  /**
   * The contract of the session of a date. A file that cannot be read is a reason too. Throws what reading the
   * vendor's answers throws.
   */
  async choose(date: string): Promise<ContractChoice> {
    const { calendar } = this.#options;
    const before = previousTradingDate(calendar, date);
    const found = await this.#mostTraded(before);
    if (typeof found !== 'string' && found.compared > 1) return { symbol: found.symbol, source: 'volume', note: null };
    const vendor = (await this.#vendorContracts()).get(date);
    if (vendor !== undefined) return { symbol: vendor, source: 'vendor', note: null };
    if (typeof found === 'string') return { symbol: null, fileDate: before, reason: found };
    return { symbol: found.symbol, source: 'single', note: this.#noteOf(date, before, found.symbol) };
  }

  async #mostTraded(before: string): Promise<NonNullable<ReturnType<typeof mostTraded>> | string> {
    const files = this.#options.files.on(before);
    if (files.size === 0) {
      return `the volumes of ${before}, the exchange session before, need a raw file of ${this.#root} of that date`;
    }
    const [contract = '', ...others] = files.keys();
    if (others.length === 0 && contract !== '') return { symbol: contract, compared: 1 };
    const volumes: Volumes[] = [];
    for (const file of files.values()) {
      if (typeof file !== 'string') {
        const names = file.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
        return `of ${before}, whose volumes are needed, these files fit equally well: ${names}; keep one of them`;
      }
      try {
        volumes.push(await this.#options.volumes.of(file, this.#options));
      } catch (error) {
        if (error instanceof SpymasterError) return error.message.replace(/\.$/, '');
        throw error;
      }
    }
    return (
      mostTraded(this.#root, mergeVolumes(volumes), before) ??
      `the raw file of ${before} holds no contract of ${this.#root}`
    );
  }

  async #vendorContracts(): Promise<ContractsByDate> {
    const { lake, productType, symbol, vendorContracts } = this.#options;
    this.#kept ??= readVendorContracts(lake, productType, symbol);
    return new Map([...(await this.#kept), ...(vendorContracts ?? [])]);
  }

  /** Where one contract alone is on file, nothing was compared: the reader must know. */
  #noteOf(date: string, before: string, symbol: string): string {
    const month = deliveryMonth(this.#root, symbol, before);
    const day = Temporal.PlainDate.from(date);
    const isPast = month !== null && month < day.year * 12 + day.month - 1;
    return (
      `${date}: the lake has ${symbol} alone of ${before}, so its volume was compared with no other contract's` +
      (isPast ? `, and ${symbol} is delivered before ${date}.` : '.')
    );
  }
}
