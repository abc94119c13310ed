import type { Layout } from '../../src/dbn/index.ts';
import { seeded } from '../helpers/seeded.ts';

/**
 * Seeded records of a layout with random bytes in every field (zeros between fields): among them undefined and extreme
 * prices and times, empty and full-length text, control characters in text.
 */
export function randomRecords(layout: Layout, count: number, tsOut: boolean, seed: number): Uint8Array[] {
  const draw = seeded(seed);
  const random = (below: number): number => Math.floor(draw() * below);
  return Array.from({ length: count }, (_, number) => {
    const bytes = new Uint8Array(layout.recordBytes + (tsOut ? 8 : 0));
    const view = new DataView(bytes.buffer);
    if (tsOut) for (let at = layout.recordBytes; at < bytes.length; at++) bytes[at] = random(256);
    for (const { type, offset, bytes: size } of [layout.fields, ...layout.levels].flat()) {
      for (let at = offset; at < offset + size; at++) bytes[at] = random(256);
      if (type === 'char') bytes[offset] = 65 + random(26);
      if (type === 'cstr') {
        const length = random(size);
        for (let at = 0; at < size; at++) {
          const character = number % 7 === 3 ? 1 + random(127) : 32 + random(95);
          bytes[offset + at] = at < length ? character : 0;
        }
      }
      if (type === 'price' && number % 3 === 1) view.setBigInt64(offset, 2n ** 63n - 1n, true);
      if (type === 'price' && number % 6 === 2)
        view.setBigInt64(offset, BigInt(random(2001) - 1000) * 1_234_567n, true);
      if (type === 'timestamp' && number % 3 === 1) view.setBigUint64(offset, 2n ** 64n - 1n, true);
      if (type === 'timestamp' && number % 6 === 2) view.setBigUint64(offset, 0n, true);
    }
    bytes[0] = bytes.length / 4;
    bytes[1] = layout.rtypes[0]!;
    return bytes;
  });
}
