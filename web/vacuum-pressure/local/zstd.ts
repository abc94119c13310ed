import { Decompress } from 'fzstd';
import { ZstdFrames } from '../../../src/dbn/index.ts';
import { SpymasterError } from '../../../src/errors.ts';

/** Decompresses a zstd stream of any number of frames as it comes; throws ZSTD_CORRUPT and DBN_TRUNCATED. */
export async function* decompressZstd(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  const parts: Uint8Array[] = [];
  let decompress: Decompress | null = null;
  for await (const chunk of compressed) {
    frames.push(chunk);
    for (let segment = frames.next(); segment !== null; segment = frames.next()) {
      if (segment.skippable || segment.isEmpty) continue;
      if (segment.startsFrame || decompress === null) decompress = new Decompress((part) => parts.push(part));
      try {
        decompress.push(segment.bytes.slice(), segment.endsFrame);
      } catch (cause) {
        throw new SpymasterError(
          'ZSTD_CORRUPT',
          `Cannot decompress the zstd frame at byte ${segment.frameOffset}: its content is damaged; fetch the file again.`,
          { byteOffset: segment.frameOffset },
          cause,
        );
      }
      // Views into the decompressor's window: a copy outlives its next push.
      for (const part of parts.splice(0)) if (part.length > 0) yield part.slice();
    }
  }
  frames.end();
}
