/** The thin space that parts thousands and units; lines do not break at it. */
export const thinSpace = '\u202f';
/** Stands for a number that is not there. */
export const noNumber = '–';
/** Stands for a size that is below a thousandth of its scale. */
const almostZero = '≈ 0';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const sign = (value: number) => (value < 0 ? '−' : '');

/** A whole number with thin-space thousands: `12 480`, `−3`. */
export function formatCount(count: number | bigint): string {
  return grouped.format(count).replaceAll(',', thinSpace).replace('-', '−');
}

/** `1 run`, `12 480 runs`. */
export const plural = (count: number, singular: string, several = `${singular}s`): string =>
  `${formatCount(count)} ${count === 1 ? singular : several}`;

const suffixes = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Four digits with the suffix of the thousands: `124.8 k`, `1.248 M`. */
function shortened(size: number, digits: number): string {
  // Rounding may carry into the next suffix.
  const rounded = Number(size.toPrecision(digits));
  for (const [scale, suffix] of suffixes) {
    if (rounded < scale) continue;
    const share = rounded / scale;
    return `${share < 1000 ? share.toPrecision(digits) : formatCount(Math.round(share))}${thinSpace}${suffix}`;
  }
  return String(rounded);
}

/** A quantity of contracts or shares: whole, `12 480`; from 100,000 on `124.8 k`. */
export function formatQuantity(value: number): string {
  if (Number.isNaN(value)) return noNumber;
  const size = Math.abs(value);
  return size < 99_999.5 ? formatCount(Math.round(value)) : `${sign(value)}${shortened(size, 4)}`;
}

/**
 * A measured value to three digits: `0.0123`, `12.3`, `1 235`, `124.8 k`; `≈ 0` below a thousandth of `scale`, the size
 * that is large for it. Never in powers of ten.
 */
export function formatValue(value: number, scale = 0.1): string {
  if (Number.isNaN(value)) return noNumber;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < Math.max(scale / 1000, 1e-6)) return almostZero;
  if (size >= 999.5) return formatQuantity(value);
  const text = Number.isInteger(value) ? String(size) : String(Number(size.toPrecision(3)));
  return `${sign(value)}${text}`;
}

/** As `formatValue`, with a sign, for quantities that go both ways. */
export function formatSigned(value: number, scale?: number): string {
  const text = formatValue(value, scale);
  return value > 0 && text !== almostZero ? `+${text}` : text;
}

/** A number of a fixed number of decimals, with a sign; columns of it stay aligned. */
export function formatFixed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return noNumber;
  const text = Math.abs(value).toFixed(decimals);
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/** A score: signed, two decimals, `≈ 0` below a thousandth of its scale; one whose scale is 100 or more without decimals. */
export function formatScore(value: number, scale = 1): string {
  if (Number.isNaN(value)) return noNumber;
  const size = Math.abs(value);
  if (size !== 0 && size < scale / 1000) return almostZero;
  if (scale >= 100) return formatSigned(Math.round(value), scale);
  return formatFixed(value, 2);
}

/** A rate to three digits with its unit: `1.45 k/s`, `0.32 /s`, `12 /s`. */
export function formatRate(perSecond: number, unit = ''): string {
  if (Number.isNaN(perSecond)) return noNumber;
  const size = Math.abs(perSecond);
  const text = size >= 999.5 ? shortened(size, 3) : `${formatValue(size)}${thinSpace}`;
  return `${sign(perSecond)}${text}${unit}/s`;
}

/** A share of one as per cent: `12 %`. */
export function formatShare(share: number): string {
  return Number.isNaN(share) ? noNumber : `${Math.round(share * 100)}${thinSpace}%`;
}

/** A price with the instrument's decimals; an en dash where there is none. */
export function formatPriceNumber(price: number, decimals: number): string {
  if (Number.isNaN(price)) return noNumber;
  const text = Math.abs(price).toFixed(decimals);
  return price < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The price of `tick` ticks, as `formatPriceNumber`. */
export function formatPrice(tick: number, tickInt: number, decimals: number): string {
  return formatPriceNumber((tick * tickInt) / 1e9, decimals);
}
