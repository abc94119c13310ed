import { snakeCase } from '../name_case.ts';

/**
 * A report as plain JSON: names in snake_case, numbers that are not whole rounded to six significant digits, what is not
 * defined (NaN, infinite) null. The same report gives the same bytes.
 */
export function toJson(value: unknown): unknown {
  if (typeof value === 'number') return plainNumber(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, toJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [snakeCase(name), toJson(item)]));
}

function plainNumber(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}
