/**
 * The same memory as a plain Uint8Array. Node's Buffer is one too, but its `slice` gives a view where everyone else's
 * gives a copy.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
