import { equal, ok } from 'node:assert/strict';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ZstdFrames } from '../../src/dbn/index.ts';
import { SpymasterError } from '../../src/errors.ts';
import { zstdChunks } from '../../src/files/index.ts';
import { seeded } from '../helpers/seeded.ts';
import { smallSession } from '../helpers/small_session.ts';
import { below, join, mutateBytes, seedOf } from './mutate.ts';
import type { Random, Target } from './target.ts';

/** Zstd streams: one frame and several, with and without checksum and content size, skippable and empty frames. */
export function makeTarget(kept: readonly Uint8Array[]): Target {
  const corpus = [...streams(), ...kept];
  return {
    corpus,
    codes: ['ZSTD_CORRUPT', 'DBN_TRUNCATED', 'DBN_UNSUPPORTED'],
    mutate: (random) => mutateBytes(random, corpus),
    read,
  };
}

function streams(): Uint8Array[] {
  const content = smallSession(60);
  const noise = Uint8Array.from({ length: 700 }, seeded(3)).map((_, i) => (i * i * 31) & 255);
  const frame = zstdCompressSync(content);
  const empty = zstdCompressSync(new Uint8Array(0));
  const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
  const repeated = zstdCompressSync(new Uint8Array(300_000));
  return [frame, join([frame, frame]), join([skippable, empty, frame, skippable]), zstdCompressSync(noise), repeated];
}

/** Most decompressed bytes of an input that are looked at: a few compressed ones may stand for very many. */
const enoughBytes = 32 << 20;

async function read(input: Uint8Array): Promise<string> {
  const random = seeded(seedOf(input));
  const frames = framesOf(input, random);
  let bytes = 0;
  const parts: Uint8Array[] = [];
  let error: unknown = null;
  try {
    for await (const chunk of zstdChunks(inParts(input, random))) {
      bytes += chunk.length;
      if (bytes > enoughBytes) return 'large';
      parts.push(chunk.slice());
    }
  } catch (thrown) {
    error = thrown;
  }
  if (frames.error !== null) {
    ok(error instanceof SpymasterError, String(error));
    throw error;
  }
  // The frames are whole by their headers: what is in them decides, and zstd itself says what that is.
  const whole: Uint8Array[] = [];
  try {
    for (const frame of frames.whole) whole.push(zstdDecompressSync(frame, { maxOutputLength: enoughBytes }));
  } catch {
    ok(error instanceof SpymasterError, `zstd refuses a frame that was read: ${String(error)}`);
    equal(error.code, 'ZSTD_CORRUPT');
    throw error;
  }
  ok(error === null, `frames that zstd reads are refused: ${String(error)}`);
  ok(Buffer.concat(parts).equals(Buffer.concat(whole)), 'the content is that of the frames');
  return bytes === 0 ? 'empty' : 'read';
}

/** The frames of a stream that is given in parts; they are the stream, cut elsewhere. */
function framesOf(input: Uint8Array, random: Random): { whole: Uint8Array[]; error: SpymasterError | null } {
  const frames = new ZstdFrames();
  const whole: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  let seen = 0;
  try {
    for (const part of cut(input, random)) {
      frames.push(part);
      for (let segment = frames.next(); segment !== null; segment = frames.next()) {
        equal(segment.startsFrame, open.length === 0);
        seen += segment.bytes.length;
        open.push(segment.bytes.slice());
        if (!segment.endsFrame) continue;
        if (!segment.skippable) whole.push(join(open));
        open = [];
      }
    }
    frames.end();
    equal(seen, input.length);
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    equal(typeof error.fields.byteOffset, 'number');
    return { whole, error };
  }
  return { whole, error: null };
}

function* cut(input: Uint8Array, random: Random): Generator<Uint8Array> {
  const most = random() < 0.3 ? 4 : 1000;
  for (let at = 0; at < input.length; ) {
    const to = at + 1 + below(random, most);
    yield input.slice(at, to);
    at = to;
  }
}

async function* inParts(input: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  yield* cut(input, random);
}
