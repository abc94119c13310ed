import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { assert } from '../errors.ts';

/** Any value of YAML and JSON. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * JSON text of `value` that depends on its content alone: keys sorted by code unit, no spaces, numbers as
 * ECMAScript's shortest round-trip form (RFC 8785), absent optional keys left out. Equal text means equal content.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${entries.join(',')}}`;
  }
  assert(typeof value !== 'number' || Number.isFinite(value), 'canonical JSON holds finite numbers only');
  const text = JSON.stringify(value);
  assert(text !== undefined, `canonical JSON cannot hold a ${typeof value}`);
  return text;
}

/** SHA-256 of bytes, or of a text's UTF-8, as 64 lower-case hex digits. */
export function sha256Hex(content: Uint8Array | string): string {
  return bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content));
}

/** The first `digits` hex digits of the SHA-256 of `value`'s canonical JSON: a name for content, whatever its key order. */
export function contentHash(value: unknown, digits: number): string {
  return sha256Hex(canonicalJson(value)).slice(0, digits);
}
