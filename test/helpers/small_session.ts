import { encodeMetadata, MboEncoder, type Metadata, mboRecordBytes } from '../../src/dbn/index.ts';
import { mboMetadata } from './mbo_metadata.ts';

/** Metadata of a day of one contract, as `configs/replay.json` replays it. */
export const smallMetadata: Metadata = mboMetadata('MNQH6', 7);

/** A DBN file of `orders` adds, a tenth of a second apart from 09:26 New York on, every third of which is cancelled. */
export function smallSession(orders: number, metadata: Metadata = smallMetadata): Uint8Array {
  const head = encodeMetadata(metadata);
  const encoder = new MboEncoder(new Uint8Array((1 + orders * 2) * mboRecordBytes));
  const common = { publisherId: 1, instrumentId: 7, channelId: 0, flags: 128, tsInDelta: 0 };
  const fields = (at: number, action: string, side: string, orderId: number, price: number, size: number) => {
    const ts = 1_770_387_960_000_000_000n + BigInt(at) * 100_000_000n;
    const sequence = encoder.count + 1;
    encoder.write({
      ...common,
      sequence,
      action,
      side,
      orderId: BigInt(orderId),
      size,
      price: BigInt(price),
      tsEvent: ts,
      tsRecv: ts,
    });
  };
  fields(0, 'R', 'N', 0, 0, 0);
  for (let i = 1; i <= orders; i++) {
    const isBid = i % 2 === 0;
    const price = 25_000_000_000_000 + (isBid ? -1 : 1) * 250_000_000 * (1 + (i % 7));
    fields(i, 'A', isBid ? 'B' : 'A', i, price, 1 + (i % 5));
    if (i % 3 === 0) fields(i, 'C', isBid ? 'B' : 'A', i, price, 1 + (i % 5));
  }
  return new Uint8Array(Buffer.concat([head, encoder.bytes]));
}
