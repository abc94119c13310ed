import { once } from 'node:events';
import { createZstdDecompress, type ZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { ZstdFrames, type ZstdSegment } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { Turns } from './turns.ts';

/** Decompressed bytes per chunk. */
const chunkBytes = 1 << 20;
/** Chunks that wait for the consumer before decompression pauses. */
const maxQueued = 3;
/** Frames up to this size that are wholly at hand are decompressed at once: making a stream would cost more. */
const smallFrameBytes = 64 * 1024;
const smallContentBytes = 4 * chunkBytes;

/**
 * Decompresses a zstd stream of any number of frames, one decompressor per frame: Node's own stream may stop behind the
 * first (nodejs/node #64741). Decompression runs on another thread, ahead of the consumer by at most a few chunks.
 *
 * Throws ZSTD_CORRUPT, or DBN_TRUNCATED after everything that was whole, with the compressed byte offset.
 */
export async function* zstdChunks(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const frames = new ZstdFrames();
  const turns = new Turns();
  let stream: FrameStream | null = null;
  try {
    for await (const chunk of compressed) {
      frames.push(chunk);
      for (let segment = frames.next(); segment !== null; segment = frames.next()) {
        if (segment.skippable || segment.isEmpty) continue;
        const whole: Uint8Array | null = stream === null ? decompressWhole(segment) : null;
        if (whole !== null) {
          if (whole.length > 0) yield whole;
          if (turns.isDue) await turns.take();
          continue;
        }
        stream ??= new FrameStream(segment.frameOffset);
        stream.write(segment.bytes);
        for (let out = await stream.next(); out !== null; out = await stream.next()) {
          yield out;
          // Of a frame that expands to far more than was read, many chunks come without a wait between them.
          if (turns.isDue) await turns.take();
        }
        if (segment.endsFrame) {
          stream.close();
          stream = null;
        }
      }
    }
    frames.end();
  } finally {
    stream?.close();
  }
}

/** The content of a small frame that is wholly in `segment`; null when it is not, or its content is large. */
function decompressWhole(segment: ZstdSegment): Uint8Array | null {
  if (!segment.startsFrame || !segment.endsFrame || segment.bytes.length > smallFrameBytes) return null;
  try {
    return zstdDecompressSync(segment.bytes, { maxOutputLength: smallContentBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return null;
    throw corrupt(segment.frameOffset, cause);
  }
}

/** One frame's decompressor as a pull source: `write` a segment, then `next` until it gives null. */
class FrameStream {
  readonly #stream: ZstdDecompress;
  readonly #frameOffset: number;
  readonly #queue: Uint8Array[] = [];
  #writing = false;
  #failure: unknown = null;

  constructor(frameOffset: number) {
    this.#frameOffset = frameOffset;
    this.#stream = createZstdDecompress({ chunkSize: chunkBytes });
    this.#stream.on('data', (chunk: Uint8Array) => {
      this.#queue.push(chunk);
      if (this.#queue.length >= maxQueued) this.#stream.pause();
      this.#stream.emit('progress');
    });
    this.#stream.on('error', (cause) => {
      this.#failure = cause;
      this.#stream.emit('progress');
    });
  }

  /** Takes compressed bytes, which stay unchanged until `next` gives null. */
  write(bytes: Uint8Array): void {
    this.#writing = true;
    this.#stream.write(bytes, () => {
      this.#writing = false;
      this.#stream.emit('progress');
    });
  }

  /** The next decompressed chunk; null when all bytes written are decompressed and handed out. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk !== undefined) {
        if (this.#queue.length === 0 && this.#stream.isPaused()) this.#stream.resume();
        return chunk;
      }
      if (this.#failure !== null) throw corrupt(this.#frameOffset, this.#failure);
      if (!this.#writing && this.#stream.readableLength === 0) return null;
      if (this.#stream.isPaused()) this.#stream.resume();
      await once(this.#stream, 'progress');
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}

function corrupt(frameOffset: number, cause: unknown): SpymasterError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpymasterError(
    'ZSTD_CORRUPT',
    `Cannot decompress the zstd frame that starts at compressed byte ${frameOffset}: ${why}. ` +
      'The file is damaged: fetch it again.',
    { byteOffset: frameOffset },
    cause,
  );
}
