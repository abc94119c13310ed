import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { layoutOf, ZstdFrames } from '../../src/dbn/index.ts';
import { sharedPath } from '../helpers/shared.ts';

const corpus = sharedPath('data', 'dbn-corpus');

/** A file of the corpus as it is stored. */
export interface CorpusFile {
  readonly name: string;
  readonly path: string;
  readonly raw: Buffer;
  readonly isFragment: boolean;
  readonly isDbz: boolean;
  /** DBN version that the file's records are of. */
  readonly version: 1 | 2 | 3;
}

/** Every file of the corpus, by name. */
export function corpusFiles(): CorpusFile[] {
  return readdirSync(corpus)
    .sort()
    .map((name) => {
      const path = join(corpus, name);
      const raw = readFileSync(path);
      const isFragment = name.includes('.frag');
      return {
        name,
        path,
        raw,
        isFragment,
        isDbz: name.endsWith('.dbz'),
        version: versionOf(name, content(raw), isFragment),
      };
    });
}

function versionOf(name: string, bytes: Uint8Array, isFragment: boolean): 1 | 2 | 3 {
  if (name.endsWith('.dbz')) return 1;
  // The fragments are definitions, whose length tells their version.
  const version = isFragment ? layoutOf(bytes[1]!, bytes[0]! * 4)?.version : bytes[3];
  return version as 1 | 2 | 3;
}

/** Decompresses one zstd frame. */
export function decompress(frame: Uint8Array): Uint8Array {
  return zstdDecompressSync(frame);
}

/** Decompresses every frame of a zstd stream; other bytes come back as they are. */
export function content(raw: Buffer): Buffer {
  if (raw.readUInt32LE(0) !== 0xfd2fb528) return raw;
  const frames = new ZstdFrames();
  const parts: Uint8Array[] = [];
  frames.push(raw);
  for (let frame = frames.next(); frame !== null; frame = frames.next()) {
    if (!frame.skippable) parts.push(decompress(frame.bytes));
  }
  frames.end();
  return Buffer.concat(parts);
}
