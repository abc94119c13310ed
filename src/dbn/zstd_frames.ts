import { SpymasterError } from '../errors.ts';
import { plainBytes } from './plain_bytes.ts';

const zstdMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** Bytes of the dictionary id and content size fields, by the frame descriptor's two-bit codes. */
const dictionaryIdBytes = [0, 1, 2, 4] as const;
const contentSizeBytes = [0, 2, 4, 8] as const;

/** Largest window that is decompressed, as zstd itself has it by default: a decompressor holds one in memory. */
const maxWindowBytes = 128 * 1024 * 1024;

type State = 'magic' | 'descriptor' | 'header' | 'block header' | 'block' | 'checksum' | 'skippable size' | 'skippable';

/** A part of one zstd frame. */
export interface ZstdSegment {
  /** Compressed bytes, a view into the pushed chunk or into memory of the splitter: valid until the next call. */
  readonly bytes: Uint8Array;
  /** Offset of the frame's first byte in the compressed stream. */
  readonly frameOffset: number;
  /** True when these are the first, or the last, bytes of the frame. */
  readonly startsFrame: boolean;
  readonly endsFrame: boolean;
  /** True for a skippable frame, which holds no data for the decompressor. */
  readonly skippable: boolean;
  /** True when the whole frame is at hand in `bytes`, its content is empty, and so its header says. */
  readonly isEmpty: boolean;
}

/**
 * Splits a zstd stream into its frames by walking frame and block headers; does no I/O and decompresses nothing.
 *
 * Each `push` is followed by `next` until it returns null, as with `DbnDecoder`. Feed the segments of one frame to one
 * decompressor and start another behind `endsFrame`: so every frame of a multi-frame file is read, and `end` can say
 * at which compressed byte a file was cut. The frame format is RFC 8878.
 */
export class ZstdFrames {
  #chunk: Uint8Array = new Uint8Array(0);
  #position = 0;
  /** Offset of the chunk's first byte in the compressed stream. */
  #chunkOffset = 0;
  #frameOffset = 0;
  #inFrame = false;
  #skippable = false;
  #hasChecksum = false;
  #isLastBlock = false;
  #hasContent = false;
  /** The frame header's descriptor, and its bytes behind it. */
  #descriptor = 0;
  readonly #header = new Uint8Array(14);
  /** A frame's first bytes where they come in several chunks. */
  readonly #magic = new Uint8Array(4);

  #state: State = 'magic';
  /** Bytes that the state still waits for, and the little-endian value of a field of up to 4 bytes so far. */
  #wanted = 4;
  #value = 0;
  #shift = 0;

  /** Offset in the compressed stream of the first byte that has not been handed out. */
  get byteOffset(): number {
    return this.#chunkOffset + this.#position;
  }

  push(chunk: Uint8Array): void {
    this.#chunkOffset += this.#position;
    this.#chunk = plainBytes(chunk);
    this.#position = 0;
  }

  /** The next part of a frame, or null when more bytes are needed. Throws ZSTD_CORRUPT with the compressed byte offset. */
  next(): ZstdSegment | null {
    const chunk = this.#chunk;
    const start = this.#position;
    if (start === chunk.length) return null;
    const startsFrame = !this.#inFrame;
    if (startsFrame) {
      this.#frameOffset = this.#chunkOffset + start;
      this.#hasContent = false;
    }
    this.#inFrame = true;
    // Whether a frame is a skippable one shows in its first four bytes: they are handed out together.
    if (this.#state === 'magic' && (this.#wanted < 4 || chunk.length - start < 4)) return this.#nextCutMagic();
    let position = start;
    while (position < chunk.length && this.#inFrame) {
      if (this.#state === 'block' || this.#state === 'skippable' || this.#state === 'header') {
        const taken = Math.min(this.#wanted, chunk.length - position);
        if (this.#state === 'header') {
          const bytes = headerBytesOf(this.#descriptor);
          this.#header.set(chunk.subarray(position, position + taken), bytes - this.#wanted);
        }
        position += taken;
        this.#wanted -= taken;
      } else {
        this.#value += chunk[position]! * 2 ** this.#shift;
        this.#shift += 8;
        position++;
        this.#wanted--;
      }
      if (this.#wanted === 0) this.#advance(this.#chunkOffset + position);
    }
    this.#position = position;
    return {
      bytes: chunk.subarray(start, position),
      frameOffset: this.#frameOffset,
      startsFrame,
      endsFrame: !this.#inFrame,
      skippable: this.#skippable,
      isEmpty: startsFrame && !this.#inFrame && !this.#hasContent,
    };
  }

  /** A frame's first four bytes where they come in several chunks, or null when they are not all there. */
  #nextCutMagic(): ZstdSegment | null {
    for (; this.#position < this.#chunk.length && this.#wanted > 0; this.#wanted--, this.#position++) {
      const byte = this.#chunk[this.#position]!;
      this.#magic[4 - this.#wanted] = byte;
      this.#value += byte * 2 ** this.#shift;
      this.#shift += 8;
    }
    if (this.#wanted > 0) return null;
    this.#advance(this.byteOffset);
    return {
      bytes: this.#magic,
      frameOffset: this.#frameOffset,
      startsFrame: true,
      endsFrame: false,
      skippable: this.#skippable,
      isEmpty: false,
    };
  }

  /** Says that the stream is over. Throws DBN_TRUNCATED with the compressed byte offset when that is inside a frame. */
  end(): void {
    if (!this.#inFrame) return;
    const { byteOffset } = this;
    throw new SpymasterError(
      'DBN_TRUNCATED',
      `Cannot decompress the zstd frame that starts at byte ${this.#frameOffset}: the file ends inside it, at compressed ` +
        `byte ${byteOffset}. The file was cut: fetch it again.`,
      { byteOffset, frameOffset: this.#frameOffset },
    );
  }

  #enter(state: State, wanted: number): void {
    this.#state = state;
    this.#wanted = wanted;
    this.#value = 0;
    this.#shift = 0;
  }

  /** Goes on from a state whose bytes are all there; `offset` is the stream offset behind them. */
  #advance(offset: number): void {
    const value = this.#value;
    switch (this.#state) {
      case 'magic':
        this.#skippable = value - (value % 16) === skippableMagic;
        if (this.#skippable) this.#enter('skippable size', 4);
        else if (value === zstdMagic) this.#enter('descriptor', 1);
        else throw corrupt(offset - 4, `expected a zstd frame, got the bytes 0x${value.toString(16)}`);
        break;
      case 'descriptor':
        this.#enterHeader(value, offset);
        break;
      case 'header':
        this.#checkWindow();
        // Whether what the header promises is there is for a decompressor to say.
        this.#hasContent = this.#hasChecksum || contentBytesOf(this.#descriptor, this.#header) > 0;
        this.#enter('block header', 3);
        break;
      case 'block header':
        this.#enterBlock(value, offset);
        break;
      case 'block':
        this.#endBlock();
        break;
      case 'skippable size':
        if (value === 0) this.#endFrame();
        else this.#enter('skippable', value);
        break;
      case 'checksum':
      case 'skippable':
        this.#endFrame();
        break;
    }
  }

  #enterBlock(header: number, offset: number): void {
    this.#isLastBlock = (header & 1) === 1;
    const type = (header >> 1) & 3;
    if (type === 3) throw corrupt(offset - 3, 'expected a block of type 0, 1 or 2, got the reserved type 3');
    // A block of type 1 repeats one byte; its size is that of the content.
    const bytes = type === 1 ? 1 : header >> 3;
    // Decompressors differ here: some pass over such a block.
    if (type === 2 && bytes === 0) throw corrupt(offset - 3, 'expected a compressed block to have bytes, got none');
    if (header >> 3 !== 0) this.#hasContent = true;
    if (bytes === 0) this.#endBlock();
    else this.#enter('block', bytes);
  }

  #enterHeader(descriptor: number, offset: number): void {
    if ((descriptor & 8) !== 0) throw corrupt(offset - 1, 'expected the reserved bit of a zstd frame to be 0');
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#descriptor = descriptor;
    this.#enter('header', headerBytesOf(descriptor));
  }

  /** Throws DBN_UNSUPPORTED for a frame whose window would take too much memory. */
  #checkWindow(): void {
    const windowBytes = windowBytesOf(this.#descriptor, this.#header);
    if (windowBytes <= maxWindowBytes) return;
    const mebibytes = Math.ceil(windowBytes / (1 << 20));
    throw new SpymasterError(
      'DBN_UNSUPPORTED',
      `Cannot decompress the zstd frame that starts at compressed byte ${this.#frameOffset}: it needs a window of ` +
        `${mebibytes} MiB (zstd --long), and at most ${maxWindowBytes >> 20} MiB are read; compress the file anew, ` +
        'with `zstd -dc --long=31 FILE | zstd -o NEW_FILE`.',
      { byteOffset: this.#frameOffset, windowBytes, limitBytes: maxWindowBytes },
    );
  }

  #endBlock(): void {
    if (!this.#isLastBlock) this.#enter('block header', 3);
    else if (this.#hasChecksum) this.#enter('checksum', 4);
    else this.#endFrame();
  }

  #endFrame(): void {
    this.#inFrame = false;
    this.#enter('magic', 4);
  }
}

function isSingleSegment(descriptor: number): boolean {
  return (descriptor & 32) !== 0;
}

function sizeBytesOf(descriptor: number): number {
  const code = (descriptor >> 6) as 0 | 1 | 2 | 3;
  return isSingleSegment(descriptor) && code === 0 ? 1 : contentSizeBytes[code];
}

/** Bytes of a frame's header behind its descriptor. */
function headerBytesOf(descriptor: number): number {
  const idBytes = dictionaryIdBytes[(descriptor & 3) as 0 | 1 | 2 | 3];
  return (isSingleSegment(descriptor) ? 0 : 1) + idBytes + sizeBytesOf(descriptor);
}

/** Bytes of a frame's window: of a single segment, its content; RFC 8878, 3.1.1.1.2. */
function windowBytesOf(descriptor: number, header: Uint8Array): number {
  if (isSingleSegment(descriptor)) return contentBytesOf(descriptor, header);
  const base = 2 ** (10 + (header[0]! >> 3));
  return base + (base / 8) * (header[0]! & 7);
}

/** Bytes of a frame's content as its header says; 0 where it does not. */
function contentBytesOf(descriptor: number, header: Uint8Array): number {
  const sizeBytes = sizeBytesOf(descriptor);
  const from = headerBytesOf(descriptor) - sizeBytes;
  let size = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + header[from + i]!;
  return sizeBytes === 2 ? size + 256 : size;
}

function corrupt(byteOffset: number, what: string): SpymasterError {
  return new SpymasterError('ZSTD_CORRUPT', `Cannot read zstd data at compressed byte ${byteOffset}: ${what}.`, {
    byteOffset,
  });
}
