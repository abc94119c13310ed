import { formatDurationS, formatFixed } from '../format.ts';

/** A share as people read it: 0.00314 → `0.31 %`, 0 → `0 %`; a dash where it is not defined. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  if (share === 0 || share === 1) return `${share * 100} %`;
  const value = share * 100;
  if (value < 0.01) return '< 0.01 %';
  if (value > 99.99) return '> 99.99 %';
  return `${value < 1 || value > 99 ? value.toFixed(2) : value.toFixed(1)} %`;
}

/** A length of time in nanoseconds: 1234 → `1.2 µs`, 4.1e10 → `41 s`. */
export function duration(ns: number): string {
  if (!Number.isFinite(ns)) return '–';
  if (ns < 0) return `−${duration(-ns)}`;
  if (ns < 1000) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${significant(ns / 1e3)} µs`;
  if (ns < 1e9) return `${significant(ns / 1e6)} ms`;
  return formatDurationS(ns / 1e9);
}

/** A number in three significant figures, with a real minus sign; a dash where it is not defined. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const magnitude = Math.abs(value);
  const text =
    magnitude >= 100 ? Math.round(magnitude).toLocaleString('en-US') : String(Number(magnitude.toPrecision(3)));
  return value < 0 && text !== '0' ? `−${text}` : text;
}

/** New York clock time of a moment, UNIX nanoseconds: `10:02:11.250`. */
export function clockTime(unixNs: bigint, digits: 0 | 3 = 3): string {
  const at = Temporal.Instant.fromEpochNanoseconds(unixNs).toZonedDateTimeISO('America/New_York');
  return at.toPlainTime().toString({ fractionalSecondDigits: digits });
}

/** A skill or a gain as a share, with its sign: 0.042 → `+4.2 %`, −1.652 → `−165 %`. */
export function signedPercent(share: number): string {
  const value = share * 100;
  return `${formatFixed(value, Math.abs(value) >= 100 ? 0 : 1, true)} %`;
}

/** The ends of an interval; a dash where it is not defined. */
export function rangeText(
  { low, high }: { readonly low: number; readonly high: number },
  text: (value: number) => string,
): string {
  return Number.isFinite(low) ? `${text(low)} to ${text(high)}` : '–';
}

/** A whole number with thin spaces between thousands: 12480 → `12 480`. */
export function thinCount(count: number): string {
  return Number.isFinite(count) ? Math.round(count).toLocaleString('en-US').replaceAll(',', '\u202f') : '–';
}

/** A probability: 0.0123 → `0.012`, 0.000312 → `3e-4`; a dash where there is none. */
export function probability(p: number | null): string {
  if (p === null || !Number.isFinite(p)) return '–';
  if (p < 0.5e-4) return '< 1e-4';
  if (p < 0.95e-3) return `${Math.round(p * 1e4)}e-4`;
  return p > 0.9995 ? '> 0.999' : p.toFixed(3);
}
