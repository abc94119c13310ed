/** Copies a column that is full into a larger one. */
export function enlarged<T extends Float64Array | Int32Array | Uint8Array>(full: T, larger: T): T {
  larger.set(full);
  return larger;
}
