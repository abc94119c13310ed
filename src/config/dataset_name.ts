import type { SessionCapture } from './pipeline_spec.ts';

/**
 * The capture that a name SYMBOL_DATE_START_END stands for, such as mnqh6_20260206_0925_1025; more may stand behind. Null for
 * every other name.
 */
export function parseDatasetName(name: string): SessionCapture | null {
  const parts = /^([a-z0-9]+)_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})_(\d{2})(\d{2})(?:_|$)/i.exec(name);
  if (parts === null) return null;
  const [, symbol = '', year, month, day, h0, m0, h1, m1] = parts;
  return {
    symbol: symbol.toUpperCase(),
    dt: `${year}-${month}-${day}`,
    start_time: `${h0}:${m0}`,
    end_time: `${h1}:${m1}`,
  };
}
