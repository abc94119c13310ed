/*
 * The headers of WebSocket messages that a server sends whole, neither masked nor compressed (RFC 6455 §5.2). They are the
 * same for every client, so a bin's messages are made ready to send once.
 */

export const opcode = { text: 1, binary: 2 } as const;

/** Bytes of the longest header written here. */
export const maxHeaderBytes = 10;

const isLast = 0x80;
/** In the place of lengths of up to 125: the length follows in 16 or 64 bits. */
const lengthIn = { bits16: 126, bits64: 127 } as const;

/** Bytes of the header of a message of so many bytes. */
export function headerBytes(length: number): number {
  return length < lengthIn.bits16 ? 2 : length < 1 << 16 ? 4 : 10;
}

/** Bytes of the header that starts at `offset`. */
export function headerBytesAt(bytes: Uint8Array, offset: number): number {
  const length = bytes[offset + 1];
  return length === lengthIn.bits64 ? 10 : length === lengthIn.bits16 ? 4 : 2;
}

/** Writes the header of a message of `length` bytes, below 2^32, at `offset`; gives its size in bytes. */
export function writeHeader(
  out: Uint8Array,
  offset: number,
  code: (typeof opcode)[keyof typeof opcode],
  length: number,
): number {
  const size = headerBytes(length);
  out[offset] = isLast | code;
  out[offset + 1] = size === 2 ? length : size === 4 ? lengthIn.bits16 : lengthIn.bits64;
  let rest = length;
  for (let at = offset + size - 1; at > offset + 1; at--) {
    out[at] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
  return size;
}
