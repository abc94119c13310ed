import type { StarterInstrument } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { ActiveWindow, RawScan } from '../lake/index.ts';
import type { Ask } from './confirm.ts';

/** What the user says instead of the file. */
export interface SaidOfInstrument {
  /** Price units. */
  readonly tick?: number;
  /** Currency per price unit. */
  readonly multiplier?: number;
}

/**
 * Price step and multiplier of a file's symbol, each from the first of: the user, the file's definition records, what is known of the product,
 * for the step the greatest common divisor of the file's prices, an answer. Throws USAGE where none of them says it.
 */
export async function proposedInstrument(
  scan: RawScan,
  { symbol, root }: Pick<ActiveWindow, 'symbol' | 'root'>,
  options: SaidOfInstrument,
  ask: Ask,
): Promise<StarterInstrument> {
  const { contractFacts } = await import('../config/index.ts');
  const { productType } = scan;
  const defined = scan.definitions.get(symbol);
  const known = productType === 'future_mbo' ? contractFacts(root) : { tickSize: 0.01, multiplier: 1 };
  const why = productType === 'future_mbo' ? `as ${root} is specified` : 'as US stocks trade from $1 on';
  const tick =
    given(options.tick, 'as --tick says') ??
    given(defined?.tickSize, "by the file's definition records") ??
    given(known?.tickSize, why) ??
    given(stepOf(scan, symbol), "the greatest common divisor of the file's prices") ??
    (await answered(ask, 'tick', `Price step of ${symbol}, in price units: `, symbol));
  const multiplier =
    given(options.multiplier, 'as --multiplier says') ??
    given(defined?.multiplier, "by the file's definition records") ??
    given(known?.multiplier, why) ??
    (await answered(ask, 'multiplier', `Currency per price unit and contract of ${symbol} (ES: 50): `, symbol));
  return {
    ...{ productType, symbol, root },
    ...{
      tickSize: tick.value,
      tickSource: tick.source,
      multiplier: multiplier.value,
      multiplierSource: multiplier.source,
    },
  };
}

interface Sourced {
  readonly value: number;
  readonly source: string;
}

function given(value: number | null | undefined, source: string): Sourced | null {
  return value === null || value === undefined ? null : { value, source };
}

/** Orders from which a price step can be told. */
const minOrders = 1000;

/** The step of a symbol's prices, over all its sessions; null for too few orders. */
function stepOf({ sessions }: RawScan, symbol: string): number | null {
  const all = sessions.flatMap(({ symbols }) => symbols.filter((each) => each.symbol === symbol));
  const orders = all.reduce((sum, each) => sum + each.orders, 0);
  const steps = all.map(({ priceStepInt }) => priceStepInt).filter((step) => step > 0);
  return orders < minOrders || steps.length === 0 ? null : Math.min(...steps) / 1e9;
}

async function answered(ask: Ask, option: string, question: string, symbol: string): Promise<Sourced> {
  const value = ask === null ? Number.NaN : Number((await ask(question)).trim());
  if (Number.isFinite(value) && value > 0) return { value, source: 'as answered' };
  throw new SpymasterError(
    'USAGE',
    `Cannot tell the ${option === 'tick' ? 'price step' : 'multiplier'} of ${symbol} from the file: give --${option} with a number > 0.`,
    { symbol, option },
  );
}
