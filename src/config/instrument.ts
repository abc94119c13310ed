import { SpymasterError } from '../errors.ts';
import { productRoot } from './product_root.ts';
import { type ProductType, parseRuntimeConfig, type RuntimeConfig } from './runtime.ts';
import { parseYaml } from './yaml.ts';

/**
 * The runtime configuration in the text of an `instrument.yaml` read from `file`.
 * Throws CONFIG_PARSE or CONFIG_INVALID with file, line and key.
 */
export function parseInstrument(text: string, file: string): RuntimeConfig {
  const { value, origin } = parseYaml(text, file);
  return parseRuntimeConfig(value, origin);
}

/** Refuses work on another instrument than the one that the environment is locked to; throws INSTRUMENT_LOCKED. */
export function assertInstrument(
  lock: Pick<RuntimeConfig, 'product_type' | 'symbol'>,
  productType: ProductType,
  symbol: string,
): void {
  if (lock.product_type === productType && lock.symbol === symbol) return;
  throw new SpymasterError(
    'INSTRUMENT_LOCKED',
    `Cannot use ${productType} ${symbol}: this environment is locked to ${lock.product_type} ${lock.symbol} by its ` +
      'instrument.yaml; use that instrument, or point VP_INSTRUMENT_CONFIG_PATH at another one.',
    { productType, symbol, lockedProductType: lock.product_type, lockedSymbol: lock.symbol },
  );
}

/** Refuses work on an instrument of another root: contracts of one root may follow each other. Throws INSTRUMENT_LOCKED. */
export function assertInstrumentRoot(
  lock: Pick<RuntimeConfig, 'product_type' | 'symbol' | 'symbol_root'>,
  productType: ProductType,
  symbol: string,
): void {
  const root = productRoot(productType, symbol);
  if (lock.product_type === productType && (lock.symbol === symbol || lock.symbol_root === root)) return;
  throw new SpymasterError(
    'INSTRUMENT_LOCKED',
    `Cannot use ${productType} ${symbol}: this environment is locked to ${lock.product_type} ${lock.symbol_root} by its ` +
      'instrument.yaml; use a contract of that root, or point VP_INSTRUMENT_CONFIG_PATH at another one.',
    { productType, symbol, lockedProductType: lock.product_type, lockedRoot: lock.symbol_root },
  );
}

const monthCodes = 'FGHJKMNQUVXZ';

/**
 * When an outright contract of a root is delivered, in months since year 0; null for every other symbol. One or two digits
 * name the first such year that is not before that of `date`: a 6 seen in 2026 is 2026, a 5 is 2035.
 */
export function deliveryMonth(root: string, symbol: string, date: string): number | null {
  const code = symbol.startsWith(root) ? symbol.slice(root.length) : '';
  const parts = /^([FGHJKMNQUVXZ])(\d{1,2})$/.exec(code);
  if (parts === null) return null;
  const [, month = '', digits = ''] = parts;
  const yearNow = Temporal.PlainDate.from(date).year;
  const span = 10 ** digits.length;
  const year = yearNow - (yearNow % span) + Number(digits);
  return (year < yearNow ? year + span : year) * 12 + monthCodes.indexOf(month);
}
