import { formatCount, noNumber } from '../../shared/numbers.ts';

/** A number with a fixed count of decimals and a real minus sign; a dash for none. */
export function fixed(value: number | null, decimals: number): string {
  if (value === null || !Number.isFinite(value)) return noNumber;
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

export const percent = (value: number | null, decimals = 1) =>
  value === null ? noNumber : `${fixed(value * 100, decimals)} %`;

/** As `fixed`, with a plus sign for gains. */
export const signed = (value: number | null, decimals: number) =>
  value !== null && value > 0 && Number(value.toFixed(decimals)) > 0
    ? `+${fixed(value, decimals)}`
    : fixed(value, decimals);

export const count = (value: number | null) => (value === null ? noNumber : formatCount(value));

/** A probability: three decimals, and small ones named as such. */
export function probability(value: number | null): string {
  if (value === null) return noNumber;
  return value < 0.001 ? '<0.001' : fixed(value, 3);
}

/** Names that begin alike end differently: what is too long loses its middle. */
export function middleCut(name: string): string {
  // Of datasets the instrument, the date and the times tell them apart, of their hash the end.
  const session = /^[a-z0-9.]+_\d{8}(_\d{4}_\d{4})?(?=_)/i.exec(name)?.[0];
  if (session !== undefined && name.length > session.length + 6) return `${session}…${name.slice(-4)}`;
  return name.length <= 20 ? name : `${name.slice(0, 10)}…${name.slice(-8)}`;
}

/** ISO 8601 to `2026-02-06 14:30:05`, UTC as it is. */
export const utcTime = (iso: string) => iso.slice(0, 19).replace('T', ' ');

/** A parameter as a spec would write it. */
export function parameter(value: unknown): string {
  if (value === undefined || value === null) return noNumber;
  if (typeof value === 'number') return String(value).replace('-', '−');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Milliseconds as the largest fitting unit. */
export function duration(ms: number | null): string {
  if (ms === null) return noNumber;
  if (ms < 1000) return `${fixed(ms, 0)} ms`;
  if (ms < 60_000) return `${fixed(ms / 1000, 1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${fixed((ms % 60_000) / 1000, 0)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
}
