/** Bytes at a time: `for await` over a file, a socket, or a `fetch` response's body. */
export type ByteSource = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** Bytes that can be read from any offset, and again: a file, a Blob. */
export interface SeekableSource {
  /** The bytes from `byteOffset` on; a chunk stays as it is until the next but one is asked for. */
  readFrom(byteOffset: number): AsyncIterable<Uint8Array>;
}

export type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

/** The chunks of a source, one after the other; of a seekable one from its first byte. */
export async function* chunksOf(source: ByteSource | SeekableSource): Chunks {
  if ('readFrom' in source) {
    yield* source.readFrom(0);
    return;
  }
  if (Symbol.asyncIterator in source) {
    yield* source;
    return;
  }
  // Some browsers cannot iterate a ReadableStream yet.
  const reader = (source as ReadableStream<Uint8Array>).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.releaseLock();
  }
}

/** `head` and as many chunks as it takes to have `count` bytes, or all there are; a copy. */
export async function takeBytes(
  chunks: AsyncIterator<Uint8Array>,
  head: Uint8Array,
  count: number,
): Promise<Uint8Array> {
  const parts = [head];
  let have = head.length;
  while (have < count) {
    const { value: chunk, done } = await chunks.next();
    if (done) break;
    parts.push(new Uint8Array(chunk));
    have += chunk.length;
  }
  return parts.length === 1 ? head : concat(parts);
}

/** `head`, then the chunks. */
export async function* prepend(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): Chunks {
  try {
    if (head.length > 0) yield head;
    for (let part = await chunks.next(); !part.done; part = await chunks.next()) yield part.value;
  } finally {
    await chunks.return?.();
  }
}

export async function* once(bytes: Uint8Array): Chunks {
  yield bytes;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
