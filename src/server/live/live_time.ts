/** UNIX milliseconds as nanoseconds in decimal, to the microsecond. */
export function nsText(unixMs: number): string {
  return String(BigInt(Math.round(unixMs * 1e3)) * 1000n);
}
