import { assertInstrument, defaultRuntimeConfig, productRoot, type RuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { instrumentPath, readInstrument } from '../lake/index.ts';

/** The instrument lock's fields; throws INSTRUMENT_LOCKED for another symbol. */
export async function lockedRuntime(symbol: string | undefined): Promise<RuntimeConfig> {
  const lock = await readInstrument(instrumentPath(process.env));
  if (symbol !== undefined) assertInstrument(lock, lock.product_type, symbol);
  return lock;
}

/** The instrument lock's fields if there is one for this symbol, and the defaults of a future elsewhere. */
export async function runtimeOf(symbol: string): Promise<RuntimeConfig> {
  const own = await lockedRuntimeOf(symbol);
  return own ?? { ...defaultRuntimeConfig, symbol, symbol_root: productRoot('future_mbo', symbol) };
}

/** The instrument lock's fields if there is one for this symbol, else null. */
export async function lockedRuntimeOf(symbol: string): Promise<RuntimeConfig | null> {
  const own = await readInstrument(instrumentPath(process.env)).catch((error: unknown) => {
    if (error instanceof SpymasterError && error.code === 'FILE_NOT_FOUND') return null;
    throw error;
  });
  return own?.symbol === symbol ? own : null;
}
