import { contractFacts, parseYaml, productRoot, starterRuntime } from '../../../src/config/index.ts';
import type { FileFacts } from './file_probe.ts';
import type { FileRequest } from './worker_messages.ts';

/** The symbol that an instrument file or a replay configuration names; null for one that names none, or cannot be read. */
export function symbolIn(configText: string, configName: string): string | null {
  try {
    const { value } = parseYaml(configText, configName);
    const fields = (value ?? {}) as { symbol?: unknown; runtime?: { symbol?: unknown } };
    const symbol = fields.runtime?.symbol ?? fields.symbol;
    return typeof symbol === 'string' ? symbol : null;
  } catch {
    // The replay says it, with the line.
    return null;
  }
}

/** The instrument of a configuration with which a file cannot be replayed, since the file has others; null otherwise. */
export function mismatch(facts: FileFacts | null, configSymbol: string | null): string | null {
  if (facts === null || facts.symbols.length === 0 || configSymbol === null) return null;
  return facts.symbols.some(({ symbol }) => symbol === configSymbol) ? null : configSymbol;
}

/**
 * The configuration of an instrument of the file with default settings, where none is given or the given one is of another.
 * Throws CONFIG_INVALID for a tick size that no instrument can have.
 */
export function defaultConfig(
  { productType }: FileFacts,
  symbol: string,
  tickSize: number,
): Pick<FileRequest, 'configName' | 'configText'> {
  const root = productRoot(productType, symbol);
  const multiplier = contractFacts(root)?.multiplier ?? 1;
  const sources = { tickSource: '', multiplierSource: '' };
  const runtime = starterRuntime({ productType, symbol, root, tickSize, multiplier, ...sources });
  return { configName: `the instrument ${symbol}`, configText: JSON.stringify({ runtime }) };
}
